import { createHash } from 'node:crypto';
import { ConfigError } from '../../src/errors.ts';
import type { StoreHealth } from '../stores/health.ts';
import type { RedisAddress } from './address.ts';

/** Milliseconds that Redis has for an answer: well below the deadline of a guard. */
export const COMMAND_TIMEOUT_MS = 750;
/** Milliseconds that a connection may take. */
export const CONNECT_TIMEOUT_MS = 1_000;
/** Longest pause between two attempts to connect, in milliseconds. */
export const MAX_RETRY_MS = 1_000;
/** Milliseconds between two questions whether Redis still answers: a hung one is noticed also when no request comes. */
export const HEARTBEAT_MS = 1_000;
/** Milliseconds that a socket gets to close by itself. */
const CLOSE_MS = 100;

const REFUSAL = /(?:^|: -)(OOM|READONLY|MISCONF|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|NOPERM|NOAUTH) /;

/** A script that runs in Redis, and its name there. */
export interface RedisScript {
  readonly lua: string;
  /** SHA-1 of the text. */
  readonly sha: string;
}

/** A connection that fails fast: what cannot be sent or is not answered in time rejects, and is never sent again. */
export interface RedisClient {
  /** Runs a script in one step that nothing comes between. */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  close(): void;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/**
 * Connects, and connects again whenever that is needed. A Redis that cannot be reached is no reason not to start: `health`
 * says so, every call rejects at once, and it is in use again as soon as it answers.
 *
 * One that answers and refuses to write, as when its memory is full or it has become a replica, is down until a write works.
 *
 * @param probeKey what is written to find that out
 * @throws {ConfigError} PTC_E016 without ioredis; PTC_E011 naming `REDIS_ADDR` if Redis refuses user, password or database.
 *
 * @example
 * const redis = await openRedis(address, health, 'portcullis:probe');
 * await redis.run(script, ['portcullis:rate:acme'], [1]);
 */
export async function openRedis(address: RedisAddress, health: StoreHealth, probeKey: string): Promise<RedisClient> {
  const Redis = await loadDriver();
  const { host, port, username, password, db, tls } = address;
  const redis = new Redis({
    host,
    port,
    db,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    lazyConnect: true,
    // The oldest protocol is enough, and needs no negotiation.
    protocol: 2,
    disableClientInfo: true,
    connectionName: 'portcullis',
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    disconnectTimeout: CLOSE_MS,
    // Nothing waits for Redis to come back, and nothing is sent twice: a token would be taken twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(25 * 2 ** Math.min(times, 10), MAX_RETRY_MS) * (0.5 + Math.random() / 2),
    // A primary that became a replica refuses to write; its name may lead to the new one by now.
    reconnectOnError: (error) => refusalIn(error) === 'READONLY',
  });

  let refusal: unknown;
  let closed = false;
  let isDropped = false;
  /** It answers, and does not do what it is told: it is down until a write works. */
  let isRefusing = false;
  const isDown = (error: unknown): void => {
    if (!closed) health.isDown(error);
  };
  redis.on('error', (error: Error) => {
    if (error.name === 'ReplyError') refusal = error;
    isDown(error);
  });
  redis.on('close', () => {
    isDropped = false;
    isDown(new Error('the connection is closed'));
  });
  redis.on('ready', () => {
    if (!isRefusing) health.isUp();
  });

  /** A Redis that hangs keeps its connection: only a new one tells when it is back. */
  function onFailure(error: unknown): void {
    const word = refusalIn(error);
    if (word !== undefined) {
      isRefusing = true;
      isDown(Object.assign(new Error('it refuses to write'), { code: word }));
    }
    if (!(error instanceof Error) || error.message !== 'Command timed out') return;
    isDown(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    if (redis.status !== 'ready' || isDropped) return;
    isDropped = true;
    redis.disconnect(true);
  }

  async function tryToWrite(): Promise<void> {
    await redis.set(probeKey, '1', 'PX', HEARTBEAT_MS);
    isRefusing = false;
    if (!closed) health.isUp();
  }

  await redis.connect().catch(isDown);
  if (refusal !== undefined) {
    closed = true;
    redis.disconnect();
    const remedy = 'give user, password and database as this Redis has them: it refused the connection';
    throw new ConfigError('PTC_E011', 'REDIS_ADDR', 'an address', remedy);
  }
  const heartbeat = setInterval(() => {
    if (redis.status === 'ready') (isRefusing ? tryToWrite() : redis.ping()).catch(onFailure);
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    async run({ lua, sha }, keys, args) {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args).catch((error: unknown) => {
          if (!isMissingScript(error)) throw error;
          return redis.eval(lua, keys.length, ...keys, ...args);
        });
      } catch (error) {
        health.failed();
        onFailure(error);
        throw error;
      }
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      redis.disconnect();
    },
  };
}

/**
 * Why Redis would refuse any other command that writes, too: its own word, which a script's error has behind a dash up to Redis 6.
 */
function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return REFUSAL.exec(error.message)?.[1];
}

/** Redis forgets scripts when it starts. */
function isMissingScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

async function loadDriver(): Promise<typeof import('ioredis').Redis> {
  try {
    return (await import('ioredis')).Redis;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError('PTC_E016', 'ioredis', undefined, 'run npm install ioredis');
  }
}
