import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { redisRateStore } from '../../gateway/redis/rate-store.ts';
import { redisReplay } from '../../gateway/redis/replay-store.ts';
import { sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import type { ReplayStore } from '../../src/guards/replay/store.ts';
import { connectTo, ownPrefix, REDIS } from '../helpers/redis.ts';

const base = ownPrefix();
const look = new Redis(REDIS);
const client = await connectTo(REDIS.port);
afterAll(() => {
  look.disconnect();
  client.close();
});

const ANSWER = { status: 200, headers: {}, body: 'x' };

/** Gateways that share a prefix, with a lease and a wait of the test's own. */
function gateways({ leaseMs = 30_000, waitMs = 20_000 } = {}): { prefix: string; next: () => ReplayStore } {
  const prefix = `${base}${randomUUID()}:`;
  return { prefix, next: () => sharedReplayStore(redisReplay(client, { prefix, leaseMs }), { waitMs }) };
}

test('keys are where the documentation says, and live as long as it says', async () => {
  const { prefix, next } = gateways();
  const store = next();
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

test('the claim of a gateway that died ends, and another one goes on', async () => {
  const { next } = gateways({ leaseMs: 60 });
  expect(await next().claim('k', 'a', 0)).toEqual({ kind: 'new' });
  expect(await next().claim('k', 'a', 0)).toEqual({ kind: 'new' });
});

test('who comes back after the claim has ended ends nothing, and the first accepted answer stays', async () => {
  const { prefix, next } = gateways({ leaseMs: 40 });
  const [late, other, third] = [next(), next(), next()];
  await late.claim('released', 'a', 0);
  await late.claim('committed', 'a', 0);
  await vi.waitFor(async () => expect(await look.exists(`${prefix}replay:{released}:claim`)).toBe(0), { interval: 5 });
  await vi.waitFor(async () => expect(await look.exists(`${prefix}replay:{committed}:claim`)).toBe(0), { interval: 5 });
  const patient = sharedReplayStore(redisReplay(client, { prefix }), { waitMs: 20_000 });
  expect(await patient.claim('released', 'a', 0)).toEqual({ kind: 'new' });
  expect(await patient.claim('committed', 'a', 0)).toEqual({ kind: 'new' });
  await late.release('released', 'a');
  expect(await other.claim('released', 'b', 0)).toEqual({ kind: 'other-body' });
  await late.commit('committed', 'a', ANSWER, 0, 60_000);
  await patient.commit('committed', 'a', { ...ANSWER, body: 'second' }, 0, 60_000);
  expect(await third.claim('committed', 'a', 0)).toEqual({ kind: 'stored', answer: ANSWER });
});

test('who waits longer than allowed is told so, and holds nothing', async () => {
  const { next } = gateways({ waitMs: 30 });
  const [owner, other] = [next(), next()];
  await owner.claim('k', 'a', 0);
  const claims = await Promise.all([other.claim('k', 'a', 0), other.claim('k', 'a', 0)]);
  expect(claims).toEqual([{ kind: 'busy' }, { kind: 'busy' }]);
  await owner.release('k', 'a');
  expect(await owner.claim('k', 'b', 0)).toEqual({ kind: 'new' });
});

test('waiters of one gateway are bounded', async () => {
  const { prefix } = gateways();
  const store = sharedReplayStore(redisReplay(client, { prefix }), { maxWaiting: 1 });
  await store.claim('k', 'a', 0);
  const first = store.claim('k', 'a', 0);
  expect(await store.claim('k', 'a', 0)).toEqual({ kind: 'busy' });
  await store.commit('k', 'a', ANSWER, 0, 60_000);
  expect(await first).toEqual({ kind: 'stored', answer: ANSWER });
});

test('a claim whose answer was lost on the way is taken over by the same gateway at once', async () => {
  const { prefix } = gateways();
  const backend = redisReplay(client, { prefix });
  let loses = true;
  const store = sharedReplayStore({
    ...backend,
    async ask(...args) {
      const asked = await backend.ask(...args);
      if (loses) throw new Error('Command timed out');
      return asked;
    },
  });
  const both = [store.claim('k', 'a', 0), store.claim('k', 'a', 0)];
  for (const claim of both) await expect(claim).rejects.toThrow('timed out');
  loses = false;
  expect(await store.claim('k', 'a', 0)).toEqual({ kind: 'new' });
});

test('an old question that Redis gets late takes nothing from a newer one', async () => {
  const { prefix } = gateways();
  const backend = redisReplay(client, { prefix });
  const gateway = randomUUID();
  expect(await backend.ask('k', 'a', { gateway, serial: 6 }, false)).toEqual({ kind: 'new' });
  expect(await backend.ask('k', 'a', { gateway, serial: 5 }, false)).toEqual({ kind: 'held' });
  await backend.free('k', 'a', { gateway, serial: 5 });
  expect(await backend.ask('k', 'b', { gateway, serial: 7 }, false)).toEqual({ kind: 'other-body' });
});

test('a commit that fails tells those who wait, and the next one may try again', async () => {
  const { prefix } = gateways();
  const backend = redisReplay(client, { prefix });
  let fails = true;
  const store = sharedReplayStore({
    ...backend,
    keep: (...args) => (fails ? Promise.reject(new Error('down')) : backend.keep(...args)),
  });
  await store.claim('k', 'a', 0);
  const waiting = store.claim('k', 'a', 0);
  await expect(store.commit('k', 'a', ANSWER, 0, 60_000)).rejects.toThrow('down');
  await expect(waiting).rejects.toThrow('down');
  fails = false;
  expect(await store.claim('k', 'a', 0)).toEqual({ kind: 'new' });
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
