import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { GatewayProcess } from '../gateway-process.ts';
import { decisionsById, readChain } from '../ledger-reader.ts';
import { type Client, createClient, type Shot, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import { HMAC_KEY, type Scope } from '../scope.ts';
import { startProxy, type TcpProxy } from '../tcp-proxy.ts';

const REDIS = { host: '127.0.0.1', port: 6379 };
/** Milliseconds within which a gateway must have found its store again. */
const RECOVERY_MS = 10_000;
/** Milliseconds that no answer may take while a store says nothing. */
const LONGEST_ANSWER_MS = 8_000;

interface Shared {
  readonly proxy: TcpProxy;
  readonly tenant: string;
  readonly headers: Readonly<Record<string, string>>;
  gateway(name: string): Promise<{ readonly gateway: GatewayProcess; readonly client: Client }>;
}

/** Gateways that share Redis through a proxy which can fail. The tenant is this run's alone, so old keys do not count. */
async function shared(scope: Scope): Promise<Shared> {
  const proxy = await startProxy(REDIS);
  scope.onEnd(() => proxy.close());
  const tenant = `t-${scope.id}`;
  return {
    proxy,
    tenant,
    headers: { 'x-tenant-id': tenant },
    async gateway(name) {
      const gateway = await scope.gateway({
        name,
        env: {
          PCS_SIGN_ALG: undefined,
          PCS_HMAC_KEY: undefined,
          TENANTS: `${tenant}:hmac:${HMAC_KEY}`,
          DEDUP_BACKEND: 'redis',
          RATE_BACKEND: 'redis',
          REDIS_ADDR: `127.0.0.1:${proxy.port}`,
        },
      });
      const client = createClient(gateway.port);
      scope.onEnd(client.close);
      return { gateway, client };
    },
  };
}

/** Waits until a record is accepted again. */
async function recovered(scope: Scope, client: Client, headers: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now();
  for (let at = 0; performance.now() - began < RECOVERY_MS; at++) {
    const [body = ''] = await signedBodies(scope, 1, { prefix: `recovery-${at}-` });
    const answer = await client.submit(body, headers);
    if (answer?.status === 200) return Math.round(performance.now() - began);
    await sleep(100);
  }
  throw new Error(`no record was accepted within ${RECOVERY_MS} ms after the store was back`);
}

function mustBeClosed(shots: readonly Shot[]): number {
  const seen = statuses(shots);
  must((seen[200] ?? 0) + (seen[503] ?? 0) === shots.length, `the answers were ${JSON.stringify(seen)}`);
  const bare = shots.find(({ answer }) => answer?.status === 503 && answer.headers['retry-after'] === undefined);
  must(bare === undefined, 'a 503 came without Retry-After');
  const slow = shots.find(({ answer }) => (answer?.ms ?? 0) > LONGEST_ANSWER_MS);
  must(slow === undefined, `an answer took ${Math.round(slow?.answer?.ms ?? 0)} ms`);
  return seen[503] ?? 0;
}

function outage(mode: 'refuse' | 'hang'): Scenario {
  return {
    name: mode === 'refuse' ? 'redis-stopped' : 'redis-hung',
    holds: `Redis ${mode === 'refuse' ? 'gone' : 'silent'} mid-load: 503 with Retry-After in time, /ready names it, recovery without a restart`,
    async run(scope) {
      const { proxy, headers, gateway: start } = await shared(scope);
      const { client } = await start('one');
      const count = scope.quick ? 100 : 300;
      const storming = storm(client, await signedBodies(scope, count, { prefix: 'mid-' }), { headers, clients: 16 });
      await sleep(100);
      await proxy.set(mode);
      const down = await storm(client, await signedBodies(scope, 20, { prefix: 'down-' }), { headers, clients: 20 });
      const refused = mustBeClosed([...(await storming), ...down]);
      must(refused >= 20, `only ${refused} were refused while Redis was away`);
      const ready = await client.get('/ready');
      must(ready?.status === 503, `/ready answered ${ready?.status}`);
      const health = await client.get('/health');
      must(health?.status === 200, `/health answered ${health?.status}`);
      await proxy.set('pass');
      const recoveryMs = await recovered(scope, client, headers);
      return { refused, recoveryMs };
    },
  };
}

const restarted: Scenario = {
  name: 'redis-restarted',
  holds: 'connections cut again and again mid-load: every request is answered once, and accepted ids stay accepted',
  async run(scope) {
    const { proxy, headers, gateway: start } = await shared(scope);
    const { gateway, client } = await start('one');
    const bodies = await signedBodies(scope, scope.quick ? 200 : 1_000);
    const storming = storm(client, bodies, { headers, clients: 16 });
    for (let cut = 0; cut < 5; cut++) {
      await sleep(60);
      await proxy.set('refuse');
      await sleep(20);
      await proxy.set('pass');
    }
    const shots = await storming;
    const refused = mustBeClosed(shots);
    await recovered(scope, client, headers);
    const accepted = shots.filter(({ answer }) => answer?.status === 200);
    const again = await storm(
      client,
      accepted.map(({ body }) => body),
      { headers, clients: 16 },
    );
    const first = new Map(accepted.map(({ body, answer }) => [body, answer?.body.decision_id]));
    const other = again.filter(({ body, answer }) => answer?.body.decision_id !== first.get(body));
    must(
      other.length === 0,
      `${other.length} of ${accepted.length} accepted records got another answer the second time`,
    );
    await gateway.kill('SIGTERM');
    decisionsById(await readChain(join(scope.directory, 'one/ledger')));
    return { accepted: accepted.length, refused };
  },
};

const scriptsFlushed: Scenario = {
  name: 'redis-scripts-flushed',
  holds: 'Redis forgets its scripts mid-load, as after a restart: nobody notices',
  async run(scope) {
    const { headers, gateway: start } = await shared(scope);
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

const race: Scenario = {
  name: 'race-through-redis',
  holds: 'two gateways, one pcs_id, 64 posts each: one verification, one answer for all',
  async run(scope) {
    const { headers, gateway: start } = await shared(scope);
    const [one, two] = [await start('one'), await start('two')];
    const rounds = scope.quick ? 2 : 10;
    const bodies = await signedBodies(scope, rounds);
    for (const body of bodies) {
      const posts = Array.from({ length: 64 }, () => body);
      const shots = (
        await Promise.all([one, two].map(({ client }) => storm(client, posts, { headers, clients: 64 })))
      ).flat();
      const seen = statuses(shots);
      must(seen[200] === 128, `the answers were ${JSON.stringify(seen)}`);
      const ids = new Set(shots.map(({ answer }) => answer?.body.decision_id));
      must(ids.size === 1, `${ids.size} different decisions answered one record`);
    }
    return { rounds, posts: 128 * rounds };
  },
};

const killedOwner: Scenario = {
  name: 'owner-killed-holding-a-claim',
  holds: 'a gateway killed while it holds records under way: the other one can take them over',
  async run(scope) {
    const { headers, gateway: start } = await shared(scope);
    const [one, two] = [await start('one'), await start('two')];
    const bodies = await signedBodies(scope, 200);
    const storming = storm(one.client, bodies, { headers, stopWhenGone: true });
    await sleep(40);
    await one.gateway.kill('SIGKILL');
    await storming;
    const deadline = performance.now() + 60_000;
    let waiting = bodies;
    while (waiting.length > 0 && performance.now() < deadline) {
      const shots = await storm(two.client, waiting, { headers, clients: 16 });
      waiting = shots.filter(({ answer }) => answer?.status !== 200).map(({ body }) => body);
      if (waiting.length > 0) await sleep(500);
    }
    must(waiting.length === 0, `${waiting.length} records cannot be submitted any more`);
    return { records: bodies.length };
  },
};

export const redisScenarios: readonly Scenario[] = [
  outage('refuse'),
  outage('hang'),
  restarted,
  scriptsFlushed,
  race,
  killedOwner,
];
