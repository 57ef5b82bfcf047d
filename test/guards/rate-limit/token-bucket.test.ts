import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Bucket,
  bucketAt,
  CLOCK_SLACK_MS,
  charge,
  holds,
  isFull,
  levelOf,
  take,
  waitFor,
} from '../../../src/guards/rate-limit/token-bucket.ts';

const T0 = Date.UTC(2030, 0, 1);
const TEN = { rate: 10, burst: 10 };

/** Takes one token at `now` if there is one. */
function tryTake(bucket: Bucket | undefined, limits: { rate: number; burst: number }, now: number, cost = 1) {
  const ready = bucketAt(bucket, limits, now);
  return holds(ready, cost) ? { bucket: take(ready, cost), ok: true } : { bucket: ready, ok: false };
}

const limits = fc.record({ rate: fc.integer({ min: 1, max: 5_000 }), burst: fc.integer({ min: 1, max: 500 }) });
const requests = fc.array(fc.record({ afterMs: fc.nat(400), cost: fc.integer({ min: 1, max: 5 }) }), {
  minLength: 1,
  maxLength: 120,
});

test('admits what a bucket kept as an exact level in thousandths of a token admits', () => {
  fc.assert(
    fc.property(limits, requests, (bounds, sent) => {
      const full = BigInt(bounds.burst) * 1000n;
      let level = full;
      let bucket: Bucket | undefined;
      let now = T0;
      for (const { afterMs, cost } of sent) {
        now += afterMs;
        level += BigInt(afterMs) * BigInt(bounds.rate);
        if (level > full) level = full;
        const fits = level >= BigInt(cost) * 1000n;
        if (fits) level -= BigInt(cost) * 1000n;
        const got = tryTake(bucket, bounds, now, cost);
        bucket = got.bucket;
        expect(got.ok).toBe(fits);
        expect(Math.floor(levelOf(bucket))).toBe(Number(level / 1000n));
      }
    }),
  );
});

test('no window of any length admits more than burst + rate · length', () => {
  fc.assert(
    fc.property(limits, requests, (bounds, sent) => {
      const admitted: { at: number; cost: number }[] = [];
      let bucket: Bucket | undefined;
      let now = T0;
      for (const { afterMs, cost } of sent) {
        now += afterMs;
        const got = tryTake(bucket, bounds, now, cost);
        bucket = got.bucket;
        if (got.ok) admitted.push({ at: now, cost });
      }
      for (const [from, first] of admitted.entries()) {
        let sum = 0;
        for (const { at, cost } of admitted.slice(from)) {
          sum += cost;
          expect(sum * 1000).toBeLessThanOrEqual(bounds.burst * 1000 + bounds.rate * (at - first.at));
        }
      }
    }),
  );
});

test('the wait is exact: one millisecond earlier fails, at that time passes', () => {
  const anyLimits = fc.record({
    rate: fc.oneof(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0.00001, max: 1000, noNaN: true }),
      // Where the division of the wait rounds to the wrong side of a millisecond.
      fc.integer({ min: 500, max: 1_000 }).map((seconds) => 1 / seconds),
    ),
    burst: fc.integer({ min: 1, max: 1_000 }),
  });
  fc.assert(
    fc.property(anyLimits, requests, fc.double({ min: 0, max: 1, noNaN: true }), (bounds, sent, share) => {
      let bucket: Bucket | undefined;
      let now = T0;
      for (const { afterMs, cost } of sent) {
        now += afterMs;
        bucket = tryTake(bucket, bounds, now, Math.min(cost, bounds.burst)).bucket;
      }
      const cost = Math.max(1, Math.round(share * bounds.burst));
      const wait = waitFor(bucket!, cost);
      expect(tryTake(bucket, bounds, now + wait, cost).ok).toBe(true);
      expect(Number.isInteger(wait)).toBe(true);
      if (wait > 0) expect(tryTake(bucket, bounds, now + wait - 1, cost).ok).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  [1 / 833, 9, 178, 9],
  [1 / 833, 9, 235, 8],
  [1 / 753, 83, 966, 38],
  [1 / 765, 56, 863, 54],
])(
  'the wait is exact also where the division rounds: rate %d, burst %d, after %d ms, cost %d',
  (rate, burst, ms, cost) => {
    const empty = take(bucketAt(undefined, { rate, burst }, T0), burst);
    const bucket = bucketAt(empty, { rate, burst }, T0 + ms);
    const wait = waitFor(bucket, cost);
    expect(holds(bucket, cost, wait)).toBe(true);
    expect(holds(bucket, cost, wait - 1)).toBe(false);
  },
);

test('19 do not pass around an edge: ten at the end of a second leave none at the start of the next', () => {
  const admittedAt = (times: readonly number[]): number => {
    let bucket: Bucket | undefined;
    let count = 0;
    for (const at of times) {
      const got = tryTake(bucket, TEN, T0 + at);
      bucket = got.bucket;
      if (got.ok) count++;
    }
    return count;
  };
  const around = [
    ...new Array<number>(40).fill(999),
    ...new Array<number>(40).fill(1000),
    ...new Array<number>(40).fill(1001),
  ];
  expect(admittedAt(around)).toBe(10);
  // And the refill is not lost: 100 ms later there is one more.
  expect(admittedAt([...around, 1099, 1100])).toBe(11);
});

test('a bucket that is always busy for a year still gives exactly its rate', () => {
  let bucket = bucketAt(undefined, TEN, T0);
  bucket = take(bucket, 10);
  const year = 365 * 86_400_000;
  const tokens = (year / 1000) * 10;
  // Take all but what flowed back in the last second, then look at the last token to the millisecond.
  bucket = { ...bucketAt(bucket, TEN, T0), spent: bucket.spent + tokens - 1 };
  expect(tryTake(bucket, TEN, T0 + year - 1).ok).toBe(false);
  expect(tryTake(bucket, TEN, T0 + year).ok).toBe(true);
});

test('requests that come in late neither get nor lose tokens', () => {
  let bucket = take(bucketAt(undefined, TEN, T0 + 50_000), 10);
  for (let round = 0; round < 50; round++) {
    bucket = bucketAt(bucket, TEN, T0);
    bucket = bucketAt(bucket, TEN, T0 + 50_000);
  }
  expect(levelOf(bucket)).toBe(0);
  expect(levelOf(bucketAt(bucket, TEN, T0 + 50_300))).toBe(3);
});

test('a clock that is set back an hour keeps the level and goes on refilling', () => {
  const empty = take(bucketAt(undefined, TEN, T0), 10);
  const back = bucketAt(empty, TEN, T0 - 3_600_000);
  expect(levelOf(back)).toBe(0);
  expect(levelOf(bucketAt(back, TEN, T0 - 3_600_000 + 500))).toBe(5);
  // Just inside the slack it counts as late: nothing flows until the clock has caught up.
  const late = bucketAt(empty, TEN, T0 - CLOCK_SLACK_MS);
  expect(levelOf(bucketAt(late, TEN, T0 - CLOCK_SLACK_MS + 500))).toBe(0);
});

test('a changed limit keeps the level and never pays out the past at the new rate', () => {
  // 1,000 seconds of saturation at 100/s, then 10/s: no debt and no windfall.
  let bucket: Bucket | undefined = take(bucketAt(undefined, { rate: 100, burst: 200 }, T0), 200);
  bucket = take(bucketAt(bucket, { rate: 100, burst: 200 }, T0 + 1_000), 100);
  bucket = { ...bucket, spent: bucket.spent + 99_900, last: T0 + 1_000_000 };
  expect(levelOf(bucket)).toBe(0);
  const slower = bucketAt(bucket, { rate: 10, burst: 20 }, T0 + 1_000_000);
  expect(levelOf(slower)).toBe(0);
  expect(levelOf(bucketAt(slower, { rate: 10, burst: 20 }, T0 + 1_001_000))).toBe(10);
  const faster = bucketAt(bucket, { rate: 1_000, burst: 2_000 }, T0 + 1_000_000);
  expect(levelOf(faster)).toBe(0);
  // A smaller burst cuts the level; a larger one does not fill it.
  const half = take(bucketAt(undefined, { rate: 1, burst: 100 }, T0), 50);
  expect(levelOf(bucketAt(half, { rate: 1, burst: 10 }, T0))).toBe(10);
  expect(levelOf(bucketAt(half, { rate: 1, burst: 1_000 }, T0))).toBe(50);
});

test('a charge goes into debt, never further than one burst, and is paid back at the rate', () => {
  let bucket = bucketAt(undefined, TEN, T0);
  for (let n = 0; n < 1_000; n++) bucket = charge(bucket, 1);
  expect(levelOf(bucket)).toBe(-10);
  expect(waitFor(bucket, 1)).toBe(1_100);
  expect(holds(bucketAt(bucket, TEN, T0 + 1_099), 1)).toBe(false);
  expect(holds(bucketAt(bucket, TEN, T0 + 1_100), 1)).toBe(true);
  expect(isFull(bucketAt(bucket, TEN, T0 + 1_999))).toBe(false);
  expect(isFull(bucketAt(bucket, TEN, T0 + 2_000))).toBe(true);
});
