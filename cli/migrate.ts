import process from 'node:process';
import { parseArgs } from 'node:util';
import { badVariable } from '../gateway/env.ts';
import type { Database } from '../gateway/postgres/connect.ts';
import { openDatabase, readPostgres, readRoles } from '../gateway/postgres/env.ts';
import { migrate as migrateDatabase } from '../gateway/postgres/migrate.ts';
import { setupSql } from '../gateway/postgres/roles.ts';
import { isSqlState } from '../gateway/postgres/store-error.ts';
import { ConfigError } from '../src/errors.ts';

const USAGE = `usage: portcullis migrate [--setup]

Brings the schema of the PostgreSQL database up to date, as the role that owns it: POSTGRES_MIGRATE_CONN names the
login, docs/postgres.md the rest. Run again, it changes nothing.

  --setup   print, instead, what a superuser runs once in a new database: roles and schema
`;

/** Applies the migrations that a database does not have yet. */
export async function migrate(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { setup: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.setup) {
    process.stdout.write(setupSql(readRoles(process.env)));
    return 0;
  }
  const config = readPostgres(process.env);
  if (config === undefined || (config.kind === 'postgres' && config.logins.owner === undefined)) {
    throw badVariable(
      process.env,
      'POSTGRES_MIGRATE_CONN',
      'give the connection string of the role that owns the schema',
    );
  }
  const db = await openDatabase(config);
  try {
    const { applied, at } = await migrateDatabase(db);
    process.stdout.write(
      applied.length === 0 ? `nothing to do: at ${at}\n` : `applied ${applied.join(', ')}: now at ${at}\n`,
    );
  } catch (error) {
    throw error instanceof ConfigError ? error : unusable(db, String((error as { code?: unknown }).code));
  } finally {
    await db.close();
  }
  return 0;
}

/** Classes of SQLSTATE that a login or a database is refused with. */
const NOT_LET_IN = /^(?:28|3D)/;

function unusable({ kind }: Database, code: string): ConfigError {
  const variable = kind === 'pglite' ? 'POSTGRES_CONN' : 'POSTGRES_MIGRATE_CONN';
  const isThere = isSqlState({ code }) && !NOT_LET_IN.test(code);
  const remedy = isThere
    ? 'have a superuser run what portcullis migrate --setup prints, and log in as the owner'
    : 'make sure that it runs and lets this login in';
  return new ConfigError('PTC_E017', variable, {}, `${remedy} (${code})`);
}
