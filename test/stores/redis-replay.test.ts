import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { redisRateStore } from '../../gateway/redis/rate-store.ts';
import { redisReplay } from '../../gateway/redis/replay-store.ts';
import { sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import { connectTo, ownPrefix, REDIS } from '../helpers/redis.ts';

const base = ownPrefix();
const look = new Redis(REDIS);
const client = await connectTo(REDIS.port);
afterAll(() => {
  look.disconnect();
  client.close();
});

const ANSWER = { status: 200, headers: {}, body: 'x' };

test('keys are where the documentation says, and live as long as it says', async () => {
  const prefix = `${base}${randomUUID()}:`;
  const store = sharedReplayStore(redisReplay(client, { prefix }));
  await store.claim('acme|12ab', 'd', 0);
  const name = `${prefix}replay:{acme%7C12ab}`;
  expect(await look.get(`${name}:claim`)).toMatch(/^d [0-9a-f-]{36} 1$/);
  expect(await look.pttl(`${name}:claim`)).toBeGreaterThan(29_000);
  await store.commit('acme|12ab', 'd', ANSWER, 0, 1_209_600_000);
  expect(await look.exists(`${name}:claim`)).toBe(0);
  expect(await look.get(name)).toBe(`d ${JSON.stringify(ANSWER)}`);
  const [seconds, micros] = await look.time();
  const left =
    1_209_600_000 - (Number(await look.pexpiretime(name)) - (Number(seconds) * 1_000 + Number(micros) / 1_000));
  // To the millisecond from the commit on: what is gone is only the time since then.
  expect(left).toBeGreaterThanOrEqual(0);
  expect(left).toBeLessThan(5_000);
});

test('rates go by the clock of Redis, whatever the gateways say; idle keys vanish', async () => {
  const prefix = `${base}${randomUUID()}:`;
  const store = redisRateStore(client, { prefix });
  const limits = { rate: 0.01, burst: 2, dailyQuota: undefined };
  const year = 31_536_000_000;
  for (const now of [0, year, -year]) await store.take('t', 1, limits, Date.now() + now);
  expect(await store.take('t', 1, limits, Date.now() + 10 * year)).toMatchObject({ ok: false });
  const key = `${prefix}rate:t`;
  // Two tokens at one in a hundred seconds, and the slack of a minute.
  const left = await look.pttl(key);
  expect(left).toBeLessThanOrEqual(260_000);
  expect(left).toBeGreaterThan(250_000);
  const [seconds] = await look.time();
  expect(Math.abs(Number((await look.get(key))?.split(' ')[2]) - Number(seconds) * 1_000)).toBeLessThan(5_000);
  await store.take('day', 1, { rate: 1_000, burst: 1_000, dailyQuota: 5 }, 0);
  const midnight = (Math.floor(Number(seconds) / 86_400) + 1) * 86_400_000;
  expect(await look.pexpiretime(`${prefix}rate:day`)).toBeGreaterThanOrEqual(midnight + 59_000);
  await store.take('long', 1, { rate: 0.00001, burst: 1_000_000_000_000, dailyQuota: undefined }, 0);
  for (let i = 0; i < 3; i++)
    await store.charge(
      'long',
      1_000_000_000_000,
      { rate: 0.00001, burst: 1_000_000_000_000, dailyQuota: undefined },
      0,
    );
  expect(await look.pttl(`${prefix}rate:long`)).toBeLessThanOrEqual(34_560_000_000);
});

test('a value that is none of ours is an error, not a full bucket', async () => {
  const prefix = `${base}${randomUUID()}:`;
  const store = redisRateStore(client, { prefix });
  await look.set(`${prefix}rate:t`, 'canary');
  await expect(store.take('t', 1, { rate: 1, burst: 1, dailyQuota: undefined }, 0)).rejects.toThrow('no bucket');
});
