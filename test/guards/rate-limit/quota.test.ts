import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, untilReset, useAt } from '../../../src/guards/rate-limit/quota.ts';

test('resets at 00:00 UTC, to the millisecond', () => {
  const use = { ...useAt(undefined, Date.UTC(2024, 1, 28, 12)), used: 7 };
  expect(useAt(use, Date.UTC(2024, 1, 28, 23, 59, 59, 999)).used).toBe(7);
  expect(useAt(use, Date.UTC(2024, 1, 29)).used).toBe(0);
});

test('a clock that is set back to yesterday keeps the count, and midnight resets it there too', () => {
  const use = { ...useAt(undefined, Date.UTC(2024, 2, 2, 0, 0, 1)), used: 7 };
  const yesterday = useAt(use, Date.UTC(2024, 2, 1, 23, 59, 59));
  expect(yesterday.used).toBe(7);
  expect(useAt(yesterday, Date.UTC(2024, 2, 2)).used).toBe(0);
});

test('the wait ends at the next midnight that Date knows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
      const date = new Date(now);
      const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
      expect(now + untilReset(now)).toBe(midnight);
    }),
  );
  expect(untilReset(Date.UTC(2024, 0, 1))).toBe(DAY_MS);
});
