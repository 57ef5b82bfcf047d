import { expect, test } from 'vitest';
import { rateLimit } from '../../src/guards/rate-limit/guard.ts';
import { replay } from '../../src/guards/replay/guard.ts';
import { ledger } from '../../src/ledger/guard.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { expectDecision } from '../../src/testing/expect-decision.ts';
import { createTestKit, TEST_START_MS } from '../../src/testing/test-kit.ts';

const kit = createTestKit();
const gate = kit.gate({
  guards: [
    ledger({ append: kit.stores.append }),
    rateLimit({ key: () => 'all', rate: 1, burst: 1, store: kit.stores.rate }),
    replay({ key: (exchange) => exchange.header('idempotency-key'), store: kit.stores.replay }),
  ],
  answer: ({ id }) => ({ status: 200, headers: {}, body: id }),
});
const send = (key: string) => gate.inspect(buildExchange({ body: { key }, headers: { 'idempotency-key': key } }));

test('time, decisions and stores belong to the test', async () => {
  expectDecision(await send('a'), { outcome: 'allow' });
  expectDecision(await send('a'), { outcome: 'throttle', guard: 'rate-limit', retryAfterMs: 1_000 });
  kit.clock.advance(1_000);
  expectDecision(await send('a'), { outcome: 'answer', guard: 'replay' });
  await gate.flush();
  expect(kit.recorder.decisions.map(({ id, at }) => [id, at - TEST_START_MS])).toEqual([
    ['decision-1', 0],
    ['decision-2', 0],
    ['decision-3', 1_000],
  ]);
  expect(kit.stores.records).toHaveLength(3);
});

test('after a reset it is as it was at first', async () => {
  let rang = false;
  kit.clock.after(10, () => {
    rang = true;
  });
  kit.reset();
  expect([kit.clock.now(), kit.recorder.decisions.length, kit.stores.records.length]).toEqual([TEST_START_MS, 0, 0]);
  const decision = await send('a');
  expectDecision(decision, { outcome: 'allow' });
  expect(decision.id).toBe('decision-1');
  kit.clock.advance(60_000);
  expect(rang).toBe(false);
});

test('stores fail when they are told to, and work again', async () => {
  kit.reset();
  kit.stores.failWith(new Error('connection refused'));
  expectDecision(await send('b'), { status: 503, verdicts: { 'rate-limit': 'error' } });
  expect(() => kit.stores.append({} as never)).toThrow('connection refused');
  kit.stores.failWith(undefined);
  expectDecision(await send('b'), { outcome: 'allow' });
  kit.stores.failWith(new Error('again'));
  kit.reset();
  expectDecision(await send('b'), { outcome: 'allow' });
});

test('what is given to a gate comes before what the kit has', async () => {
  const seen: string[] = [];
  const own = kit.gate({ guards: [], newId: () => 'mine', sinks: [{ record: ({ id }) => void seen.push(id) }] });
  expect((await own.inspect(buildExchange())).id).toBe('mine');
  await own.flush();
  expect(seen).toEqual(['mine']);
  expect(kit.recorder.decisions.at(-1)?.id).toBe('mine');
});
