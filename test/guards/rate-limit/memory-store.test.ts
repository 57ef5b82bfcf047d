import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { checkLimits } from '../../../src/guards/rate-limit/limits.ts';
import { EVICTION_STEPS, memoryRateStore } from '../../../src/guards/rate-limit/memory-store.ts';
import type { RateResult } from '../../../src/guards/rate-limit/store.ts';

const T0 = Date.UTC(2030, 0, 1, 12);
const ONE = checkLimits('test', { rate: 1, burst: 1 });
const DAILY = checkLimits('test', { rate: 100, burst: 100, dailyQuota: 3 });

/** The memory store answers synchronously. */
function sync(result: RateResult | Promise<RateResult>): RateResult {
  expect(result).not.toBeInstanceOf(Promise);
  return result as RateResult;
}

test('keys do not share tokens', () => {
  const store = memoryRateStore();
  expect(sync(store.take('a', 1, ONE, T0)).ok).toBe(true);
  expect(sync(store.take('a', 1, ONE, T0)).ok).toBe(false);
  expect(sync(store.take('b', 1, ONE, T0)).ok).toBe(true);
});

test('names that prototypes have are keys like any other', () => {
  const store = memoryRateStore();
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty', '']) {
    expect(sync(store.take(key, 1, ONE, T0)).ok).toBe(true);
    expect(sync(store.take(key, 1, ONE, T0)).ok).toBe(false);
  }
});

test('peek says what take would say and takes nothing', () => {
  const store = memoryRateStore();
  expect(sync(store.peek('a', 1, ONE, T0))).toMatchObject({ ok: true, remaining: 1, nextMs: 0 });
  expect(sync(store.peek('a', 1, ONE, T0))).toMatchObject({ ok: true, remaining: 1 });
  expect(store.size).toBe(0);
  expect(sync(store.take('a', 1, ONE, T0))).toMatchObject({ ok: true, remaining: 0, nextMs: 1_000 });
  expect(sync(store.peek('a', 1, ONE, T0 + 1))).toMatchObject({ ok: false, waitMs: 999, refusedBy: 'rate' });
});

test('the quota refuses until midnight, and takes no tokens where it refuses', () => {
  const store = memoryRateStore();
  for (let n = 2; n >= 0; n--) {
    expect(sync(store.take('a', 1, DAILY, T0)).quota).toEqual({ remaining: n, resetMs: 43_200_000 });
  }
  const refused = sync(store.take('a', 1, DAILY, T0));
  expect(refused).toMatchObject({ ok: false, refusedBy: 'quota', waitMs: 43_200_000, remaining: 97 });
  expect(sync(store.take('a', 1, DAILY, T0 + 43_199_999)).ok).toBe(false);
  expect(sync(store.take('a', 1, DAILY, T0 + 43_200_000)).ok).toBe(true);
});

test('where both refuse, the wait is the longer one', () => {
  const store = memoryRateStore();
  const both = checkLimits('test', { rate: 0.0001, burst: 1, dailyQuota: 1 });
  store.take('a', 1, both, T0);
  expect(sync(store.peek('a', 1, both, T0))).toMatchObject({ refusedBy: 'quota', waitMs: 43_200_000 });
  const slower = checkLimits('test', { rate: 0.00001, burst: 1, dailyQuota: 1 });
  store.take('b', 1, slower, T0);
  expect(sync(store.peek('b', 1, slower, T0))).toMatchObject({ refusedBy: 'rate', waitMs: 100_000_000 });
});

test('dropping and restoring a quota within a day gives no second one', () => {
  const store = memoryRateStore();
  for (let n = 0; n < 3; n++) store.take('a', 1, DAILY, T0);
  const free = checkLimits('test', { rate: 100, burst: 100 });
  expect(sync(store.take('a', 1, free, T0 + 1)).ok).toBe(true);
  expect(sync(store.take('a', 1, DAILY, T0 + 2))).toMatchObject({ ok: false, refusedBy: 'quota' });
});

test('a cost of 0 passes whatever the state', () => {
  const store = memoryRateStore();
  for (let n = 0; n < 5; n++) store.charge('a', 1, ONE, T0);
  expect(sync(store.take('a', 0, ONE, T0)).ok).toBe(true);
  expect(sync(store.take('a', 1, ONE, T0)).ok).toBe(false);
});

test('a charge is bounded: the debt never exceeds one burst', () => {
  const store = memoryRateStore();
  const limits = checkLimits('test', { rate: 1, burst: 5 });
  for (let n = 0; n < 10_000; n++) store.charge('a', 1, limits, T0);
  expect(sync(store.peek('a', 1, limits, T0))).toMatchObject({ ok: false, remaining: 0, waitMs: 6_000 });
});

test('never holds more keys than it may', () => {
  const store = memoryRateStore({ maxKeys: 10 });
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (keys) => {
      for (const [at, key] of keys.entries()) store.take(String(key), 1, ONE, T0 + at);
      expect(store.size).toBeLessThanOrEqual(10);
    }),
  );
});

test('a full store forgets a key that is as good as new before one with tokens missing', () => {
  const evictions: number[] = [];
  const store = memoryRateStore({ maxKeys: 3, onEvict: (count) => evictions.push(count) });
  store.take('indebted', 1, checkLimits('test', { rate: 0.001, burst: 1 }), T0);
  store.take('refilled', 1, ONE, T0);
  store.take('third', 1, ONE, T0 + 500);
  // A second later `refilled` is full again although `indebted` is older.
  store.take('new', 1, ONE, T0 + 1_000);
  expect(store.size).toBe(3);
  expect(evictions).toEqual([]);
  expect(sync(store.peek('indebted', 1, ONE, T0 + 1_000)).ok).toBe(false);
  expect(sync(store.peek('third', 1, ONE, T0 + 1_000)).ok).toBe(false);
});

test('with nobody as good as new, the least recently used key goes, and is counted', () => {
  const evictions: number[] = [];
  const store = memoryRateStore({ maxKeys: 3, onEvict: (count) => evictions.push(count) });
  for (const key of ['a', 'b', 'c']) store.take(key, 1, ONE, T0);
  store.take('a', 1, ONE, T0 + 1); // refused, but used
  store.take('d', 1, ONE, T0 + 2);
  store.take('e', 1, ONE, T0 + 3);
  expect(store.evicted).toBe(2);
  expect(evictions).toEqual([1, 2]);
  expect(sync(store.peek('a', 1, ONE, T0 + 3)).ok).toBe(false);
  expect(sync(store.peek('b', 1, ONE, T0 + 3)).ok).toBe(true);
});

test('a key with quota used today is not as good as new; tomorrow it is', () => {
  const quick = checkLimits('test', { rate: 1_000, burst: 1, dailyQuota: 5 });
  const store = memoryRateStore({ maxKeys: 1 });
  store.take('a', 1, quick, T0);
  store.take('b', 1, quick, T0 + 1_000);
  expect(store.evicted).toBe(1);
  store.take('c', 1, quick, T0 + 43_200_000);
  expect(store.evicted).toBe(1);
});

test('the search for a spare key goes on where it ended, so it finds one behind many that are not', () => {
  const slow = checkLimits('test', { rate: 0.001, burst: 1 });
  const count = 10 * EVICTION_STEPS;
  const store = memoryRateStore({ maxKeys: count + 1 });
  for (let n = 0; n < count; n++) store.take(`busy-${n}`, 1, slow, T0);
  store.take('spare', 1, ONE, T0);
  for (let n = 0; n < 15; n++) store.take(`more-${n}`, 1, slow, T0 + 1_000);
  // Ten searches of eight end before the spare key, the eleventh finds it.
  expect(store.evicted).toBe(14);
  expect(store.size).toBe(count + 1);
});

test('long keys are told apart, kept short, and never taken for another key', () => {
  const store = memoryRateStore();
  const long = 'x'.repeat(100_000);
  expect(sync(store.take(`${long}a`, 1, ONE, T0)).ok).toBe(true);
  expect(sync(store.take(`${long}a`, 1, ONE, T0)).ok).toBe(false);
  expect(sync(store.take(`${long}b`, 1, ONE, T0)).ok).toBe(true);
  // python3 -c "import hashlib; print(hashlib.sha256(b'x' * 100000 + b'a').hexdigest())"
  const digest = 'a9a1f950df9aa780bd7c2c99d28ecccc43577d8874fb97fafe972313164bec1b';
  expect(sync(store.take(digest, 1, ONE, T0)).ok).toBe(true);
});

test.each([
  [{ maxKeys: 0 }, 'PTC_E003'],
  [{ maxKeys: 1.5 }, 'PTC_E003'],
  [{ maxKeys: '10' }, 'PTC_E002'],
  [{ onEvict: true }, 'PTC_E002'],
  [{ size: 3 }, 'PTC_E004'],
])('refuses %j with %s', (options, code) => {
  expect(() => memoryRateStore(options as never)).toThrow(ConfigError);
  expect(() => memoryRateStore(options as never)).toThrow(code);
});
