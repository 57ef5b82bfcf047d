import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision } from '../../../src/decide.ts';
import { ConfigError } from '../../../src/errors.ts';
import { createGate, type GateOptions } from '../../../src/gate.ts';
import { defineGuard, type Guard, type GuardContext, PASS, type Verdict } from '../../../src/guard.ts';
import { type ReplayOptions, replay } from '../../../src/guards/replay/guard.ts';
import { memoryReplayStore } from '../../../src/guards/replay/memory-store.ts';
import type { Claim, ReplayStore } from '../../../src/guards/replay/store.ts';
import { buildExchange } from '../../../src/testing/build-exchange.ts';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';

const START = Date.UTC(2030, 0, 1);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const byId: ReplayOptions['key'] = (exchange) => exchange.header('idempotency-key');

/** Verifies a body: its text says what comes of it. Counts, and takes a few turns. */
function verification(count: { calls: number }): Guard {
  return defineGuard({
    name: 'verification',
    reads: 'body',
    defaultStage: 'enforce',
    async inspect(exchange): Promise<Verdict> {
      count.calls++;
      for (let n = 0; n < 3; n++) await turn();
      const text = exchange.text() ?? '';
      if (text.includes('deny')) return { kind: 'deny', code: 'PTC_D411' };
      if (text.includes('escalate')) return { kind: 'escalate', code: 'PTC_D412' };
      return PASS;
    },
  });
}

interface Setup {
  readonly options?: Partial<ReplayOptions>;
  readonly gate?: Partial<GateOptions>;
  readonly before?: readonly Guard[];
}

function setup({ options = {}, gate: more = {}, before = [] }: Setup = {}) {
  const count = { calls: 0 };
  const clock = createFakeClock(START);
  let serial = 0;
  const gate = createGate({
    guards: [...before, replay({ key: byId, ...options }), verification(count)],
    clock,
    // Each answer differs, so that a second verification would show.
    answer: (decision) => ({
      status: decision.status,
      headers: { 'content-type': 'application/json', 'x-served': 'yes' },
      body: JSON.stringify({ outcome: decision.outcome, serial: serial++, id: decision.id }),
    }),
    ...more,
  });
  const send = (body: string, key: string | null = 'k'): Promise<Decision> =>
    gate.inspect(buildExchange({ body, headers: key === null ? {} : { 'idempotency-key': key } }));
  return { send, clock, count };
}

test.each(['good', 'escalate'])('a second %s request gets the first answer byte for byte', async (body) => {
  const { send, count } = setup();
  const first = await send(body);
  const second = await send(body);
  expect(first.outcome).not.toBe('answer');
  expect(second).toMatchObject({ outcome: 'answer', status: first.status, code: 'PTC_D701', guard: 'replay' });
  expect(second.response).toEqual(first.response);
  expect(count.calls).toBe(1);
});

test('what is refused is verified again each time', async () => {
  const { send, count } = setup();
  for (let n = 0; n < 3; n++) expect(await send('deny')).toMatchObject({ outcome: 'deny', status: 400 });
  expect(count.calls).toBe(3);
});

test('what an earlier guard refuses never gets as far as a claim', async () => {
  const claims: string[] = [];
  const memory = memoryReplayStore();
  const store: ReplayStore = {
    ...memory,
    claim: (key, digest, now) => {
      claims.push(key);
      return memory.claim(key, digest, now);
    },
  };
  const unsigned = defineGuard({
    name: 'signature',
    defaultStage: 'enforce',
    inspect: () => ({ kind: 'deny', code: 'PTC_D303' }),
  });
  const { send } = setup({ options: { store }, before: [unsigned] });
  expect((await send('good')).status).toBe(401);
  expect(claims).toEqual([]);
});

test('without a key nothing is remembered', async () => {
  const { send, count } = setup();
  await send('good', null);
  expect((await send('good', null)).outcome).toBe('allow');
  expect(count.calls).toBe(2);
});

test('the same id with another body is flagged, verified afresh and answered for itself', async () => {
  const { send, count } = setup();
  const first = await send('good one');
  const other = await send('good two');
  expect(other.outcome).toBe('allow');
  expect(other.verdicts[0]?.verdict).toMatchObject({ kind: 'flag', code: 'PTC_D702' });
  expect(other.response?.body).not.toBe(first.response?.body);
  expect((await send('deny two')).outcome).toBe('deny');
  // The first one keeps the key.
  expect((await send('good one')).response).toEqual(first.response);
  expect((await send('good two')).outcome).toBe('allow');
  expect(count.calls).toBe(4);
});

test('64 at once: one verification, 64 equal answers', async () => {
  const { send, count } = setup();
  const all = await Promise.all(Array.from({ length: 64 }, () => send('good')));
  expect(count.calls).toBe(1);
  expect(all.filter(({ outcome }) => outcome === 'allow')).toHaveLength(1);
  expect(all.filter(({ outcome }) => outcome === 'answer')).toHaveLength(63);
  expect(new Set(all.map(({ response }) => JSON.stringify(response))).size).toBe(1);
});

test('64 at once that are refused are verified one after the other, and all refused', async () => {
  const { send, count } = setup();
  const all = await Promise.all(Array.from({ length: 64 }, () => send('deny')));
  expect(all.every(({ outcome, status }) => outcome === 'deny' && status === 400)).toBe(true);
  expect(count.calls).toBe(64);
});

test('two bodies at once: the other does not wait, and whoever is accepted first keeps the key', async () => {
  const { send, count } = setup();
  const [one, two] = await Promise.all([send('good one'), send('good two')]);
  expect([one.outcome, two.outcome]).toEqual(['allow', 'allow']);
  expect(count.calls).toBe(2);
  const outcomes = [(await send('good one')).outcome, (await send('good two')).outcome].sort();
  expect(outcomes).toEqual(['allow', 'answer']);
});

test('a body that was accepted while a refused one was in flight is remembered', async () => {
  const { send } = setup();
  const [refused, accepted] = await Promise.all([send('deny'), send('good')]);
  expect([refused.outcome, accepted.outcome]).toEqual(['deny', 'allow']);
  expect((await send('good')).response).toEqual(accepted.response);
});

test('remembers for its time to the millisecond, 14 days unless told otherwise', async () => {
  const { send, clock } = setup();
  await send('good');
  clock.advance(14 * 86_400_000 - 1);
  expect((await send('good')).outcome).toBe('answer');
  clock.advance(1);
  expect((await send('good')).outcome).toBe('allow');
  const short = setup({ options: { ttlMs: 5 } });
  await short.send('good');
  short.clock.advance(5);
  expect((await short.send('good')).outcome).toBe('allow');
});

test('where only the application knows the answer, the second request is 409', async () => {
  const { send, count } = setup({ gate: { answer: () => undefined } });
  expect(await send('good')).toMatchObject({ outcome: 'allow' });
  expect(await send('good')).toMatchObject({ outcome: 'deny', status: 409, code: 'PTC_D703' });
  expect((await send('another')).outcome).toBe('allow');
  expect(count.calls).toBe(2);
});

test('respond chooses the answer to keep; if it throws, the claim is let go', async () => {
  let fails = true;
  const respond: ReplayOptions['respond'] = () => {
    if (fails) throw new Error('respond');
    return { status: 201, headers: { location: '/x/1' }, body: 'made' };
  };
  const { send } = setup({ options: { respond } });
  expect(await send('good')).toMatchObject({ status: 503, code: 'PTC_D803' });
  fails = false;
  expect((await send('good')).outcome).toBe('allow');
  expect((await send('good')).response).toEqual({ status: 201, headers: { location: '/x/1' }, body: 'made' });
});

test('headers that were true only then are left out', async () => {
  const headers = {
    Date: 'x',
    RateLimit: 'x',
    'ratelimit-policy': 'x',
    'Retry-After': '1',
    'content-type': 'text/plain',
  };
  const { send } = setup({ options: { respond: () => ({ status: 200, headers, body: 'b' }) } });
  await send('good');
  expect((await send('good')).response).toEqual({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'b' });
});

test('report-only remembers, but every request goes on', async () => {
  const { send, count } = setup({ gate: { stages: { replay: 'report-only' } } });
  const first = await send('good');
  const second = await send('good');
  expect(second).toMatchObject({ outcome: 'allow' });
  expect(second.response).not.toEqual(first.response);
  expect(second.wouldBe).toMatchObject({ outcome: 'answer' });
  expect(count.calls).toBe(2);
});

test('one that waits past its deadline is refused, and its late claim is given back', async () => {
  const store = memoryReplayStore();
  const { send, clock } = setup({ options: { store, deadlineMs: 50 } });
  // Somebody else holds the body and does not come back in time.
  const digest = '770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c'; // printf good | sha256sum
  expect(store.claim('k', digest, START)).toEqual({ kind: 'new' });
  const late = send('good');
  while (store.waiting === 0) await turn();
  clock.advance(50);
  expect(await late).toMatchObject({ status: 503, code: 'PTC_D802', guard: 'replay' });
  store.release('k', digest);
  await turn();
  expect(store.waiting).toBe(0);
  // Not stuck: the next one gets the claim at once.
  expect((await send('good')).outcome).toBe('allow');
});

test('of many that wait past their deadline none keeps the claim from the next', async () => {
  const store = memoryReplayStore();
  const { send, clock } = setup({ options: { store, deadlineMs: 50 } });
  const digest = '770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c';
  store.claim('k', digest, START);
  const late = Array.from({ length: 20 }, () => send('good'));
  while (store.waiting < 20) await turn();
  clock.advance(50);
  for (const decision of await Promise.all(late)) expect(decision.status).toBe(503);
  const patient = send('good');
  while (store.waiting < 21) await turn();
  store.release('k', digest);
  expect((await patient).outcome).toBe('allow');
  expect(store.waiting).toBe(0);
});

/** A store as a network would make it: every call takes turns. */
function remote(memory: ReplayStore, claimTurns = 2): ReplayStore {
  const wait = async (turns: number): Promise<void> => {
    for (let n = 0; n < turns; n++) await turn();
  };
  return {
    claim: async (...request): Promise<Claim> => {
      await wait(claimTurns);
      return memory.claim(...request);
    },
    commit: async (...request) => {
      await wait(2);
      await memory.commit(...request);
    },
    release: async (...request) => {
      await wait(2);
      await memory.release(...request);
    },
  };
}

test('64 at once through a store that takes its time', async () => {
  const { send, count } = setup({ options: { store: remote(memoryReplayStore()) } });
  const all = await Promise.all(Array.from({ length: 64 }, () => send('good')));
  expect(count.calls).toBe(1);
  expect(new Set(all.map(({ response }) => JSON.stringify(response))).size).toBe(1);
});

test('a claim that comes after the deadline is released', async () => {
  const memory = memoryReplayStore();
  const { send, clock } = setup({ options: { store: remote(memory, 6), deadlineMs: 50 } });
  const late = send('good');
  await turn();
  await turn();
  clock.advance(50);
  expect((await late).code).toBe('PTC_D802');
  for (let n = 0; n < 12; n++) await turn();
  expect((await send('good')).outcome).toBe('allow');
});

test('a store that fails is a failure of the guard', async () => {
  const down: ReplayStore = {
    claim: () => Promise.reject(new Error('down')),
    commit: () => undefined,
    release: () => undefined,
  };
  expect(await setup({ options: { store: down } }).send('good')).toMatchObject({ status: 503, code: 'PTC_D801' });
  expect(await setup({ options: { store: down, onError: 'open' } }).send('good')).toMatchObject({ outcome: 'allow' });
  const cannotKeep: ReplayStore = {
    ...down,
    claim: () => ({ kind: 'new' }),
    commit: () => Promise.reject(new Error()),
  };
  expect(await setup({ options: { store: cannotKeep } }).send('good')).toMatchObject({ status: 503, code: 'PTC_D803' });
  const busy: ReplayStore = { ...down, claim: () => ({ kind: 'busy' }) };
  expect(await setup({ options: { store: busy } }).send('good')).toMatchObject({ status: 503, code: 'PTC_D801' });
});

test('settle before the digest is there, and settle without inspect, do nothing', async () => {
  const memory = memoryReplayStore();
  let claims = 0;
  const claim: ReplayStore['claim'] = (...request) => {
    claims++;
    return memory.claim(...request);
  };
  const guard = replay({ key: () => 'k', store: { ...memory, claim } });
  // Large enough that its digest is made elsewhere, and waited for.
  const exchange = buildExchange({ body: 'good'.repeat(2_000) });
  await exchange.loadBody();
  const context = { now: START } as GuardContext;
  const decision = { outcome: 'allow' } as Decision;
  await guard.settle?.(exchange, decision, context);
  const pending = guard.inspect(exchange, context);
  await guard.settle?.(exchange, decision, context);
  expect(await pending).toEqual({ kind: 'pass' });
  expect(claims).toBe(0);
  expect(memory.size).toBe(0);
  expect(memory.claim('k', 'any', START)).toEqual({ kind: 'new' });
});

test('for any mix of requests at once: an answer is to the very body, and nobody is left waiting', async () => {
  const body = fc.constantFrom('good one', 'good two', 'escalate three', 'deny four');
  const request = fc.record({ body, key: fc.constantFrom('k1', 'k2') });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 25 }), fc.array(request, { maxLength: 5 }), async (wave, after) => {
      const store = memoryReplayStore();
      const { send } = setup({
        options: { store },
        gate: {
          // The answer says whose it is.
          answer: ({ facts, id, status }) => ({ status, headers: {}, body: `${String(facts.text)}|${id}` }),
        },
        before: [
          defineGuard({
            name: 'teller',
            reads: 'body',
            inspect: (exchange) => ({ kind: 'pass', facts: { text: exchange.text() } }),
          }),
        ],
      });
      const answers = new Map<string, string>();
      const check = (sent: { body: string; key: string }, decision: Decision): void => {
        if (sent.body.startsWith('deny')) {
          expect(decision.outcome).toBe('deny');
          return;
        }
        expect(decision.status).toBe(sent.body.startsWith('escalate') ? 202 : 200);
        expect(decision.response?.body.split('|')[0]).toBe(sent.body);
        const line = `${sent.key} ${sent.body}`;
        if (decision.outcome === 'answer') expect(answers.get(line)).toContain(decision.response?.body);
      };
      const waved = await Promise.all(wave.map(({ body, key }) => send(body, key)));
      for (const [at, sent] of wave.entries()) {
        const line = `${sent.key} ${sent.body}`;
        const decision = waved[at]!;
        if (decision.outcome !== 'answer') answers.set(line, `${answers.get(line) ?? ''} ${decision.response?.body}`);
      }
      for (const [at, sent] of wave.entries()) check(sent, waved[at]!);
      for (const sent of after) {
        const decision = await send(sent.body, sent.key);
        const line = `${sent.key} ${sent.body}`;
        if (decision.outcome !== 'answer') answers.set(line, `${answers.get(line) ?? ''} ${decision.response?.body}`);
        check(sent, decision);
      }
      expect(store.waiting).toBe(0);
    }),
    { numRuns: 40 },
  );
});

const key = (): string => 'k';
test.each([
  [undefined, 'PTC_E001'],
  [{}, 'PTC_E001'],
  [{ key: 'id' }, 'PTC_E002'],
  [{ key, ttlMs: 0 }, 'PTC_E003'],
  [{ key, ttlMs: '1d' }, 'PTC_E002'],
  [{ key, store: { claim: key } }, 'PTC_E001'],
  [{ key, respond: {} }, 'PTC_E002'],
  [{ key, deadlineMs: 0 }, 'PTC_E003'],
  [{ key, onError: 'ignore' }, 'PTC_E003'],
  [{ key, ttl: 5 }, 'PTC_E004'],
])('refuses %o with %s', (options, code) => {
  expect(() => replay(options as never)).toThrow(ConfigError);
  expect(() => replay(options as never)).toThrow(code);
});
