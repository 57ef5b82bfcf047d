import { randomUUID } from 'node:crypto';
import { type Database, laneOf, openPostgres } from '../postgres/connect.ts';
import type { PostgresConfig } from '../postgres/env.ts';
import { sql } from '../postgres/statement.ts';
import { withTenant } from '../postgres/with-tenant.ts';
import { type TenantTable, tenantTables } from './catalogue.ts';
import { type Checks, type Finding, newChecks } from './probe.ts';
import { seedRow } from './seed-row.ts';
import { rolledBack } from './session.ts';

const ADD = sql`
insert into portcullis.replay (tenant_id, pcs_id, body_digest, expires_at) values ($1, $2, $2, '2030-01-01T00:00:00Z')`;
const SEE = sql`select 1 from portcullis.replay`;
const FAIL = sql`select 1 / 0`;
const REMOVE = sql`delete from portcullis.replay where tenant_id = $1`;

/**
 * Without a tenant nothing is visible and nothing can be added, although rows are there: on a connection that was never
 * used, and on one that served a tenant before, whether that ended well or not. PGlite has one connection only, which is
 * always a used one.
 */
export async function failClosed(db: Database, config: PostgresConfig): Promise<Finding> {
  const checks = newChecks();
  const tenant = randomUUID();
  const tables = await rolledBack(db, 'app', ({ query }) => tenantTables(query));
  await withTenant(db, tenant, (query) => query(ADD, [tenant, tenant]));
  try {
    const seen = await withTenant(db, tenant, (query) => query(SEE));
    checks.check(seen.length === 1, 'portcullis.replay: the row to look for is not there');
    const evidence: Record<string, unknown> = {};
    await oneConnection(db, config, async (single) => {
      if (single !== db) evidence.fresh = await look(single, tables, 'a fresh connection', checks);
      await withTenant(single, tenant, (query) => query(SEE));
      evidence.reused = await look(single, tables, 'a reused connection', checks);
      await withTenant(single, tenant, (query) => query(FAIL)).catch(() => undefined);
      evidence.afterError = await look(single, tables, 'a connection whose transaction failed', checks);
    });
    return checks.finding(evidence);
  } finally {
    await withTenant(db, tenant, (query) => query(REMOVE, [tenant]));
  }
}

/** Looks at every table in transactions that set no tenant, as a bug would. */
async function look(
  db: Database,
  tables: readonly TenantTable[],
  where: string,
  { check }: Checks,
): Promise<Readonly<Record<string, unknown>>> {
  const tenant = randomUUID();
  const app = laneOf(db, 'app');
  const backend = await app.transaction(
    'select 1',
    async ({ query }) => (await query('select pg_backend_pid() as pid'))[0],
  );
  for (const table of tables) {
    if (table.privileges.includes('select')) {
      const count = await app.transaction('select 1', async ({ query }) =>
        Number((await query<{ count: number }>(`select count(*)::int as count from ${table.name}`))[0]?.count),
      );
      check(count === 0, `${table.name}: ${count} rows are visible without a tenant, on ${where}`);
    }
    if (table.privileges.includes('insert')) {
      const { text, values } = seedRow(table, tenant, tenant);
      const added = await app
        .transaction('select 1', async ({ query }) => {
          await query(text, values);
          throw new Error('added');
        })
        .catch((error: unknown) => (error as Error).message === 'added');
      check(!added, `${table.name}: a row was added without a tenant, on ${where}`);
    }
  }
  return { ...backend, tables: tables.length };
}

/** A database with one connection at most, so that what comes second is on the same one. */
async function oneConnection(
  db: Database,
  config: PostgresConfig,
  use: (single: Database) => Promise<void>,
): Promise<void> {
  if (config.kind === 'pglite' || config.logins.app === undefined) return use(db);
  const single = await openPostgres({ app: config.logins.app }, { roles: db.roles, max: 1 });
  try {
    await use(single);
  } finally {
    await single.close();
  }
}
