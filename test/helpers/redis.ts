import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { openRedis, type RedisClient } from '../../gateway/redis/connect.ts';
import type { StoreHealth } from '../../gateway/stores/health.ts';

/** The Redis that tests share, each with a prefix of its own. */
export const REDIS = { host: '127.0.0.1', port: 6379 };
export const REDIS_ADDR: string = `${REDIS.host}:${REDIS.port}`;

/** An account of what a connection said of its store. */
export interface RecordedHealth extends StoreHealth {
  readonly said: string[];
  readonly failures: number;
}

export function recordedHealth(): RecordedHealth {
  const said: string[] = [];
  let failures = 0;
  const become = (word: string): void => {
    if (said.at(-1) !== word) said.push(word);
  };
  return {
    said,
    get failures() {
      return failures;
    },
    get up() {
      return said.at(-1) === 'up';
    },
    isUp: () => become('up'),
    isDown: () => become('down'),
    failed() {
      failures++;
    },
  };
}

export function connectTo(port: number, health: StoreHealth = recordedHealth()): Promise<RedisClient> {
  const address = { host: '127.0.0.1', port, username: undefined, password: undefined, db: 0, tls: false };
  return openRedis(address, health, `test:${randomUUID()}:probe`);
}

/** A prefix that is this file's own; every key under it is gone when the file is done. */
export function ownPrefix(): string {
  const prefix = `test:${randomUUID()}:`;
  afterAll(() => removeKeys(prefix));
  return prefix;
}

export async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(REDIS);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      if (keys.length > 0) await redis.del(...(keys as string[]));
    }
  } finally {
    redis.disconnect();
  }
}

/** A Redis of the test's own, to be hung, killed and started again. */
export interface OwnRedis {
  readonly port: number;
  hang(): void;
  resume(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** A plain connection, for looking and for planting. */
  look<T>(use: (redis: Redis) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function startOwnRedis(args: readonly string[] = []): Promise<OwnRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-redis-'));
  const password = args.includes('--requirepass') ? args[args.indexOf('--requirepass') + 1] : undefined;
  let child: ChildProcess | undefined;

  async function look<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({
      port,
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
      ...(password && { password }),
    });
    redis.on('error', () => undefined);
    try {
      return await use(redis);
    } finally {
      redis.disconnect();
    }
  }

  async function start(): Promise<void> {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory, ...args];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    await Promise.race([
      look((redis) => redis.echo('x')),
      once(child, 'error').then(([error]) => Promise.reject(error)),
    ]);
  }

  async function kill(): Promise<void> {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }

  await start();
  return {
    port,
    hang: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    kill,
    start,
    look,
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
