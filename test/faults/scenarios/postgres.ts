import { join } from 'node:path';
import { asSuperuser, migrated, POSTGRES, postgresEnv } from '../database.ts';
import { runToEnd } from '../gateway-process.ts';
import { readChain } from '../ledger-reader.ts';
import { statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';
import { type Shared, shareStore } from '../store.ts';
import { sharedStoreScenarios } from './shared-store.ts';

/** Milliseconds within which what PostgreSQL is told later must have arrived. */
const CATCH_UP_MS = 15_000;

async function sharePostgres(scope: Scope): Promise<Shared> {
  await migrated();
  return shareStore(scope, POSTGRES, (port) => ({ DEDUP_BACKEND: 'postgres', ...postgresEnv(port) }));
}

async function count(table: string, tenant: string): Promise<number> {
  const { rows } = await asSuperuser((client) =>
    client.query<{ n: number }>(`select count(*)::int as n from portcullis.${table} where tenant_id = $1`, [tenant]),
  );
  return rows[0]?.n ?? Number.NaN;
}

/** Asks until there are as many, or time is up; how many there were at last. */
async function countUntil(table: string, tenant: string, expected: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const seen = await count(table, tenant);
    if (seen >= expected || performance.now() - began > CATCH_UP_MS) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function deadLetters(n: number): Scenario {
  return {
    name: `dead-letters-${n}`,
    holds: `${n} malformed bodies make exactly ${n} dead letters of their tenant, also when they are sent again`,
    async run(scope) {
      const { tenant, headers, gateway: start } = await sharePostgres(scope);
      const { client } = await start('one');
      const bodies = Array.from({ length: n }, (_, at) => `{"scope":"${scope.id}","at":${at},`);
      for (const round of ['first', 'again']) {
        const seen = statuses(await storm(client, bodies, { headers }));
        must(seen[400] === n, `${round}: the answers were ${JSON.stringify(seen)}`);
        const letters = await countUntil('dead_letters', tenant, n);
        must(letters === n, `${round}: ${letters} dead letters for ${n} malformed bodies`);
      }
      return { sent: 2 * n, letters: n };
    },
  };
}

const indexCatchesUp: Scenario = {
  name: 'ledger-index-catches-up',
  holds: 'PostgreSQL away while records are accepted: the index is behind, then whole, and agrees with the chain',
  async run(scope) {
    await migrated();
    const { proxy, tenant, headers, gateway: start } = await shareStore(scope, POSTGRES, postgresEnv);
    const { gateway, client } = await start('one');
    const n = 50;
    const send = async (prefix: string): Promise<void> => {
      const seen = statuses(await storm(client, await signedBodies(scope, n, { prefix }), { headers }));
      must(seen[200] === n, `${prefix}: the answers were ${JSON.stringify(seen)}`);
    };
    await send('before-');
    await proxy.set('refuse');
    await send('during-');
    await proxy.set('pass');
    await send('after-');
    const rows = await countUntil('ledger_index', tenant, 3 * n);
    must(rows === 3 * n, `${rows} of ${3 * n} entries are in the index`);
    await gateway.kill('SIGTERM');
    await readChain(join(scope.directory, 'one/ledger'));
    return { entries: rows };
  },
};

const indexTampered: Scenario = {
  name: 'ledger-index-tampered',
  holds: 'a superuser changes or deletes a row of the index, past all triggers: verify finds it against the chain',
  async run(scope) {
    await migrated();
    const { tenant, headers, gateway: start } = await shareStore(scope, POSTGRES, postgresEnv);
    const { gateway, client } = await start('one');
    const seen = statuses(await storm(client, await signedBodies(scope, 20), { headers }));
    must(seen[200] === 20, `the answers were ${JSON.stringify(seen)}`);
    const rows = await countUntil('ledger_index', tenant, 20);
    must(rows === 20, `${rows} of 20 entries are in the index`);
    await gateway.kill('SIGTERM');
    const ledger = join(scope.directory, 'one/ledger');
    const verify = (): ReturnType<typeof runToEnd> =>
      runToEnd(['ledger', 'verify', '--dir', ledger, '--postgres'], { env: postgresEnv(POSTGRES.port) });
    const whole = await verify();
    must(whole.code === 0, `untouched, verify ended with ${whole.code}: ${whole.output}`);
    await asSuperuser(async (superuser) => {
      await superuser.query('begin');
      await superuser.query('set local session_replication_role = replica');
      await superuser.query('alter table portcullis.ledger_index disable trigger all');
      await superuser.query(
        `update portcullis.ledger_index set outcome = 'deny' where (ledger_id, entry_index) =
           (select ledger_id, entry_index from portcullis.ledger_index where tenant_id = $1 and kind = 'decision' limit 1)`,
        [tenant],
      );
      await superuser.query('alter table portcullis.ledger_index enable always trigger ledger_index_append_only');
      await superuser.query('commit');
    });
    const tampered = await verify();
    must(tampered.code === 1, `tampered, verify ended with ${tampered.code}: ${tampered.output}`);
    return { found: true };
  },
};

export const postgresScenarios: readonly Scenario[] = [
  ...sharedStoreScenarios('postgres', sharePostgres),
  deadLetters(1),
  deadLetters(50),
  deadLetters(500),
  indexCatchesUp,
  indexTampered,
];
