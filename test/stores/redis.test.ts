import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { redisRateStore } from '../../gateway/redis/rate-store.ts';
import { redisReplay } from '../../gateway/redis/replay-store.ts';
import { sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import { connectTo, ownPrefix, REDIS } from '../helpers/redis.ts';
import { rateConformance } from './rate-conformance.ts';
import { replayConformance } from './replay-conformance.ts';
import { sharedConformance } from './shared-conformance.ts';

const prefix = ownPrefix();
const clients = await Promise.all([connectTo(REDIS.port), connectTo(REDIS.port)]);
afterAll(() => {
  for (const client of clients) client.close();
});

rateConformance('Redis', async () => {
  const own = `${prefix}${randomUUID()}:`;
  const [one, other] = clients.map((client) => redisRateStore(client, { prefix: own, clock: 'caller' }));
  return [one!, other!];
});

replayConformance('Redis', async () => {
  const own = `${prefix}${randomUUID()}:`;
  const [one, other] = clients.map((client) =>
    sharedReplayStore(redisReplay(client, { prefix: own }), { waitMs: 20_000 }),
  );
  return {
    stores: [one!, other!],
    now: Date.now,
    async reach(time) {
      while (Date.now() <= time) await pause(5);
    },
  };
});

sharedConformance('Redis', async () => {
  const own = `${prefix}${randomUUID()}:`;
  return (leaseMs) => redisReplay(clients[0]!, { prefix: own, leaseMs });
});
