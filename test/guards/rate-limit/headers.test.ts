import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateLimitHeaders } from '../../../src/guards/rate-limit/headers.ts';
import { checkLimits } from '../../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../../src/guards/rate-limit/memory-store.ts';
import type { RateResult } from '../../../src/guards/rate-limit/store.ts';

const T0 = Date.UTC(2030, 0, 1, 23, 59, 0);
const BURST = checkLimits('x', { rate: 100, burst: 200 });
const BOTH = checkLimits('x', { rate: 100, burst: 200, dailyQuota: 1_000 });

test('names the policy and what is left of it', () => {
  const passed: RateResult = { ok: true, waitMs: 0, remaining: 199, nextMs: 0 };
  expect(rateLimitHeaders(BURST, passed)).toEqual({
    'ratelimit-policy': '"burst";q=200;w=2',
    ratelimit: '"burst";r=199;t=2',
  });
});

test('with nothing left, the window ends with the next token', () => {
  expect(rateLimitHeaders(BURST, { ok: true, waitMs: 0, remaining: 0, nextMs: 10 }).ratelimit).toBe('"burst";r=0;t=1');
});

test('a quota is a second member of both lists', () => {
  const passed: RateResult = { ok: true, waitMs: 0, remaining: 5, nextMs: 0, quota: { remaining: 7, resetMs: 60_000 } };
  expect(rateLimitHeaders(BOTH, passed)).toEqual({
    'ratelimit-policy': '"burst";q=200;w=2, "daily";q=1000;w=86400',
    ratelimit: '"burst";r=5;t=2, "daily";r=7;t=60',
  });
});

test('a refusal names the limit that refused, with the wait', () => {
  const quota = { remaining: 0, resetMs: 59_001 };
  const byQuota: RateResult = { ok: false, waitMs: 59_001, refusedBy: 'quota', remaining: 150, nextMs: 0, quota };
  expect(rateLimitHeaders(BOTH, byQuota).ratelimit).toBe('"daily";r=0;t=60');
  const byRate: RateResult = { ok: false, waitMs: 1_500, refusedBy: 'rate', remaining: 3, nextMs: 0, quota };
  expect(rateLimitHeaders(BOTH, byRate).ratelimit).toBe('"burst";r=3;t=2');
});

// RFC 9651: a List of Items; a String item; Integer parameters of at most 15 digits.
const LIST = /^"[a-z]+"(?:;[a-z]+=\d{1,15})+(?:, "[a-z]+"(?:;[a-z]+=\d{1,15})+)*$/;

test('always a list of strings with integer parameters, for any limits', () => {
  const limits = fc.record({
    rate: fc.oneof(fc.double({ min: 0.00001, max: 1e9, noNaN: true }), fc.constantFrom(0.00001, 1e9)),
    burst: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(1, 1e12)),
    dailyQuota: fc.option(fc.integer({ min: 1, max: 1e12 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(limits, fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 5 }), (init, costs) => {
      const checked = checkLimits('x', init);
      const store = memoryRateStore();
      const most = Math.min(checked.burst, checked.dailyQuota ?? checked.burst);
      for (const cost of [...costs, most, most]) {
        const result = store.take('k', Math.min(cost, most), checked, T0) as RateResult;
        const headers = rateLimitHeaders(checked, result);
        expect(headers['ratelimit-policy']).toMatch(LIST);
        expect(headers.ratelimit).toMatch(LIST);
      }
    }),
  );
});
