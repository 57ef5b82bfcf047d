import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionsById, readChain } from '../ledger-reader.ts';
import { statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';
import { mustBeClosed, recovered, type Shared } from '../store.ts';

/** What must hold of any store that gateways share for replay protection. */
export function sharedStoreScenarios(store: string, share: (scope: Scope) => Promise<Shared>): readonly Scenario[] {
  return [
    outage(store, share, 'refuse'),
    outage(store, share, 'hang'),
    restarted(store, share),
    race(store, share),
    killedOwner(store, share),
  ];
}

type Share = (scope: Scope) => Promise<Shared>;

function outage(store: string, share: Share, mode: 'refuse' | 'hang'): Scenario {
  const how = mode === 'refuse' ? 'gone' : 'silent';
  return {
    name: `${store}-${mode === 'refuse' ? 'stopped' : 'hung'}`,
    holds: `${store} ${how} mid-load: 503 with Retry-After in time, /ready names it, recovery without a restart`,
    async run(scope) {
      const { proxy, headers, gateway: start } = await share(scope);
      const { client } = await start('one');
      const count = scope.quick ? 100 : 300;
      const storming = storm(client, await signedBodies(scope, count, { prefix: 'mid-' }), { headers, clients: 16 });
      await sleep(100);
      await proxy.set(mode);
      const down = await storm(client, await signedBodies(scope, 20, { prefix: 'down-' }), { headers, clients: 20 });
      const refused = mustBeClosed([...(await storming), ...down]);
      must(refused >= 20, `only ${refused} were refused while ${store} was away`);
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

function restarted(store: string, share: Share): Scenario {
  return {
    name: `${store}-restarted`,
    holds: 'connections cut again and again mid-load: every request is answered once, and accepted ids stay accepted',
    async run(scope) {
      const { proxy, headers, gateway: start } = await share(scope);
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
      const posts = accepted.map(({ body }) => body);
      const again = await storm(client, posts, { headers, clients: 16 });
      const first = new Map(accepted.map(({ body, answer }) => [body, answer?.body.decision_id]));
      const other = again.filter(({ body, answer }) => answer?.body.decision_id !== first.get(body));
      must(other.length === 0, `${other.length} of ${accepted.length} accepted records got another answer later`);
      await gateway.kill('SIGTERM');
      decisionsById(await readChain(join(scope.directory, 'one/ledger')));
      return { accepted: accepted.length, refused };
    },
  };
}

function race(store: string, share: Share): Scenario {
  return {
    name: `race-through-${store}`,
    holds: 'two gateways, one pcs_id, 64 posts each: one verification, one answer for all',
    async run(scope) {
      const { headers, gateway: start } = await share(scope);
      const [one, two] = [await start('one'), await start('two')];
      const rounds = scope.quick ? 2 : 10;
      for (const body of await signedBodies(scope, rounds)) {
        const posts = Array.from({ length: 64 }, () => body);
        const both = [one, two].map(({ client }) => storm(client, posts, { headers, clients: 64 }));
        const shots = (await Promise.all(both)).flat();
        const seen = statuses(shots);
        must(seen[200] === 128, `the answers were ${JSON.stringify(seen)}`);
        const ids = new Set(shots.map(({ answer }) => answer?.body.decision_id));
        must(ids.size === 1, `${ids.size} different decisions answered one record`);
      }
      return { rounds, posts: 128 * rounds };
    },
  };
}

function killedOwner(store: string, share: Share): Scenario {
  return {
    name: `owner-killed-in-${store}`,
    holds: 'a gateway killed while it holds records under way: the other one can take them over',
    async run(scope) {
      const { headers, gateway: start } = await share(scope);
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
}
