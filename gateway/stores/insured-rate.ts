import { type CheckedLimits, MIN_RATE } from '../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../../src/guards/rate-limit/store.ts';

/**
 * Goes on with a part of every limit, counted in this process, while the shared store fails. The part is bounded also over many
 * outages: what was used of it today stays used. The shared store is not told afterwards.
 *
 * @param share part of rate, burst and quota that this gateway may then give: above 0, at most 1. With `g` gateways, `1 / g` keeps their
 * sum within the limit
 *
 * @example
 * const store = insuredRateStore(redisRateStore(redis, { prefix }), 0.25);
 */
export function insuredRateStore(store: RateStore, share: number): RateStore {
  const local = memoryRateStore();
  const partOf = partsOf(share);

  async function either<T>(shared: () => T | Promise<T>, insured: () => T | Promise<T>): Promise<T> {
    try {
      return await shared();
    } catch {
      // The shared store has said what is wrong with it where it is watched.
      return insured();
    }
  }

  return {
    take: (key, cost, limits, now) =>
      either(
        () => store.take(key, cost, limits, now),
        () => local.take(key, costWithin(cost, partOf(limits)), partOf(limits), now),
      ),
    peek: (key, cost, limits, now) =>
      either(
        () => store.peek(key, cost, limits, now),
        () => local.peek(key, costWithin(cost, partOf(limits)), partOf(limits), now),
      ),
    charge: (key, cost, limits, now) =>
      either(
        () => store.charge(key, cost, limits, now),
        () => local.charge(key, costWithin(cost, partOf(limits)), partOf(limits), now),
      ),
  };
}

/** Limits are the same object for the same tenant again and again: each is divided once. */
function partsOf(share: number): (limits: CheckedLimits) => CheckedLimits {
  const known = new WeakMap<CheckedLimits, CheckedLimits>();
  return (limits) => {
    const { rate, burst, dailyQuota } = limits;
    const part = known.get(limits) ?? {
      rate: Math.max(MIN_RATE, rate * share),
      burst: Math.max(1, Math.floor(burst * share)),
      dailyQuota: dailyQuota === undefined ? undefined : Math.max(1, Math.floor(dailyQuota * share)),
    };
    known.set(limits, part);
    return part;
  };
}

/** What costs more than the part can hold takes all of it. */
function costWithin(cost: number, { burst, dailyQuota = burst }: CheckedLimits): number {
  return Math.min(cost, burst, dailyQuota);
}
