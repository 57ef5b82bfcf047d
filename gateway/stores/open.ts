import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../../src/guards/rate-limit/store.ts';
import { memoryReplayStore } from '../../src/guards/replay/memory-store.ts';
import type { ReplayStore } from '../../src/guards/replay/store.ts';
import type { Log } from '../log.ts';
import type { PrometheusMeter } from '../prometheus.ts';
import { openRedis, type RedisClient } from '../redis/connect.ts';
import { redisRateStore } from '../redis/rate-store.ts';
import { redisReplay } from '../redis/replay-store.ts';
import type { StoresConfig } from './env.ts';
import { createStoreHealth, type StoreHealth } from './health.ts';
import { insuredRateStore } from './insured-rate.ts';
import { sharedReplayStore } from './shared-replay.ts';

export interface Stores {
  readonly rate: RateStore;
  readonly replay: ReplayStore;
  /** Names of shared stores without which requests are refused, and which do not answer. */
  notReady(): readonly string[];
  close(): void;
}

/**
 * Opens what the configuration names.
 *
 * @throws {ConfigError} if a package is missing, or a store refuses what the configuration says.
 */
export async function openStores(
  config: StoresConfig,
  { meter, log }: { readonly meter: PrometheusMeter; readonly log: Log },
): Promise<Stores> {
  const healthOf = createStoreHealth(meter, log);
  const redis = config.redis && (await openSharedRedis(config, healthOf('redis')));
  return {
    rate: redis?.rate ?? memoryRateStore({ onEvict: (evicted) => sayEvicted(log, 'rate', evicted) }),
    replay: redis?.replay ?? memoryReplayStore({ onEvict: (evicted) => sayEvicted(log, 'replay', evicted) }),
    notReady: () => (redis?.isNeeded && !redis.health.up ? ['redis'] : []),
    close: () => redis?.client.close(),
  };
}

interface SharedRedis {
  readonly client: RedisClient;
  readonly health: StoreHealth;
  readonly rate: RateStore | undefined;
  readonly replay: ReplayStore | undefined;
  readonly isNeeded: boolean;
}

async function openSharedRedis(config: StoresConfig, health: StoreHealth): Promise<SharedRedis | undefined> {
  const { redis: address, redisPrefix: prefix, rate, replay, rateInsurance } = config;
  if (address === undefined) return undefined;
  const client = await openRedis(address, health);
  const exact = rate === 'redis' ? redisRateStore(client, { prefix }) : undefined;
  return {
    client,
    health,
    rate: exact && rateInsurance > 0 ? insuredRateStore(exact, rateInsurance / 100) : exact,
    replay: replay === 'redis' ? sharedReplayStore(redisReplay(client, { prefix })) : undefined,
    isNeeded: replay === 'redis' || rateInsurance === 0,
  };
}

/** Said for the first eviction and then at each power of two: the store stays full, and so would the log. */
function sayEvicted(log: Log, store: string, evicted: number): void {
  if ((evicted & (evicted - 1)) === 0) log('warn', 'store_evicted', { code: 'PTC_W005', store, evicted });
}
