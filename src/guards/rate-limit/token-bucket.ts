/**
 * How far a request's time may lie behind the latest one seen and still count as late rather than as a clock that
 * was set back, in milliseconds. Requests carry the time at which they came in, so they arrive out of order.
 */
export const CLOCK_SLACK_MS = 60_000;

/** Refill and size of a bucket. */
export interface BucketRate {
  /** Tokens per second, more than 0. */
  readonly rate: number;
  /** Tokens that a full bucket holds: a whole number, 1 or more. */
  readonly burst: number;
}

/**
 * A bucket as a count, not as a level: whole tokens spent since `start`, a moment when it was full. The level
 * follows by one multiplication, so nothing rounds from request to request and the wait is exact.
 */
export interface Bucket extends BucketRate {
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Tokens spent since `start`. */
  readonly spent: number;
  /** The latest time seen, milliseconds since the epoch. */
  readonly last: number;
}

/**
 * A bucket brought up to `now`; a new one is full. O(1).
 *
 * Time that runs late by up to {@link CLOCK_SLACK_MS} counts as the latest time seen: it neither gives nor takes
 * tokens. Time further back means that the clock was set back: the level stays, and refills from there on.
 * Where rate or burst changed, the level is kept, cut to the new burst.
 *
 * @example
 * const bucket = bucketAt(undefined, { rate: 10, burst: 20 }, Date.now());
 * levelOf(bucket); // 20
 */
export function bucketAt(bucket: Bucket | undefined, { rate, burst }: BucketRate, now: number): Bucket {
  if (bucket === undefined) return { start: now, spent: 0, last: now, rate, burst };
  let { start, spent, last } = bucket;
  if (now > last) {
    last = now;
  } else if (now < last - CLOCK_SLACK_MS) {
    start += now - last;
    last = now;
  }
  if (isFullAt(bucket, start, last)) return { start: last, spent: 0, last, rate, burst };
  if (rate !== bucket.rate || burst !== bucket.burst) {
    const level = Math.min(levelAt(bucket, start, last), burst);
    start = last;
    spent = Math.min(burst - level, 2 * burst);
  }
  return { start, spent, last, rate, burst };
}

/** Tokens in a bucket at its latest time; below zero after {@link charge} put it in debt. */
export function levelOf(bucket: Bucket): number {
  return levelAt(bucket, bucket.start, bucket.last);
}

/** Whether the bucket, at its latest time, is as good as new. */
export function isFull(bucket: Bucket): boolean {
  return isFullAt(bucket, bucket.start, bucket.last);
}

/** Whether `cost` tokens are there `laterMs` after the bucket's latest time, if nobody else takes any. */
export function holds(bucket: Bucket, cost: number, laterMs = 0): boolean {
  const { start, spent, last, rate, burst } = bucket;
  // Both sides in thousandths of a token: exact for whole rates, and the same test that the wait is made from.
  return (spent + cost - burst) * 1000 <= (last + laterMs - start) * rate;
}

/** The bucket less `cost` tokens, which it must hold. */
export function take(bucket: Bucket, cost: number): Bucket {
  return { ...bucket, spent: bucket.spent + cost };
}

/** The bucket less `cost` tokens, whether it holds them or not, but never further below empty than one burst. */
export function charge(bucket: Bucket, cost: number): Bucket {
  const lowest = bucket.burst + levelOf(bucket) + bucket.spent;
  return { ...bucket, spent: Math.max(bucket.spent, Math.min(bucket.spent + cost, lowest)) };
}

/**
 * Whole milliseconds from the bucket's latest time until it holds `cost` tokens, 0 if it does. Exact: one
 * millisecond earlier it does not. `cost` must not exceed the burst.
 */
export function waitFor(bucket: Bucket, cost: number): number {
  if (holds(bucket, cost)) return 0;
  const { start, spent, last, rate, burst } = bucket;
  const wait = Math.max(1, Math.ceil(((spent + cost - burst) * 1000) / rate - (last - start)));
  // The division rounds, the test does not: at most one step apart.
  if (!holds(bucket, cost, wait)) return wait + 1;
  return wait > 1 && holds(bucket, cost, wait - 1) ? wait - 1 : wait;
}

function levelAt({ spent, rate, burst }: Bucket, start: number, at: number): number {
  return Math.min(burst, ((burst - spent) * 1000 + (at - start) * rate) / 1000);
}

function isFullAt({ spent, rate }: Bucket, start: number, at: number): boolean {
  return spent * 1000 <= (at - start) * rate;
}
