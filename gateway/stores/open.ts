import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../../src/guards/rate-limit/store.ts';
import { memoryReplayStore } from '../../src/guards/replay/memory-store.ts';
import type { ReplayStore } from '../../src/guards/replay/store.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/connect.ts';
import { postgresReplay } from '../postgres/replay-store.ts';
import { sql } from '../postgres/statement.ts';
import { isOutage, storeError } from '../postgres/store-error.ts';
import { withTenant } from '../postgres/with-tenant.ts';
import type { PrometheusMeter } from '../prometheus.ts';
import type { RedisAddress } from '../redis/address.ts';
import { openRedis } from '../redis/connect.ts';
import { redisRateStore } from '../redis/rate-store.ts';
import { redisReplay } from '../redis/replay-store.ts';
import { createBreaker } from './breaker.ts';
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

/** Milliseconds that PostgreSQL has for one step: below the deadline of a guard. */
export const POSTGRES_TIMEOUT_MS = 1_500;

/** A standby, or a server that is told to take nothing, answers and is of no use. */
const READ_ONLY = sql`select current_setting('transaction_read_only') = 'on' as is_read_only`;

export interface StoresParts {
  readonly meter: PrometheusMeter;
  readonly log: Log;
  /** There if the configuration names one. */
  readonly database: Database | undefined;
}

/** A store that several gateways share. */
interface Shared {
  readonly name: string;
  readonly health: StoreHealth;
  /** Whether requests are refused while it does not answer. */
  readonly isNeeded: boolean;
  readonly rate?: RateStore | undefined;
  readonly replay?: ReplayStore | undefined;
  close(): void;
}

/**
 * Opens what the configuration names.
 *
 * @throws {ConfigError} if a package is missing, or a store refuses what the configuration says.
 */
export async function openStores(config: StoresConfig, { meter, log, database }: StoresParts): Promise<Stores> {
  const healthOf = createStoreHealth(meter, log);
  const shared = [
    ...(config.redis ? [await openInRedis(config, config.redis, healthOf('redis'))] : []),
    ...(config.replay === 'postgres' && database ? [openInPostgres(database, healthOf('postgres'))] : []),
  ];
  const rate = shared.find((one) => one.rate)?.rate;
  const replay = shared.find((one) => one.replay)?.replay;
  return {
    rate: rate ?? memoryRateStore({ onEvict: (evicted) => sayEvicted(log, 'rate', evicted) }),
    replay: replay ?? memoryReplayStore({ onEvict: (evicted) => sayEvicted(log, 'replay', evicted) }),
    notReady: () => shared.filter(({ isNeeded, health }) => isNeeded && !health.up).map(({ name }) => name),
    close() {
      for (const one of shared) one.close();
    },
  };
}

async function openInRedis(config: StoresConfig, address: RedisAddress, health: StoreHealth): Promise<Shared> {
  const { redisPrefix: prefix, rate, replay, rateInsurance } = config;
  const client = await openRedis(address, health, `${prefix}probe`);
  const exact = rate === 'redis' ? redisRateStore(client, { prefix }) : undefined;
  return {
    name: 'redis',
    health,
    isNeeded: replay === 'redis' || rateInsurance === 0,
    rate: exact && rateInsurance > 0 ? insuredRateStore(exact, rateInsurance / 100) : exact,
    replay: replay === 'redis' ? sharedReplayStore(redisReplay(client, { prefix })) : undefined,
    close: client.close,
  };
}

function openInPostgres(database: Database, health: StoreHealth): Shared {
  const breaker = createBreaker({
    health,
    probe: () =>
      withTenant(database, null, async (query) => {
        const [row] = await query<{ is_read_only: boolean }>(READ_ONLY);
        if (row?.is_read_only !== false) throw storeError({ code: '25006' });
      }),
    timeoutMs: POSTGRES_TIMEOUT_MS,
    isOutage,
  });
  const { ask, keep, free } = postgresReplay(database);
  return {
    name: 'postgres',
    health,
    isNeeded: true,
    replay: sharedReplayStore({
      ask: (...args) => breaker.run(() => ask(...args)),
      keep: (...args) => breaker.run(() => keep(...args)),
      free: (...args) => breaker.run(() => free(...args)),
    }),
    close: breaker.close,
  };
}

/** Said for the first eviction and then at each power of two: the store stays full, and so would the log. */
function sayEvicted(log: Log, store: string, evicted: number): void {
  if ((evicted & (evicted - 1)) === 0) log('warn', 'store_evicted', { code: 'PTC_W005', store, evicted });
}
