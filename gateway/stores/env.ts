import { badVariable, type Env, readInteger, readText, readWord } from '../env.ts';
import { type RedisAddress, readRedisAddress } from '../redis/address.ts';

/** What every key in Redis begins with where nothing else is said. */
export const DEFAULT_REDIS_PREFIX = 'portcullis:';
/** Percent of each limit that one gateway gives by itself while Redis fails: a quarter, for up to four gateways. */
export const DEFAULT_RATE_INSURANCE = 25;

/** Where the state lives that requests are checked against. */
export interface StoresConfig {
  readonly replay: 'memory' | 'redis' | 'postgres';
  readonly rate: 'memory' | 'redis';
  readonly redis: RedisAddress | undefined;
  readonly redisPrefix: string;
  /** Percent; 0 refuses while Redis fails. */
  readonly rateInsurance: number;
}

/**
 * Reads `DEDUP_BACKEND`, `RATE_BACKEND`, `REDIS_ADDR`, `REDIS_PREFIX` and `RATE_INSURANCE`.
 *
 * @throws {ConfigError} PTC_E011 for what cannot be used, and for what would have no effect.
 */
export function readStores(env: Env): StoresConfig {
  const redis = readRedisAddress(env);
  const usual = redis === undefined ? 'memory' : 'redis';
  const replay = readWord(env, 'DEDUP_BACKEND', usual, ['memory', 'redis', 'postgres']);
  const rate = readWord(env, 'RATE_BACKEND', usual, ['memory', 'redis']);
  for (const [name, backend] of [
    ['DEDUP_BACKEND', replay],
    ['RATE_BACKEND', rate],
  ] as const) {
    if (backend === 'redis' && redis === undefined) throw badVariable(env, name, 'set REDIS_ADDR too');
  }
  if (replay === 'postgres' && readText(env, 'POSTGRES_CONN') === undefined) {
    throw badVariable(env, 'DEDUP_BACKEND', 'set POSTGRES_CONN too');
  }
  const usesRedis = replay === 'redis' || rate === 'redis';
  if (redis !== undefined && !usesRedis) {
    throw badVariable(env, 'REDIS_ADDR', 'leave it out: neither DEDUP_BACKEND nor RATE_BACKEND is redis');
  }
  if (!usesRedis && readText(env, 'REDIS_PREFIX') !== undefined) {
    throw badVariable(env, 'REDIS_PREFIX', 'leave it out: nothing is kept in Redis');
  }
  if (rate === 'memory' && readText(env, 'RATE_INSURANCE') !== undefined) {
    throw badVariable(env, 'RATE_INSURANCE', 'leave it out: rates are counted in memory');
  }
  return {
    replay,
    rate,
    redis,
    redisPrefix: readPrefix(env),
    rateInsurance: readInteger(env, 'RATE_INSURANCE', DEFAULT_RATE_INSURANCE, { min: 0, max: 100 }),
  };
}

function readPrefix(env: Env): string {
  const prefix = readText(env, 'REDIS_PREFIX') ?? DEFAULT_REDIS_PREFIX;
  if (/^[\w.:-]{1,64}$/.test(prefix)) return prefix;
  throw badVariable(env, 'REDIS_PREFIX', 'give 1 to 64 letters, digits and .:_-');
}
