import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openRedis, type RedisClient, redisScript } from '../../../gateway/redis/connect.ts';
import { connectTo, type OwnRedis, type RecordedHealth, recordedHealth, startOwnRedis } from '../../helpers/redis.ts';

const PING = redisScript("return 'pong'");
const COUNT = redisScript("return redis.call('INCR', KEYS[1])");

/** A client that is closed after the test, and what it said of its store. */
async function client(port: number): Promise<RedisClient & { health: RecordedHealth }> {
  const health = recordedHealth();
  const redis = await connectTo(port, health);
  onTestFinished(() => redis.close());
  return { ...redis, health };
}

const isUp = (redis: RedisClient): Promise<void> =>
  vi.waitFor(async () => expect(await redis.run(PING, [], [])).toBe('pong'), { timeout: 10_000, interval: 20 });

describe('a Redis that fails', () => {
  let server: OwnRedis;
  beforeAll(async () => {
    server = await startOwnRedis();
  });
  afterAll(() => server.stop());

  test('forgets its scripts: they are sent again', async () => {
    const redis = await client(server.port);
    expect(await redis.run(COUNT, ['n'], [])).toBe(1);
    await server.look((look) => look.script('FLUSH'));
    expect(await redis.run(COUNT, ['n'], [])).toBe(2);
    expect(redis.health.failures).toBe(0);
  });

  test('hangs: calls end in time, later ones at once, and all is well when it goes on', async () => {
    const redis = await client(server.port);
    await redis.run(PING, [], []);
    server.hang();
    onTestFinished(() => server.resume());
    const errors = await Promise.all(Array.from({ length: 50 }, () => redis.run(PING, [], []).catch((e) => e)));
    expect(errors.every((error) => error instanceof Error)).toBe(true);
    expect(redis.health.said).toEqual(['up', 'down']);
    // The next ones are not sent at all: within one turn of the loop they have failed.
    let failed = 0;
    for (let i = 0; i < 100; i++) redis.run(PING, [], []).catch(() => failed++);
    await new Promise((resolve) => setImmediate(resolve));
    expect(failed).toBe(100);
    server.resume();
    await isUp(redis);
    expect(redis.health.said).toEqual(['up', 'down', 'up']);
    expect(redis.health.failures).toBeGreaterThanOrEqual(150);
  });

  test('hangs while nobody asks: that is noticed too', async () => {
    const redis = await client(server.port);
    server.hang();
    onTestFinished(() => server.resume());
    await vi.waitFor(() => expect(redis.health.said).toEqual(['up', 'down']), { timeout: 10_000 });
    server.resume();
    await vi.waitFor(() => expect(redis.health.up).toBe(true), { timeout: 10_000 });
  });

  test.each([
    ['its memory is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['it has become a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])(
    'answers and refuses to write, as %s: it is down until a write works',
    async (_why, [spoil = '', ...how], [mend = '', ...back]) => {
      const redis = await client(server.port);
      await redis.run(COUNT, ['n'], []);
      await server.look((look) => look.call(spoil, ...how));
      onTestFinished(async () => void (await server.look((look) => look.call(mend, ...back))));
      await expect(redis.run(COUNT, ['n'], [])).rejects.toThrow();
      expect(redis.health.said).toEqual(['up', 'down']);
      // What only reads works again and again, connections are made anew: it stays down, and that is said once.
      await vi.waitFor(async () => expect(await redis.run(PING, [], [])).toBe('pong'), { timeout: 10_000 });
      await expect(redis.run(COUNT, ['n'], [])).rejects.toThrow();
      await vi.waitFor(async () => expect(await redis.run(PING, [], [])).toBe('pong'), { timeout: 10_000 });
      expect(redis.health.said).toEqual(['up', 'down']);
      await server.look((look) => look.call(mend, ...back));
      await vi.waitFor(() => expect(redis.health.said).toEqual(['up', 'down', 'up']), { timeout: 10_000 });
      await vi.waitFor(async () => expect(await redis.run(COUNT, ['n'], [])).toBeGreaterThan(0), { timeout: 10_000 });
    },
  );

  test('is killed and started again', async () => {
    const redis = await client(server.port);
    await server.kill();
    await vi.waitFor(() => expect(redis.health.up).toBe(false), { timeout: 10_000 });
    await expect(redis.run(PING, [], [])).rejects.toThrow();
    await server.start();
    await isUp(redis);
  });

  test('is not there at the start, and comes later', async () => {
    await server.kill();
    const redis = await client(server.port);
    expect(redis.health.up).toBe(false);
    await server.start();
    await isUp(redis);
    expect(redis.health.said).toEqual(['down', 'up']);
  });
});

test('a server that takes connections and never answers does not hold up the start', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const redis = await client((silent.address() as AddressInfo).port);
  expect(redis.health.up).toBe(false);
  await expect(redis.run(PING, [], [])).rejects.toThrow();
});

describe('a Redis that wants a password', () => {
  let server: OwnRedis;
  const at = { host: '127.0.0.1', db: 0, tls: false } as const;
  beforeAll(async () => {
    server = await startOwnRedis(['--requirepass', 'right-canary', '--databases', '2']);
  });
  afterAll(() => server.stop());

  test.each([
    ['the right one', { username: undefined, password: 'right-canary' }],
    ['with the name of the user', { username: 'default', password: 'right-canary' }],
  ])('%s', async (_, login) => {
    const redis = await openRedis({ ...at, ...login, port: server.port, db: 1 }, recordedHealth(), 'test:probe');
    onTestFinished(() => redis.close());
    expect(await redis.run(PING, [], [])).toBe('pong');
  });

  test.each([
    ['none', { username: undefined, password: undefined }],
    ['a wrong one', { username: undefined, password: 'wrong-canary' }],
    ['a wrong user', { username: 'user-canary', password: 'right-canary' }],
    ['a database that is not there', { username: undefined, password: 'right-canary', db: 7 }],
  ])('%s: does not start, and says so without either', async (_, login) => {
    const error = await openRedis({ ...at, ...login, port: server.port }, recordedHealth(), 'test:probe').catch(
      (e) => e,
    );
    expect(error.message).toMatch(/^PTC_E011 .*REDIS_ADDR.*user, password and database/);
    expect(error.message).not.toMatch(/canary/);
  });
});
