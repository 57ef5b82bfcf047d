import type { CheckedLimits } from '../../src/guards/rate-limit/limits.ts';
import type { RateResult, RateStore } from '../../src/guards/rate-limit/store.ts';
import { type RedisClient, redisScript } from './connect.ts';
import { keyPart } from './key.ts';
import { CALLER_TIME, REDIS_TIME, rateScriptLua } from './rate-script.ts';

export interface RedisRateStoreOptions {
  /** What every key begins with. */
  readonly prefix: string;
  /** Whose time counts: that of Redis, which is the same for every gateway (the default), or what callers say. */
  readonly clock?: 'redis' | 'caller';
}

/**
 * Keeps buckets and daily quotas in Redis, for any number of gateways. A call is one script, so that of many at once exactly as
 * many pass as there are tokens. A key is gone once its bucket is full again and its day is over.
 *
 * @example
 * const store = redisRateStore(redis, { prefix: 'portcullis:' });
 */
export function redisRateStore(redis: RedisClient, { prefix, clock = 'redis' }: RedisRateStoreOptions): RateStore {
  const script = redisScript(rateScriptLua(clock === 'redis' ? REDIS_TIME : CALLER_TIME));

  function call(what: string, key: string, cost: number, limits: CheckedLimits, now: number): Promise<unknown> {
    const { rate, burst, dailyQuota } = limits;
    return redis.run(script, [`${prefix}rate:${keyPart(key)}`], [what, cost, rate, burst, dailyQuota ?? '', now]);
  }

  return {
    take: async (key, cost, limits, now) => parseResult(await call('take', key, cost, limits, now), limits),
    peek: async (key, cost, limits, now) => parseResult(await call('peek', key, cost, limits, now), limits),
    async charge(key, cost, limits, now) {
      await call('charge', key, cost, limits, now);
    },
  };
}

function parseResult(answer: unknown, { dailyQuota }: CheckedLimits): RateResult {
  const [ok, waitMs, by, remaining, nextMs, left, resetMs] = String(answer).split(' ');
  return {
    ok: ok === '1',
    waitMs: Number(waitMs),
    ...((by === 'rate' || by === 'quota') && { refusedBy: by }),
    remaining: Number(remaining),
    nextMs: Number(nextMs),
    ...(dailyQuota !== undefined && { quota: { remaining: Number(left), resetMs: Number(resetMs) } }),
  };
}
