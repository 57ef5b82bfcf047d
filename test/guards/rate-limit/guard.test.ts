import { expect, test } from 'vitest';
import { addressKey } from '../../../src/address.ts';
import type { Decision } from '../../../src/decide.ts';
import { ConfigError } from '../../../src/errors.ts';
import { createGate } from '../../../src/gate.ts';
import { defineGuard, type Guard, PASS } from '../../../src/guard.ts';
import { type RateLimitOptions, rateLimit } from '../../../src/guards/rate-limit/guard.ts';
import { memoryRateStore } from '../../../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../../../src/guards/rate-limit/store.ts';
import { buildExchange } from '../../../src/testing/build-exchange.ts';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';

const NOON = Date.UTC(2030, 0, 1, 12);

function gateWith(guards: readonly Guard[], stages = {}) {
  const clock = createFakeClock(NOON);
  const gate = createGate({ guards, stages, clock, tenant: (exchange) => exchange.header('x-tenant-id') });
  const send = (headers: Record<string, string> = {}, address = '192.0.2.1'): Promise<Decision> =>
    gate.inspect(buildExchange({ headers, address }));
  return { clock, send };
}

/** A guard that answers 401 unless the request says it is good, after a turn of the loop. */
const authentication: Guard = defineGuard({
  name: 'authentication',
  defaultStage: 'enforce',
  async inspect(exchange) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return exchange.header('authorization') === 'good' ? PASS : { kind: 'deny', code: 'PTC_D303' };
  },
});

const failures: RateLimitOptions = {
  name: 'failed-authentication',
  key: (exchange) => addressKey(exchange.address),
  rate: 1,
  burst: 3,
  spend: (decision) => decision.status === 401,
  code: 'PTC_D603',
};

test('lets a burst through, then says the true wait, then keeps its word', async () => {
  const { clock, send } = gateWith([rateLimit({ key: (exchange) => exchange.address, rate: 2, burst: 3 })]);
  for (const left of [2, 1, 0]) {
    const { outcome, headers } = await send();
    expect(outcome).toBe('allow');
    expect(headers).toEqual({
      'ratelimit-policy': '"burst";q=3;w=2',
      ratelimit: left > 0 ? `"burst";r=${left};t=2` : '"burst";r=0;t=1',
    });
  }
  const refused = await send();
  expect(refused).toMatchObject({ outcome: 'throttle', status: 429, code: 'PTC_D601', retryAfterMs: 500 });
  expect(refused.response?.headers).toMatchObject({
    'retry-after': '1',
    ratelimit: '"burst";r=0;t=1',
    'ratelimit-policy': '"burst";q=3;w=2',
  });
  clock.advance(499);
  expect((await send()).retryAfterMs).toBe(1);
  clock.advance(1);
  expect((await send()).outcome).toBe('allow');
});

test('a daily quota refuses with its own code until midnight', async () => {
  const { clock, send } = gateWith([rateLimit({ key: () => 'all', rate: 100, dailyQuota: 2 })]);
  await send();
  await send();
  const refused = await send();
  expect(refused).toMatchObject({ status: 429, code: 'PTC_D602', retryAfterMs: 43_200_000 });
  expect(refused.response?.headers['retry-after']).toBe('43200');
  clock.advance(43_200_000);
  expect((await send()).headers.ratelimit).toBe('"burst";r=199;t=2, "daily";r=1;t=86400');
});

test('a request without a key is not limited and shows no limits', async () => {
  const { send } = gateWith([rateLimit({ key: (_exchange, { tenant }) => tenant, rate: 1, burst: 1 })]);
  for (let n = 0; n < 5; n++) expect(await send()).toMatchObject({ outcome: 'allow', headers: {} });
  await send({ 'x-tenant-id': 'a' });
  expect((await send({ 'x-tenant-id': 'a' })).outcome).toBe('throttle');
  expect((await send({ 'x-tenant-id': 'b' })).outcome).toBe('allow');
});

test('limits per key, effective on the next request', async () => {
  const limits: Record<string, { rate: number; burst: number } | undefined> = { big: { rate: 10, burst: 2 } };
  const guard = rateLimit({ key: (_exchange, { tenant }) => tenant, limits: (key) => limits[key], rate: 1, burst: 1 });
  const { send } = gateWith([guard]);
  const outcomes = async (tenant: string, times: number): Promise<string[]> => {
    const list: string[] = [];
    for (let n = 0; n < times; n++) list.push((await send({ 'x-tenant-id': tenant })).outcome);
    return list;
  };
  expect(await outcomes('big', 3)).toEqual(['allow', 'allow', 'throttle']);
  expect(await outcomes('small', 2)).toEqual(['allow', 'throttle']);
  limits.other = { rate: 1, burst: 3 };
  expect(await outcomes('other', 4)).toEqual(['allow', 'allow', 'allow', 'throttle']);
});

test('without a fallback, keys that have no limits are not limited', async () => {
  const { send } = gateWith([rateLimit({ key: () => 'k', limits: () => undefined })]);
  for (let n = 0; n < 5; n++) expect(await send()).toMatchObject({ outcome: 'allow', headers: {} });
});

test('limits that turn out not to be valid fail the guard, closed or open', async () => {
  const broken: RateLimitOptions = { key: () => 'k', limits: () => ({ rate: -1 }) };
  expect(await gateWith([rateLimit(broken)]).send()).toMatchObject({ status: 503, code: 'PTC_D801' });
  expect(await gateWith([rateLimit({ ...broken, onError: 'open' })]).send()).toMatchObject({ outcome: 'allow' });
});

test.each([
  [2, [3, 1, 'throttle']],
  [0, [5, 5, 5]],
  [1.2, [3, 1, 'throttle']],
  [99, [0, 'throttle']],
  [Number.NaN, [0, 'throttle']],
  [Number.POSITIVE_INFINITY, [0, 'throttle']],
  [-5, [0, 'throttle']],
])('a cost of %d takes what it should', async (cost, expected) => {
  const { send } = gateWith([rateLimit({ key: () => 'k', rate: 1, burst: 5, cost: () => cost })]);
  for (const left of expected) {
    const decision = await send();
    if (left === 'throttle') expect(decision.outcome).toBe('throttle');
    else expect(decision.headers.ratelimit).toMatch(new RegExp(`^"burst";r=${left};`));
  }
});

test('a cost above the burst asks for a full bucket, not for the impossible', async () => {
  const { clock, send } = gateWith([rateLimit({ key: () => 'k', rate: 1, burst: 5, cost: 8 })]);
  await send();
  clock.advance(4_999);
  expect((await send()).retryAfterMs).toBe(1);
  clock.advance(1);
  expect((await send()).outcome).toBe('allow');
});

test('limits what fails, and only that: good requests from the same address cost nothing', async () => {
  const { clock, send } = gateWith([rateLimit(failures), authentication]);
  for (let n = 0; n < 20; n++) expect((await send({ authorization: 'good' })).outcome).toBe('allow');
  for (let n = 0; n < 3; n++) expect((await send()).status).toBe(401);
  expect(await send()).toMatchObject({ status: 429, code: 'PTC_D603', retryAfterMs: 1_000 });
  // The address is locked out, good requests included; another address is not.
  expect((await send({ authorization: 'good' })).status).toBe(429);
  expect((await send({}, '192.0.2.2')).status).toBe(401);
  clock.advance(999);
  expect((await send()).status).toBe(429);
  clock.advance(1);
  expect((await send()).status).toBe(401);
  expect((await send()).status).toBe(429);
});

test('being refused is not charged: the wait that was told stays true', async () => {
  const everything = { ...failures, spend: (decision: Decision) => decision.outcome !== 'allow' };
  const { clock, send } = gateWith([rateLimit(everything), authentication]);
  for (let n = 0; n < 3; n++) await send();
  for (let n = 0; n < 50; n++) expect((await send()).retryAfterMs).toBe(1_000);
  clock.advance(1_000);
  expect((await send()).status).toBe(401);
});

test('failures in flight together all pass, are all charged down to one burst of debt, and then wait for it', async () => {
  const { clock, send } = gateWith([rateLimit(failures), authentication]);
  const wave = await Promise.all(Array.from({ length: 100 }, () => send()));
  expect(wave.every(({ status }) => status === 401)).toBe(true);
  // Three tokens of debt and one to go on with, at one a second: never more, however large the wave.
  expect((await send()).retryAfterMs).toBe(4_000);
  clock.advance(4_000);
  expect((await send()).status).toBe(401);
});

test('good requests in flight together are never limited by a limiter of failures', async () => {
  const { send } = gateWith([rateLimit(failures), authentication]);
  const wave = await Promise.all(Array.from({ length: 64 }, () => send({ authorization: 'good' })));
  expect(wave.every(({ outcome }) => outcome === 'allow')).toBe(true);
  expect((await send({ authorization: 'good' })).headers.ratelimit).toBe('"burst";r=3;t=3');
});

test('guards that share a store do not share buckets', async () => {
  const store = memoryRateStore();
  const shared = { key: () => 'k', rate: 1, burst: 1, store };
  const { send } = gateWith([rateLimit({ ...shared, name: 'one' }), rateLimit({ ...shared, name: 'two' })]);
  expect((await send()).outcome).toBe('allow');
  expect(await send()).toMatchObject({ outcome: 'throttle', guard: 'one' });
  expect(store.size).toBe(2);
});

test('a store may answer later, and a store that fails is a failure of the guard', async () => {
  const memory = memoryRateStore();
  const remote: RateStore = {
    take: async (...request) => memory.take(...request),
    peek: async (...request) => memory.peek(...request),
    charge: async (...request) => memory.charge(...request),
  };
  const { send } = gateWith([rateLimit({ ...failures, store: remote }), authentication]);
  for (let n = 0; n < 3; n++) expect((await send()).status).toBe(401);
  expect((await send()).status).toBe(429);

  const down: RateStore = { ...remote, take: async () => Promise.reject(new Error('down')) };
  const options: RateLimitOptions = { key: () => 'k', rate: 1, store: down };
  expect(await gateWith([rateLimit(options)]).send()).toMatchObject({ status: 503, code: 'PTC_D801' });
  expect(await gateWith([rateLimit({ ...options, onError: 'open' })]).send()).toMatchObject({ outcome: 'allow' });
});

test('report-only counts and says what it would do, and shows the client nothing', async () => {
  const { send } = gateWith([rateLimit({ key: () => 'k', rate: 1, burst: 1 })], { 'rate-limit': 'report-only' });
  await send();
  const second = await send();
  expect(second).toMatchObject({ outcome: 'allow', headers: {} });
  expect(second.wouldBe).toMatchObject({ outcome: 'throttle', status: 429 });
});

test('headers can be left out', async () => {
  const { send } = gateWith([rateLimit({ key: () => 'k', rate: 1, burst: 1, headers: false })]);
  expect((await send()).headers).toEqual({});
  expect(Object.keys((await send()).response?.headers ?? {})).toEqual(['content-type', 'cache-control', 'retry-after']);
});

const key = (): string => 'k';
test.each([
  [undefined, 'PTC_E001'],
  [{ rate: 1 }, 'PTC_E001'],
  [{ key: 'address', rate: 1 }, 'PTC_E002'],
  [{ key }, 'PTC_E001'],
  [{ key, rate: 0 }, 'PTC_E003'],
  [{ key, burst: 3 }, 'PTC_E001'],
  [{ key, limits: () => undefined, burst: 3 }, 'PTC_E001'],
  [{ key, limits: { rate: 1 }, rate: 1 }, 'PTC_E004'],
  [{ key, limits: { rate: 1, windowMs: 1 } }, 'PTC_E004'],
  [{ key, limits: null }, 'PTC_E002'],
  [{ key, rate: 1, windowMs: 1_000 }, 'PTC_E004'],
  [{ key, rate: 1, cost: -1 }, 'PTC_E002'],
  [{ key, rate: 1, spend: 'never' }, 'PTC_E002'],
  [{ key, rate: 1, code: 'PTC_D303' }, 'PTC_E003'],
  [{ key, rate: 1, store: {} }, 'PTC_E001'],
  [{ key, rate: 1, headers: 1 }, 'PTC_E002'],
  [{ key, rate: 1, onError: 'maybe' }, 'PTC_E003'],
  [{ key, rate: 1, name: 'Not A Name' }, 'PTC_E002'],
])('refuses %o with %s', (options, code) => {
  expect(() => rateLimit(options as never)).toThrow(ConfigError);
  expect(() => rateLimit(options as never)).toThrow(code);
});
