import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim, ReplayStore, StoredAnswer } from '../../src/guards/replay/store.ts';

/**
 * An empty store as two gateways see it; the same one twice where only one process can see it. Keys begin with a tenant and
 * `|`, as those of the PCS preset do.
 */
export interface ReplayStores {
  readonly stores: readonly [ReplayStore, ReplayStore];
  /** The time now by the store's clock, for it to be told. */
  now(): number;
  /** Resolves when the store's clock is past a time. */
  reach(time: number): Promise<void>;
}

const TTL = 60_000;
const answer = (body: string): NonNullable<StoredAnswer> => ({ status: 200, headers: { 'x-of': 'é"\n' }, body });

/** What came of a claim so far. */
interface Watched {
  claim: Claim | undefined;
  readonly done: Promise<Claim>;
}

function watch(claim: Claim | Promise<Claim>): Watched {
  const watched: { claim: Claim | undefined; done: Promise<Claim> } = {
    claim: undefined,
    done: Promise.resolve(claim).then((said) => {
      watched.claim = said;
      return said;
    }),
  };
  return watched;
}

/**
 * What every `ReplayStore` must do, whatever stands behind it; taken from the words of its interface. `open` gives an empty
 * store that lets requests wait for longer than a test takes.
 */
export function replayConformance(name: string, open: () => Promise<ReplayStores>): void {
  describe(`replay store: ${name}`, () => {
    /** A few calls of another key, in which whoever waits in vain would have been answered. */
    async function aWhile({ stores: [store, other], now }: ReplayStores): Promise<void> {
      for (let i = 0; i < 3; i++) {
        for (const one of [store, other]) {
          await one.claim('t|elsewhere', 'x', now());
          await one.release('t|elsewhere', 'x');
        }
      }
    }

    test('the first claim is new, another body does not wait, another key is another request', async () => {
      const { stores, now } = await open();
      for (const [store, other, key] of [[...stores, 't|k'] as const, [stores[1], stores[0], 't|K'] as const]) {
        expect(await store.claim(key, 'a', now())).toEqual({ kind: 'new' });
        expect(await store.claim(key, 'b', now())).toEqual({ kind: 'other-body' });
        expect(await other.claim(key, 'b', now())).toEqual({ kind: 'other-body' });
        expect(await other.claim(`${key}.`, 'a', now())).toEqual({ kind: 'new' });
      }
    });

    test('equal requests wait until the first is committed, then all have its answer, byte for byte', async () => {
      const opened = await open();
      const { stores, now } = opened;
      await stores[0].claim('t|k', 'a', now());
      const waiting = Array.from({ length: 64 }, (_, at) => watch(stores[at % 2]!.claim('t|k', 'a', now())));
      await aWhile(opened);
      expect(waiting.filter(({ claim }) => claim !== undefined)).toEqual([]);
      await stores[0].commit('t|k', 'a', answer('first'), now(), TTL);
      for (const { done } of waiting) expect(await done).toEqual({ kind: 'stored', answer: answer('first') });
      for (const store of stores) {
        expect(await store.claim('t|k', 'a', now())).toEqual({ kind: 'stored', answer: answer('first') });
        expect(await store.claim('t|k', 'b', now())).toEqual({ kind: 'other-body' });
      }
    });

    test('of 128 at once exactly one is new', async () => {
      const { stores, now } = await open();
      const all = Array.from({ length: 128 }, (_, at) => ({
        at: at % 2,
        ...watch(stores[at % 2]!.claim('t|k', 'a', now())),
      }));
      const first = await Promise.race(all.map(async (one) => ({ at: one.at, claim: await one.done })));
      expect(first.claim).toEqual({ kind: 'new' });
      await stores[first.at]!.commit('t|k', 'a', answer('one'), now(), TTL);
      const claims = await Promise.all(all.map(({ done }) => done));
      expect(claims.filter(({ kind }) => kind === 'new')).toHaveLength(1);
      expect(claims.filter(({ kind }) => kind === 'stored')).toHaveLength(127);
    });

    test('a release makes exactly one of those who wait the next, in order of arrival at one gateway', async () => {
      const opened = await open();
      const {
        stores: [store],
        now,
      } = opened;
      await store.claim('t|k', 'a', now());
      const [first, second] = [watch(store.claim('t|k', 'a', now())), watch(store.claim('t|k', 'a', now()))];
      await store.release('t|k', 'a');
      expect(await first.done).toEqual({ kind: 'new' });
      await aWhile(opened);
      expect(second.claim).toBeUndefined();
      await store.commit('t|k', 'a', answer('x'), now(), TTL);
      expect(await second.done).toEqual({ kind: 'stored', answer: answer('x') });
    });

    test('a release at one gateway is heard at the other; with nobody in line the key is free for any body', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|k', 'a', now());
      const waiting = watch(other.claim('t|k', 'a', now()));
      await store.release('t|k', 'a');
      expect(await waiting.done).toEqual({ kind: 'new' });
      await other.release('t|k', 'a');
      expect(await store.claim('t|k', 'b', now())).toEqual({ kind: 'new' });
    });

    test('a release while another body was accepted makes the next of those who wait go on with their own', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|k', 'a', now());
      const waiting = watch(other.claim('t|k', 'a', now()));
      await other.commit('t|k', 'b', answer('of b'), now(), TTL);
      await store.release('t|k', 'a');
      expect(await waiting.done).toEqual({ kind: 'new' });
    });

    test('who holds nothing ends nothing', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|k', 'a', now());
      await store.release('t|k', 'b');
      await store.release('t|other', 'a');
      await other.release('t|k', 'b');
      expect(await other.claim('t|k', 'b', now())).toEqual({ kind: 'other-body' });
    });

    test('the first accepted body keeps the key; who waited for another one gets the answer to that one', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|k', 'a', now());
      const waiting = [store.claim('t|k', 'a', now()), other.claim('t|k', 'a', now())];
      expect(await other.claim('t|k', 'b', now())).toEqual({ kind: 'other-body' });
      await other.commit('t|k', 'b', answer('of b'), now(), TTL);
      await store.commit('t|k', 'a', answer('of a'), now(), TTL);
      for (const claim of waiting) expect(await claim).toEqual({ kind: 'stored', answer: answer('of a') });
      expect(await store.claim('t|k', 'b', now())).toEqual({ kind: 'stored', answer: answer('of b') });
      expect(await store.claim('t|k', 'a', now())).toEqual({ kind: 'other-body' });
    });

    test('a second commit changes nothing', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|k', 'a', now());
      await store.commit('t|k', 'a', answer('first'), now(), TTL);
      await other.commit('t|k', 'a', answer('second'), now(), TTL);
      await store.commit('t|k', 'b', answer('third'), now(), TTL);
      expect(await other.claim('t|k', 'a', now())).toEqual({ kind: 'stored', answer: answer('first') });
    });

    test('that only the fact is known is told apart from an empty answer', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      await store.claim('t|fact', 'a', now());
      await store.commit('t|fact', 'a', undefined, now(), TTL);
      await store.claim('t|empty', 'a', now());
      await store.commit('t|empty', 'a', answer(''), now(), TTL);
      expect(await other.claim('t|fact', 'a', now())).toEqual({ kind: 'stored', answer: undefined });
      expect(await other.claim('t|empty', 'a', now())).toEqual({ kind: 'stored', answer: answer('') });
    });

    test('is forgotten when its time is over, and not before', async () => {
      const {
        stores: [store, other],
        now,
        reach,
      } = await open();
      await store.claim('t|k', 'a', now());
      await store.claim('t|long', 'a', now());
      await store.commit('t|long', 'a', answer('long'), now(), TTL);
      await store.commit('t|k', 'a', answer('x'), now(), 40);
      const over = now() + 40;
      const early = await other.claim('t|k', 'a', now());
      // A slow machine may come too late to see it.
      if (now() < over - 1) expect(early).toEqual({ kind: 'stored', answer: answer('x') });
      await reach(over + 2);
      if (early.kind === 'stored') expect(await other.claim('t|k', 'b', now())).toEqual({ kind: 'new' });
      expect(await other.claim('t|long', 'a', now())).toEqual({ kind: 'stored', answer: answer('long') });
    });

    test('hostile names stay apart', async () => {
      const {
        stores: [store, other],
        now,
      } = await open();
      const names = [
        't|a',
        't|A',
        't|a:claim',
        't|a}',
        't|a:said:a',
        't|{a}',
        't|a%7C',
        "t|'; --",
        't|a\u0000b',
        't|a\nb',
        't|*',
        't|é',
        't|e\u0301',
        `t|${'x'.repeat(300)}`,
        `t|${'x'.repeat(301)}`,
      ];
      for (const key of names) {
        expect(await store.claim(key, 'a', now()), JSON.stringify(key)).toEqual({ kind: 'new' });
        await store.commit(key, 'a', answer(key), now(), TTL);
      }
      for (const key of names) {
        expect(await other.claim(key, 'a', now()), JSON.stringify(key)).toEqual({
          kind: 'stored',
          answer: answer(key),
        });
      }
    });

    test('does what a plain model does, for any order of calls at two gateways', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => runModel(await open(), steps)),
        { numRuns: 60 },
      );
    });
  });
}

interface Step {
  readonly what: 'claim' | 'commit' | 'release' | 'commit-unclaimed';
  readonly at: 0 | 1;
  readonly key: string;
  readonly digest: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('claim', 'claim', 'claim', 'claim', 'commit', 'release', 'commit-unclaimed'),
  at: fc.constantFrom(0, 1),
  key: fc.constantFrom('t|k1', 't|k2'),
  digest: fc.constantFrom('a', 'b', 'c'),
});

interface Waiting extends Watched {
  readonly at: 0 | 1;
}

interface Model {
  kept: { readonly digest: string; readonly answer: StoredAnswer } | undefined;
  flight: { readonly digest: string; at: 0 | 1; readonly waiting: Waiting[] } | undefined;
}

async function runModel({ stores, now }: ReplayStores, steps: readonly Step[]): Promise<void> {
  const models = new Map<string, Model>();
  let serial = 0;

  async function release(key: string, model: Model): Promise<void> {
    const flight = model.flight!;
    await stores[flight.at].release(key, flight.digest);
    if (flight.waiting.length === 0) {
      model.flight = undefined;
      return;
    }
    const next = await Promise.race(flight.waiting.map(async (one) => one.done.then(() => one)));
    expect(next.claim).toEqual({ kind: 'new' });
    flight.waiting.splice(flight.waiting.indexOf(next), 1);
    flight.at = next.at;
    expect(flight.waiting.filter(({ claim }) => claim !== undefined)).toEqual([]);
  }

  async function commit(key: string, model: Model): Promise<void> {
    const { digest, at, waiting } = model.flight!;
    const mine = answer(String(serial++));
    model.kept ??= { digest, answer: mine };
    await stores[at].commit(key, digest, mine, now(), TTL);
    const said = model.kept.digest === digest ? model.kept.answer : mine;
    for (const { done } of waiting) expect(await done).toEqual({ kind: 'stored', answer: said });
    model.flight = undefined;
  }

  for (const { what, at, key, digest } of steps) {
    const model: Model = models.get(key) ?? { kept: undefined, flight: undefined };
    models.set(key, model);
    const { kept, flight } = model;
    if (what === 'claim') {
      const claimed = watch(stores[at].claim(key, digest, now()));
      if (flight?.digest === digest)
        flight.waiting.push({
          at,
          ...claimed,
          get claim() {
            return claimed.claim;
          },
        });
      else if (kept?.digest === digest) expect(await claimed.done).toEqual({ kind: 'stored', answer: kept.answer });
      else if (kept !== undefined || flight !== undefined) expect(await claimed.done).toEqual({ kind: 'other-body' });
      else {
        expect(await claimed.done).toEqual({ kind: 'new' });
        model.flight = { digest, at, waiting: [] };
      }
    } else if (what === 'commit-unclaimed') {
      // Only for a body that was told `other-body`.
      if (flight === undefined || flight.digest === digest) continue;
      const mine = answer(String(serial++));
      model.kept ??= { digest, answer: mine };
      await stores[at].commit(key, digest, mine, now(), TTL);
    } else if (flight !== undefined) {
      if (what === 'commit') await commit(key, model);
      else await release(key, model);
    }
  }
  for (const [key, model] of models) while (model.flight !== undefined) await release(key, model);
}
