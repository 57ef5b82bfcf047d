import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { checkLimits } from '../../../src/guards/rate-limit/limits.ts';

test('the burst is two seconds of the rate where none is given, and at least one', () => {
  expect(checkLimits('x', { rate: 100 })).toEqual({ rate: 100, burst: 200, dailyQuota: undefined });
  expect(checkLimits('x', { rate: 0.1 }).burst).toBe(1);
  expect(checkLimits('x', { rate: 1.3 }).burst).toBe(3);
});

test('the fraction of a burst is dropped', () => {
  expect(checkLimits('x', { rate: 1.3, burst: 2.6 }).burst).toBe(2);
});

test.each([
  [undefined, 'PTC_E002'],
  [null, 'PTC_E002'],
  [{}, 'PTC_E001'],
  [{ rate: 0 }, 'PTC_E003'],
  [{ rate: -1 }, 'PTC_E003'],
  [{ rate: Number.NaN }, 'PTC_E002'],
  [{ rate: Number.POSITIVE_INFINITY }, 'PTC_E003'],
  [{ rate: '10' }, 'PTC_E002'],
  [{ rate: 1, burst: 0 }, 'PTC_E003'],
  [{ rate: 1, burst: 0.5 }, 'PTC_E003'],
  [{ rate: 1, burst: 1e300 }, 'PTC_E003'],
  [{ rate: 1, dailyQuota: 0 }, 'PTC_E003'],
  [{ rate: 1, dailyQuota: 1.5 }, 'PTC_E003'],
])('refuses %j with %s', (limits, code) => {
  expect(() => checkLimits('x', limits as never)).toThrow(ConfigError);
  expect(() => checkLimits('x', limits as never)).toThrow(code);
});
