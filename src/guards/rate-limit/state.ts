import type { CheckedLimits } from './limits.ts';
import { type DayUse, untilReset, useAt } from './quota.ts';
import type { RateResult } from './store.ts';
import { type Bucket, bucketAt, charge, isFull, levelOf, take, waitFor } from './token-bucket.ts';

/** All that is known of one key: plain data, for a store to keep wherever it likes. */
export interface RateState {
  readonly bucket: Bucket;
  /** There once a limit had a daily quota. */
  readonly use: DayUse | undefined;
}

/**
 * What `take` of a store is to one key: the state to keep, and the result. Pure, O(1), exact to the millisecond; a store that
 * calls it under a lock of the key is a whole store.
 *
 * @param state what was kept of the key; `undefined` for one that is new
 *
 * @example
 * const { state, result } = takeTokens(await storage.get(key), cost, limits, now);
 * await storage.put(key, state);
 * return result;
 */
export function takeTokens(
  state: RateState | undefined,
  cost: number,
  limits: CheckedLimits,
  now: number,
): { readonly state: RateState; readonly result: RateResult } {
  const { bucket, use } = stateAt(state, limits, now);
  const refused = refusal(bucket, use, cost, limits);
  if (refused !== undefined) return { state: { bucket, use }, result: resultOf(bucket, use, limits, refused) };
  const taken = take(bucket, cost);
  const used = use && { day: use.day, used: use.used + cost };
  return { state: { bucket: taken, use: used }, result: resultOf(taken, used, limits) };
}

/** What `peek` of a store is to one key; see {@link takeTokens}. */
export function peekTokens(state: RateState | undefined, cost: number, limits: CheckedLimits, now: number): RateResult {
  const { bucket, use } = stateAt(state, limits, now);
  return resultOf(bucket, use, limits, refusal(bucket, use, cost, limits));
}

/** What `charge` of a store is to one key: the state to keep; see {@link takeTokens}. */
export function chargeTokens(
  state: RateState | undefined,
  cost: number,
  limits: CheckedLimits,
  now: number,
): RateState {
  const { bucket, use } = stateAt(state, limits, now);
  return { bucket: charge(bucket, cost), use: use && { day: use.day, used: use.used + cost } };
}

/** Whether forgetting the key changes nothing. */
export function isAsNew({ bucket, use }: RateState, now: number): boolean {
  const today = bucketAt(bucket, bucket, now);
  return isFull(today) && (use === undefined || useAt(use, today.last).used === 0);
}

/** A quota counts on also while no limit names it, so that dropping and restoring a limit gives nobody a second one. */
function stateAt(state: RateState | undefined, limits: CheckedLimits, now: number): RateState {
  const bucket = bucketAt(state?.bucket, limits, now);
  const counts = limits.dailyQuota !== undefined || state?.use !== undefined;
  return { bucket, use: counts ? useAt(state?.use, bucket.last) : undefined };
}

interface Refusal {
  readonly waitMs: number;
  readonly by: 'rate' | 'quota';
}

function refusal(
  bucket: Bucket,
  use: DayUse | undefined,
  cost: number,
  { dailyQuota }: CheckedLimits,
): Refusal | undefined {
  if (cost === 0) return undefined;
  const rateMs = waitFor(bucket, cost);
  const overQuota = dailyQuota !== undefined && (use?.used ?? 0) + cost > dailyQuota;
  const quotaMs = overQuota ? untilReset(bucket.last) : 0;
  if (rateMs === 0 && quotaMs === 0) return undefined;
  return quotaMs > rateMs ? { by: 'quota', waitMs: quotaMs } : { by: 'rate', waitMs: rateMs };
}

function resultOf(bucket: Bucket, use: DayUse | undefined, limits: CheckedLimits, refused?: Refusal): RateResult {
  const { dailyQuota } = limits;
  return {
    ok: refused === undefined,
    waitMs: refused?.waitMs ?? 0,
    ...(refused && { refusedBy: refused.by }),
    remaining: Math.max(0, Math.floor(levelOf(bucket))),
    nextMs: waitFor(bucket, 1),
    ...(dailyQuota !== undefined && {
      quota: { remaining: Math.max(0, dailyQuota - (use?.used ?? 0)), resetMs: untilReset(bucket.last) },
    }),
  };
}
