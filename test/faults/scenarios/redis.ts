import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';
import { type Shared, shareStore } from '../store.ts';
import { sharedStoreScenarios } from './shared-store.ts';

const REDIS = { host: '127.0.0.1', port: 6379 };

function shareRedis(scope: Scope): Promise<Shared> {
  return shareStore(scope, REDIS, (port) => ({
    DEDUP_BACKEND: 'redis',
    RATE_BACKEND: 'redis',
    REDIS_ADDR: `127.0.0.1:${port}`,
  }));
}

const scriptsFlushed: Scenario = {
  name: 'redis-scripts-flushed',
  holds: 'Redis forgets its scripts mid-load, as after a restart: nobody notices',
  async run(scope) {
    const { headers, gateway: start } = await shareRedis(scope);
    const { client } = await start('one');
    const redis = new Redis(REDIS.port, REDIS.host);
    scope.onEnd(() => redis.quit());
    const storming = storm(client, await signedBodies(scope, 300), { headers, clients: 16 });
    for (let at = 0; at < 5; at++) {
      await sleep(20);
      await redis.script('FLUSH');
    }
    const seen = statuses(await storming);
    must(seen[200] === 300, `the answers were ${JSON.stringify(seen)}`);
    return { answered: 300 };
  },
};

export const redisScenarios: readonly Scenario[] = [...sharedStoreScenarios('redis', shareRedis), scriptsFlushed];
