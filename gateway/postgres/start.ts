import { ConfigError } from '../../src/errors.ts';
import { type Database, laneOf } from './connect.ts';
import { openDatabase, type PostgresConfig } from './env.ts';
import { identityOf } from './identity.ts';
import { limits, TIMEOUTS } from './lane.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { SCHEMA } from './roles.ts';

/**
 * Opens the database that a gateway works with, and makes sure that it may: the schema is the one that this program
 * knows, and its logins are bound by row-level security. PGlite is migrated first, as nobody else can.
 *
 * @throws {ConfigError} PTC_E017 if it does not answer, or is not as it must be.
 *
 * @example
 * const db = await startDatabase(config.postgres);
 */
export async function startDatabase(config: PostgresConfig): Promise<Database> {
  const db = await openDatabase(config);
  try {
    if (db.kind === 'pglite') await migrate(db);
    for (const lane of ['app', 'ops'] as const) if (db.lanes.has(lane)) await checkLane(db, lane);
    return db;
  } catch (error) {
    await db.close();
    if (error instanceof ConfigError) throw error;
    throw unusable(
      'POSTGRES_CONN',
      `make sure that it runs and lets this login in (${(error as { code?: string }).code})`,
    );
  }
}

async function checkLane(db: Database, lane: 'app' | 'ops'): Promise<void> {
  const variable = lane === 'app' ? 'POSTGRES_CONN' : 'POSTGRES_OPS_CONN';
  const { powers, memberOf, owns } = await identityOf(db, lane);
  const remedy = 'log in as a role that portcullis migrate --setup makes';
  if (powers.length > 0) throw unusable(variable, `${remedy}: this one is ${powers.join(', ')}`);
  if (memberOf.length > 0) throw unusable(variable, `${remedy}: this one is a member of another`);
  if (owns.length > 0) throw unusable(variable, `${remedy}: this one owns ${owns.length} objects`);
  const at = await schemaAt(db, lane);
  if (at < MIGRATIONS.length) throw unusable(variable, 'run portcullis migrate');
  if (at > MIGRATIONS.length) throw unusable(variable, 'use a newer portcullis: the database is ahead of this one');
}

async function schemaAt(db: Database, lane: 'app' | 'ops'): Promise<number> {
  return laneOf(db, lane).transaction(limits(TIMEOUTS), async ({ query }) => {
    const [found] = await query<{ found: string | null }>('select to_regclass($1)::text as found', [
      `${SCHEMA}.migrations`,
    ]);
    if (found?.found == null) return 0;
    const [row] = await query<{ at: number | null }>(`select max(number) as at from ${SCHEMA}.migrations`);
    return row?.at ?? 0;
  });
}

function unusable(variable: string, remedy: string): ConfigError {
  return new ConfigError('PTC_E017', variable, {}, remedy);
}
