import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import type { KnownResponse } from '../../../src/guard.ts';
import { ENTRY_OVERHEAD_BYTES, memoryReplayStore } from '../../../src/guards/replay/memory-store.ts';
import type { Claim } from '../../../src/guards/replay/store.ts';

const TTL = 1_000;
const answer = (body: string): KnownResponse => ({ status: 200, headers: {}, body });

/** A claim that came at once, or `waits`. */
function now(claim: Claim | Promise<Claim>): Claim | { kind: 'waits' } {
  return claim instanceof Promise ? { kind: 'waits' } : claim;
}

test('the first claim is new, an equal one waits, another body does not', () => {
  const store = memoryReplayStore();
  expect(now(store.claim('k', 'a', 0))).toEqual({ kind: 'new' });
  expect(now(store.claim('k', 'a', 0))).toEqual({ kind: 'waits' });
  expect(now(store.claim('k', 'b', 0))).toEqual({ kind: 'other-body' });
  expect(now(store.claim('other', 'a', 0))).toEqual({ kind: 'new' });
  expect(store.waiting).toBe(1);
});

test('a commit answers everyone who waited and everyone who comes', async () => {
  const store = memoryReplayStore();
  store.claim('k', 'a', 0);
  const waiters = Array.from({ length: 63 }, () => store.claim('k', 'a', 0));
  store.commit('k', 'a', answer('first'), 0, TTL);
  for (const claim of await Promise.all(waiters)) expect(claim).toEqual({ kind: 'stored', answer: answer('first') });
  expect(now(store.claim('k', 'a', 0))).toEqual({ kind: 'stored', answer: answer('first') });
  expect(now(store.claim('k', 'b', 0))).toEqual({ kind: 'other-body' });
  expect(store.waiting).toBe(0);
});

test('a release passes the claim to the first in line only', async () => {
  const store = memoryReplayStore();
  const order: string[] = [];
  store.claim('k', 'a', 0);
  const first = Promise.resolve(store.claim('k', 'a', 0)).then((claim) => order.push(`first ${claim.kind}`));
  const second = Promise.resolve(store.claim('k', 'a', 0)).then((claim) => order.push(`second ${claim.kind}`));
  store.release('k', 'a');
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['first new']);
  store.commit('k', 'a', answer('x'), 0, TTL);
  await second;
  expect(order).toEqual(['first new', 'second stored']);
});

test('a release with nobody in line frees the key for any body', () => {
  const store = memoryReplayStore();
  store.claim('k', 'a', 0);
  store.release('k', 'b');
  expect(now(store.claim('k', 'b', 0))).toEqual({ kind: 'other-body' });
  store.release('k', 'a');
  expect(now(store.claim('k', 'b', 0))).toEqual({ kind: 'new' });
});

test('first write wins: a body that was accepted while another was being processed keeps the key', async () => {
  const store = memoryReplayStore();
  store.claim('k', 'a', 0);
  const waiter = store.claim('k', 'a', 0);
  expect(now(store.claim('k', 'b', 0))).toEqual({ kind: 'other-body' });
  store.commit('k', 'b', answer('of b'), 1, TTL);
  store.commit('k', 'a', answer('of a'), 2, TTL);
  // Who waited for body a gets the answer to body a, never the one to b.
  expect(await waiter).toEqual({ kind: 'stored', answer: answer('of a') });
  expect(now(store.claim('k', 'b', 3))).toEqual({ kind: 'stored', answer: answer('of b') });
  expect(now(store.claim('k', 'a', 3))).toEqual({ kind: 'other-body' });
});

test('is remembered for its time to the millisecond', () => {
  const store = memoryReplayStore();
  store.claim('k', 'a', 500);
  store.commit('k', 'a', answer('x'), 500, TTL);
  expect(now(store.claim('k', 'a', 1_499)).kind).toBe('stored');
  expect(now(store.claim('k', 'a', 1_500)).kind).toBe('new');
});

test('a marker is told apart from an answer', () => {
  const store = memoryReplayStore();
  store.claim('k', 'a', 0);
  store.commit('k', 'a', undefined, 0, TTL);
  expect(now(store.claim('k', 'a', 0))).toEqual({ kind: 'stored', answer: undefined });
});

test('waiters are bounded, over all keys', async () => {
  const store = memoryReplayStore({ maxWaiting: 2 });
  for (const key of ['a', 'b', 'c']) store.claim(key, 'x', 0);
  const first = store.claim('a', 'x', 0);
  expect(now(store.claim('b', 'x', 0)).kind).toBe('waits');
  expect(now(store.claim('c', 'x', 0))).toEqual({ kind: 'busy' });
  store.commit('a', 'x', undefined, 0, TTL);
  await first;
  expect(now(store.claim('c', 'x', 0)).kind).toBe('waits');
});

/** Puts an accepted request into the store. */
function put(store: ReturnType<typeof memoryReplayStore>, key: string, at: number, body = '', ttl = TTL): void {
  store.claim(key, 'd', at);
  store.commit(key, 'd', answer(body), at, ttl);
}

test('when full, the oldest goes and is counted; what is past its time is not', () => {
  const counts: number[] = [];
  const store = memoryReplayStore({ maxEntries: 3, onEvict: (evicted) => counts.push(evicted) });
  for (const [at, key] of ['a', 'b', 'c'].entries()) put(store, key, at);
  put(store, 'd', 3);
  expect(store.size).toBe(3);
  expect(counts).toEqual([1]);
  expect(now(store.claim('a', 'd', 4)).kind).toBe('new');
  expect(now(store.claim('b', 'd', 4)).kind).toBe('stored');
  put(store, 'e', 1_000_000);
  expect(store.size).toBe(1);
  expect(store.evicted).toBe(1);
});

test('an entry that expired, was looked up and came again is the newest, not the oldest', () => {
  const store = memoryReplayStore({ maxEntries: 2 });
  put(store, 'a', 0, '', 10);
  put(store, 'b', 0);
  put(store, 'a', 20);
  put(store, 'c', 21);
  expect(now(store.claim('a', 'd', 22)).kind).toBe('stored');
  expect(now(store.claim('c', 'd', 22)).kind).toBe('stored');
});

test('bytes are bounded, whatever the answers', () => {
  const maxBytes = 20_000;
  fc.assert(
    fc.property(fc.array(fc.record({ key: fc.string(), size: fc.nat(12_000) }), { maxLength: 60 }), (requests) => {
      const store = memoryReplayStore({ maxBytes });
      let peak = 0;
      for (const [at, { key, size }] of requests.entries()) {
        put(store, key, at, 'x'.repeat(size));
        peak = Math.max(peak, store.bytes);
      }
      expect(peak).toBeLessThanOrEqual(maxBytes);
      expect(store.bytes).toBeGreaterThanOrEqual(store.size * ENTRY_OVERHEAD_BYTES);
    }),
  );
});

test('an answer larger than the store is remembered as a fact; a key larger than the store is not', () => {
  const store = memoryReplayStore({ maxBytes: 1_000 });
  put(store, 'k', 0, 'x'.repeat(1_000));
  expect(now(store.claim('k', 'd', 1))).toEqual({ kind: 'stored', answer: undefined });
  put(store, 'k'.repeat(1_000), 0);
  expect(store.bytes).toBeLessThanOrEqual(1_000);
  expect(store.evicted).toBe(1);
});

test('a listener that throws keeps nobody waiting', async () => {
  const store = memoryReplayStore({
    maxEntries: 1,
    onEvict: () => {
      throw new Error('listener');
    },
  });
  put(store, 'a', 0);
  store.claim('b', 'd', 1);
  const waiter = store.claim('b', 'd', 1);
  store.commit('b', 'd', answer('x'), 1, TTL);
  expect((await waiter).kind).toBe('stored');
});

test('eviction keeps its books over a hundred thousand commits through a small store', () => {
  const store = memoryReplayStore({ maxEntries: 1_000 });
  for (let n = 0; n < 100_000; n++) put(store, String(n), n, '', 1e9);
  expect(store.size).toBe(1_000);
  expect(store.evicted).toBe(99_000);
});

interface Reference {
  /** Kept answers by key. */
  readonly kept: Map<string, { digest: string; body: string; until: number }>;
  /** The body in flight by key. */
  readonly flying: Map<string, { digest: string }>;
}

const step = fc.record({
  what: fc.constantFrom('claim', 'claim', 'claim', 'commit', 'release', 'commit-unclaimed', 'later'),
  key: fc.constantFrom('k1', 'k2'),
  digest: fc.constantFrom('a', 'b', 'c'),
  ms: fc.nat(400),
});

test('does what a plain model does, for any order of claims, commits, releases and time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const store = memoryReplayStore();
      const model: Reference = { kept: new Map(), flying: new Map() };
      const got: string[][] = [];
      const expected: string[][] = [];
      let time = 0;
      let serial = 0;
      const waiters = new Map<string, number[]>();

      for (const { what, key, digest, ms } of steps) {
        const kept = model.kept.get(key);
        if (kept !== undefined && time >= kept.until) model.kept.delete(key);
        const keptNow = model.kept.get(key);
        const flying = model.flying.get(key);
        const line = `${key} ${flying?.digest}`;
        switch (what) {
          case 'claim': {
            const at = got.push([]) - 1;
            expected.push([]);
            const claim = store.claim(key, digest, time);
            const note = (made: Claim): void => {
              // Never another body's outcome: each answer starts with the digest it was given to.
              if (made.kind === 'stored') expect(made.answer?.body.split(' ')[0]).toBe(digest);
              got[at]?.push(made.kind === 'stored' ? `stored ${made.answer?.body}` : made.kind);
            };
            if (claim instanceof Promise) claim.then(note);
            else note(claim);
            if (flying?.digest === digest) waiters.set(line, [...(waiters.get(line) ?? []), at]);
            else if (keptNow?.digest === digest) expected[at]?.push(`stored ${keptNow.body}`);
            else if (keptNow !== undefined || flying !== undefined) expected[at]?.push('other-body');
            else {
              expected[at]?.push('new');
              model.flying.set(key, { digest });
            }
            break;
          }
          case 'commit':
          case 'commit-unclaimed': {
            const whose = what === 'commit' ? flying?.digest : digest;
            if (whose === undefined) break;
            const body = `${whose} ${serial++}`;
            store.commit(key, whose, answer(body), time, TTL);
            if (keptNow === undefined) model.kept.set(key, { digest: whose, body, until: time + TTL });
            if (flying?.digest !== whose) break;
            const winner = model.kept.get(key);
            for (const at of waiters.get(line) ?? []) {
              expected[at]?.push(`stored ${winner?.digest === whose ? winner.body : body}`);
            }
            waiters.delete(line);
            model.flying.delete(key);
            break;
          }
          case 'release': {
            if (flying === undefined) break;
            store.release(key, flying.digest);
            const [next, ...others] = waiters.get(line) ?? [];
            waiters.set(line, others);
            if (next === undefined) model.flying.delete(key);
            else expected[next]?.push('new');
            break;
          }
          default:
            time += ms;
        }
        await null;
        await null;
        expect(got).toEqual(expected);
      }
      expect(store.waiting).toBe([...waiters.values()].reduce((sum, { length }) => sum + length, 0));
    }),
    { numRuns: 300 },
  );
});

test.each([
  [{ maxEntries: 0 }, 'PTC_E003'],
  [{ maxBytes: 1.5 }, 'PTC_E003'],
  [{ maxWaiting: -1 }, 'PTC_E003'],
  [{ maxEntries: '10' }, 'PTC_E002'],
  [{ onEvict: 1 }, 'PTC_E002'],
  [{ ttl: 3 }, 'PTC_E004'],
])('refuses %j with %s', (options, code) => {
  expect(() => memoryReplayStore(options as never)).toThrow(ConfigError);
  expect(() => memoryReplayStore(options as never)).toThrow(code);
});
