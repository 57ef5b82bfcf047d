import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { readInboxLog } from '../../gateway/inbox-log.ts';
import { MAX_COOLDOWN_MS } from '../../src/guards/rate-limit/turnstile.ts';
import { metric, startTestGateway, type TestGateway } from '../helpers/gateway.ts';
import { send } from '../helpers/http.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { startProxy, type TestProxy } from '../helpers/proxy.ts';
import { type OwnRedis, startOwnRedis } from '../helpers/redis.ts';
import { serverDatabase, type TestDatabase } from './postgres/databases.ts';

let redis: OwnRedis;
let database: TestDatabase;
let proxy: TestProxy;
beforeAll(async () => {
  redis = await startOwnRedis();
  database = await serverDatabase();
  proxy = await startProxy(Number(new URL(database.url('app')).port || 5432));
});
afterAll(async () => {
  await redis.stop();
  await proxy.close();
  await database.drop();
});

const start = (env: Record<string, string> = {}): Promise<TestGateway> =>
  startTestGateway({ REDIS_ADDR: `127.0.0.1:${redis.port}`, TOKEN_RATE: '1000', ...env });

function startOnPostgres(): Promise<TestGateway> {
  const address = new URL(database.url('app'));
  address.port = String(proxy.port);
  return startTestGateway({ DEDUP_BACKEND: 'postgres', POSTGRES_CONN: address.href, TOKEN_RATE: '1000' });
}

const fresh = (): Promise<string> => signedBody(wireRecord());

async function ready({ gateway }: TestGateway): Promise<unknown> {
  return JSON.parse((await send(gateway.port, { method: 'GET', path: '/ready' })).body);
}

const isReady = (gateway: TestGateway): Promise<void> =>
  vi.waitFor(async () => expect(await ready(gateway)).toEqual({ ready: true }), { timeout: 10_000, interval: 20 });

async function inboxBodies(directory: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for await (const { body } of readInboxLog(`${directory}/wal`)) bodies.push(Buffer.from(body).toString());
  return bodies;
}

interface Way {
  readonly store: 'redis' | 'postgres';
  readonly what: string;
  readonly open: () => Promise<TestGateway>;
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

const WAYS: readonly Way[] = [
  { store: 'redis', what: 'is killed', open: start, leave: () => redis.kill(), comeBack: () => redis.start() },
  { store: 'redis', what: 'hangs', open: start, leave: async () => redis.hang(), comeBack: async () => redis.resume() },
  {
    store: 'postgres',
    what: 'is cut off',
    open: startOnPostgres,
    leave: () => proxy.cut(),
    comeBack: () => proxy.mend(),
  },
  {
    store: 'postgres',
    what: 'hangs',
    open: startOnPostgres,
    leave: async () => proxy.hang(),
    comeBack: () => proxy.mend(),
  },
  {
    store: 'postgres',
    what: 'is read-only',
    open: startOnPostgres,
    leave: () => change('set default_transaction_read_only = on'),
    comeBack: () => change('reset default_transaction_read_only'),
  },
  {
    store: 'postgres',
    what: 'is out of connections',
    open: startOnPostgres,
    leave: () => change('connection limit 0'),
    comeBack: () => change('connection limit -1'),
  },
];

/** Changes the role of requests, for connections that are made from now on. */
async function change(what: string): Promise<void> {
  await database.sql(`alter role ${database.roles.app} ${what}`);
  await database.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [database.roles.app]);
}

test.each(WAYS)('$store $what under load: closed, kept in the inbox, told, and back without a restart', async (way) => {
  const { store, open, leave, comeBack } = way;
  const it = await open();
  expect((await it.submit(await fresh())).status).toBe(200);
  const bodies = await Promise.all(Array.from({ length: 40 }, fresh));
  const underway = bodies.slice(0, 20).map((body) => it.submit(body));
  await leave();
  let isBack = false;
  onTestFinished(async () => {
    if (!isBack) await comeBack();
  });
  // What was under way is answered one way or the other; nothing hangs.
  for (const { status } of await Promise.all(underway)) expect([200, 503]).toContain(status);
  const refused = await Promise.all(bodies.slice(20).map((body) => it.submit(body)));
  for (const { status, headers, json } of refused) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(json).toMatchObject({ guard: 'replay' });
  }
  expect(await ready(it)).toEqual({ ready: false, failing: [store] });
  const text = await it.metrics();
  expect(metric(text, `portcullis_store_up{store="${store}"}`)).toBe(0);
  expect(metric(text, `portcullis_store_errors_total{store="${store}"}`)).toBeGreaterThanOrEqual(20);
  expect(it.log.filter((line) => line.includes('"store_down"'))).toHaveLength(1);
  const kept = await inboxBodies(it.directory);
  for (const body of bodies) expect(kept).toContain(body);

  await comeBack();
  isBack = true;
  await isReady(it);
  expect(metric(await it.metrics(), `portcullis_store_up{store="${store}"}`)).toBe(1);
  // A claim that the store got and whose answer was lost holds up nobody.
  for (const body of bodies) expect((await it.submit(body)).status).toBe(200);
  expect(it.log.filter((line) => line.includes('"store_up"'))).toHaveLength(1);
});

test('rates go on within the insurance, and are exact again afterwards', async () => {
  const it = await start({ DEDUP_BACKEND: 'memory', TOKEN_RATE: '40', DAILY_QUOTA: '100', RATE_INSURANCE: '10' });
  expect((await it.submit(await fresh())).status).toBe(200);
  await redis.kill();
  const bodies = await Promise.all(Array.from({ length: 30 }, fresh));
  const insured: number[] = [];
  for (const body of bodies) insured.push((await it.submit(body)).status);
  // A tenth of the burst of 80 is 8, and of the day's 100 it is 10.
  const passed = insured.filter((status) => status === 200).length;
  expect(passed).toBeGreaterThanOrEqual(8);
  expect(passed).toBeLessThanOrEqual(10);
  expect(insured.filter((status) => status === 429)).toHaveLength(30 - passed);
  // Requests are taken, so it is ready; the metric tells.
  expect(await ready(it)).toEqual({ ready: true });
  expect(metric(await it.metrics(), 'portcullis_store_up{store="redis"}')).toBe(0);
  await redis.start();
  await vi.waitFor(async () => expect(metric(await it.metrics(), 'portcullis_store_up{store="redis"}')).toBe(1), {
    timeout: 10_000,
    interval: 20,
  });
  // What the insurance said last holds for a second at most.
  await sleep(MAX_COOLDOWN_MS);
  expect((await it.submit(await fresh())).status).toBe(200);
});

test('without an insurance rates are refused while Redis fails', async () => {
  const it = await start({ DEDUP_BACKEND: 'memory', RATE_INSURANCE: '0' });
  await redis.kill();
  const { status, json } = await it.submit(await fresh());
  expect([status, json.guard]).toEqual([503, 'rate-limit']);
  expect(await ready(it)).toEqual({ ready: false, failing: ['redis'] });
  await redis.start();
  await isReady(it);
});

test('a gateway that starts without Redis takes requests as soon as it is there', async () => {
  await redis.kill();
  const it = await start();
  expect((await it.submit(await fresh())).status).toBe(503);
  await redis.start();
  await isReady(it);
  expect((await it.submit(await fresh())).status).toBe(200);
});
