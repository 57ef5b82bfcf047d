import { type CheckedLimits, MAX_RATE, MAX_TOKENS, MIN_RATE } from '../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateResult, RateStore } from '../../src/guards/rate-limit/store.ts';

const UNLIMITED = { rate: MAX_RATE, burst: MAX_TOKENS } as const;

/** What this gateway may give by itself: tokens, and of the day. */
interface Part {
  readonly bucket: CheckedLimits;
  readonly day: CheckedLimits | undefined;
}

/**
 * Goes on with a part of every limit, counted in this process, while the shared store fails. Of the day's part, what this
 * process has let pass today is gone, through the shared store or without it. The shared store is not told afterwards.
 *
 * @param share part of rate, burst and quota that this gateway may then give: above 0, at most 1. With `g` gateways, `1 / g` keeps
 * the sum of what they give meanwhile within the limit
 *
 * @example
 * const store = insuredRateStore(redisRateStore(redis, { prefix }), 0.25);
 */
export function insuredRateStore(store: RateStore, share: number): RateStore {
  const buckets = memoryRateStore();
  const days = memoryRateStore();
  const partOf = partsOf(share);

  /** What passed counts for the day, whoever let it pass. */
  function count(key: string, cost: number, { day }: Part, now: number): void {
    if (day !== undefined) days.charge(key, cost, day, now);
  }

  function insured(call: 'take' | 'peek', key: string, cost: number, limits: CheckedLimits, now: number): RateResult {
    const part = partOf(limits);
    const { bucket, day } = part;
    const tokens = Math.min(cost, bucket.burst);
    if (day === undefined) return buckets[call](key, tokens, bucket, now) as RateResult;
    // What costs more than a part can hold takes all of it; of nothing there is nothing to take.
    const ofDay = Math.min(cost, Math.max(1, day.dailyQuota ?? 1));
    const today = days.peek(key, ofDay, day, now) as RateResult;
    const result = buckets[today.ok ? call : 'peek'](key, tokens, bucket, now) as RateResult;
    if (!today.ok) {
      const { waitMs, quota } = today;
      const isLonger = waitMs > result.waitMs;
      return { ...result, ok: false, ...(isLonger && { waitMs, refusedBy: 'quota' }), ...(quota && { quota }) };
    }
    if (call === 'take' && result.ok) count(key, ofDay, part, now);
    const { quota } = days.peek(key, 0, day, now) as RateResult;
    return { ...result, ...(quota && { quota }) };
  }

  return {
    async take(key, cost, limits, now) {
      let result: RateResult;
      try {
        result = await store.take(key, cost, limits, now);
      } catch {
        // The shared store has said what is wrong with it where it is watched.
        return insured('take', key, cost, limits, now);
      }
      if (result.ok) count(key, cost, partOf(limits), now);
      return result;
    },
    async peek(key, cost, limits, now) {
      try {
        return await store.peek(key, cost, limits, now);
      } catch {
        return insured('peek', key, cost, limits, now);
      }
    },
    async charge(key, cost, limits, now) {
      const part = partOf(limits);
      try {
        await store.charge(key, cost, limits, now);
      } catch {
        buckets.charge(key, Math.min(cost, part.bucket.burst), part.bucket, now);
      }
      count(key, cost, part, now);
    },
  };
}

/** Limits are the same object for the same tenant again and again: each is divided once. */
function partsOf(share: number): (limits: CheckedLimits) => Part {
  const known = new WeakMap<CheckedLimits, Part>();
  return (limits) => {
    const { rate, burst, dailyQuota } = limits;
    const part = known.get(limits) ?? {
      bucket: {
        rate: Math.max(MIN_RATE, rate * share),
        burst: Math.max(1, Math.floor(burst * share)),
        dailyQuota: undefined,
      },
      day: dailyQuota === undefined ? undefined : { ...UNLIMITED, dailyQuota: Math.floor(dailyQuota * share) },
    };
    known.set(limits, part);
    return part;
  };
}
