import { Buffer } from 'node:buffer';
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type Database, openPglite, openPostgres } from '../gateway/postgres/connect.ts';
import { migrate } from '../gateway/postgres/migrate.ts';
import { postgresReplay } from '../gateway/postgres/replay-store.ts';
import { setupSql } from '../gateway/postgres/roles.ts';
import { readRedisAddress } from '../gateway/redis/address.ts';
import { openRedis } from '../gateway/redis/connect.ts';
import { redisRateStore } from '../gateway/redis/rate-store.ts';
import { redisReplay } from '../gateway/redis/replay-store.ts';
import type { StoreHealth } from '../gateway/stores/health.ts';
import { sharedReplayStore } from '../gateway/stores/shared-replay.ts';
import { memoryRateStore } from '../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../src/guards/rate-limit/store.ts';
import { memoryReplayStore } from '../src/guards/replay/memory-store.ts';
import type { ReplayStore } from '../src/guards/replay/store.ts';
import { BENCH_KEY, signedRecords } from './records.ts';
import { machine, writeResult } from './report.ts';
import { callersTurn, compareInTurn, type TurnRow } from './turns.ts';

/**
 * The same requests with rates and replay in memory, Redis, PostgreSQL and PGlite: the calls of the stores alone, and whole gateways
 * over HTTP. `node bench/.build/bench/stores.js [--quick]`; needs Redis and PostgreSQL, `BENCH_REDIS` and `BENCH_POSTGRES` say where.
 */
const quick = process.argv.includes('--quick');
const CLIENTS = 16;
/** Turns of every subject; the first ones warm up and do not count. */
const ROUNDS = quick ? 2 : 12;
const WARMUP = quick ? 1 : 3;
/** Milliseconds of one turn. */
const TURN_MS = quick ? 200 : 1_000;
const REDIS_ADDR = process.env.BENCH_REDIS ?? '127.0.0.1:6379';
const POSTGRES = process.env.BENCH_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';

interface Subject {
  readonly name: string;
  /** One request, by its number. */
  readonly run: (at: number) => Promise<void>;
}

/** Many clients at once; each request has a number of its own, also across turns. */
function compare(subjects: readonly Subject[]): Promise<TurnRow[]> {
  return compareInTurn(
    subjects.map(({ name, run }) => {
      let next = 0;
      return { name, turn: () => callersTurn(() => run(++next), { callers: CLIENTS, ms: TURN_MS }) };
    }),
    { rounds: ROUNDS, warmup: WARMUP },
  );
}

const ANSWER = { status: 200, headers: { 'content-type': 'application/json' }, body: 'x'.repeat(400) };
const LIMITS = { rate: 1e9, burst: 1e9, dailyQuota: 1e12 };

/** What one accepted request asks of its stores: a token, a claim, and to keep the answer. */
function storeCalls(name: string, rate: RateStore, replay: ReplayStore): Subject {
  const run = randomUUID();
  return {
    name,
    async run(at) {
      const now = Date.now();
      const key = `bench|${run}${at}`;
      await rate.take('rate-limit:bench', 1, LIMITS, now);
      await replay.claim(key, 'd', now);
      await replay.commit(key, 'd', ANSWER, now, 1_209_600_000);
    },
  };
}

interface Gateway extends Subject {
  readonly child: ChildProcess;
}

async function startGateway(name: string, directory: string, env: Record<string, string>): Promise<Gateway> {
  const own = join(directory, name.replaceAll(/\W/g, '-'));
  const child = fork(new URL('./stores-gateway.js', import.meta.url), {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      PCS_HMAC_KEY: BENCH_KEY,
      TOKEN_RATE: '1000000',
      WAL_DIR: `${own}/wal`,
      WORM_BASE_DIR: `${own}/ledger`,
      LEDGER_KEY_FILE: `${own}/ledger.key`,
      ...env,
    },
  });
  const [port] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`the gateway with ${name} did not start`))),
  ])) as [number];
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  return { name, child, run: (at) => post(port, agent, bodyAt(at)) };
}

function post(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const req = request({ port, agent, host: '127.0.0.1', method: 'POST', path: '/v1/pcs/submit', headers }, (res) => {
      res.resume();
      res.on('end', () => (res.statusCode === 200 ? resolve() : reject(new Error(`answered ${res.statusCode}`))));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

function bodyAt(at: number): string {
  const body = bodies[at];
  if (body === undefined) throw new Error('too few records for this many requests');
  return body;
}

/** A database of the bench's own on the server, and how to be rid of it. */
async function openDatabase(): Promise<{ db: Database; url: string; drop: () => Promise<void> }> {
  const id = randomUUID().replaceAll('-', '');
  const roles = { owner: `bench_owner_${id}`, app: `bench_app_${id}`, ops: `bench_ops_${id}` };
  const login = (user: string): string =>
    Object.assign(new URL(POSTGRES), { username: user, pathname: `/portcullis_bench_${id}` }).href;
  const server = new pg.Client(POSTGRES);
  await server.connect();
  await server.query(`create database portcullis_bench_${id}`);
  const superuser = new pg.Client(login(new URL(POSTGRES).username));
  await superuser.connect();
  await superuser.query(setupSql(roles));
  await superuser.end();
  const db = await openPostgres({ owner: login(roles.owner), app: login(roles.app) }, { roles });
  await migrate(db);
  return {
    db,
    url: login(roles.app),
    async drop() {
      await db.close();
      await server.query(`drop database portcullis_bench_${id} with (force)`);
      for (const role of Object.values(roles)) await server.query(`drop role ${role}`);
      await server.end();
    },
  };
}

const prefix = `bench:${randomUUID()}:`;
const bodies = await signedRecords(quick ? 5_000 : 60_000);
const directory = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
const { db, url, drop } = await openDatabase();
const address = readRedisAddress({ REDIS_ADDR });
if (address === undefined) throw new Error('BENCH_REDIS is empty');
const health: StoreHealth = {
  up: true,
  isUp: () => undefined,
  isDown: () => undefined,
  failed: () => undefined,
};
const redis = await openRedis(address, health, `${prefix}probe`);
const pglite = await openPglite(undefined);
await migrate(pglite);
const gateways: Gateway[] = [];
try {
  const calls = await compare([
    storeCalls('memory', memoryRateStore(), memoryReplayStore()),
    storeCalls('Redis', redisRateStore(redis, { prefix }), sharedReplayStore(redisReplay(redis, { prefix }))),
    storeCalls('PostgreSQL (rates in memory)', memoryRateStore(), sharedReplayStore(postgresReplay(db))),
    storeCalls('PGlite (rates in memory)', memoryRateStore(), sharedReplayStore(postgresReplay(pglite))),
  ]);
  const configurations: [string, Record<string, string>][] = [
    ['memory', {}],
    ['Redis', { REDIS_ADDR, REDIS_PREFIX: prefix }],
    ['PostgreSQL (rates in memory)', { DEDUP_BACKEND: 'postgres', POSTGRES_CONN: url }],
    ['PGlite in memory (rates in memory)', { DEDUP_BACKEND: 'postgres', POSTGRES_CONN: 'pglite:memory' }],
  ];
  for (const [name, env] of configurations) gateways.push(await startGateway(name, directory, env));
  const whole = await compare(gateways);
  process.stdout.write(writeResult('stores', report(calls, whole)));
} finally {
  for (const { child } of gateways) {
    child.disconnect();
    await once(child, 'exit');
  }
  redis.close();
  await pglite.close();
  await drop();
  await removeKeys();
  await rm(directory, { recursive: true, force: true });
}

function report(calls: readonly TurnRow[], whole: readonly TurnRow[]): string {
  const table = (rows: readonly TurnRow[]): string[] => [
    '| state in | requests a second | p50 | p95 | p99 | over memory |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(({ name, timing: { p50, p95, p99 }, perSecond, ratio }) => {
      const times = [p50, p95, p99].map((ms) => ms.toFixed(3)).join(' | ');
      return `| ${name} | ${Math.round(perSecond)} | ${times} | ${ratio.toFixed(3)} × |`;
    }),
  ];
  const head = `# Stores\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:stores\`. ${CLIENTS} requests at once, milliseconds until each is answered; ${ROUNDS - WARMUP} turns of ${TURN_MS} ms each, in turn. Redis and PostgreSQL run on the same machine.`;
  const lines = [
    head,
    '',
    'Whole gateways over HTTP, inbox log and ledger on the disk:',
    '',
    ...table(whole),
    '',
    'The calls of the stores alone: a token, a claim, and to keep the answer.',
    '',
    ...table(calls),
    '',
  ];
  return lines.join('\n');
}

async function removeKeys(): Promise<void> {
  const client = new Redis(REDIS_ADDR.includes('://') ? REDIS_ADDR : `redis://${REDIS_ADDR}`);
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if (keys.length > 0) await client.del(...(keys as string[]));
  }
  client.disconnect();
}
