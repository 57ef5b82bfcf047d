import { createHash } from 'node:crypto';
import { ConfigError } from '../../src/errors.ts';
import { type Database, laneOf } from './connect.ts';
import { limits, literal, type Statements } from './lane.ts';
import { TABLES } from './migrations/0001-tables.ts';
import { REPLAY } from './migrations/0002-replay.ts';
import { NO_SQUATTING } from './migrations/0003-no-squatting.ts';
import type { Migration } from './migrations/migration.ts';
import { SCHEMA } from './roles.ts';

/** All steps, in order. */
export const MIGRATIONS: readonly Migration[] = Object.freeze([TABLES, REPLAY, NO_SQUATTING]);

/** Milliseconds: a step may rewrite a table, and another process may be at it. */
const TIMEOUTS = { statementMs: 600_000, lockMs: 30_000, idleMs: 60_000 };
/**
 * Who comments on the schema locks it to its transaction's end, as only the schema's owner may: the application's login could take an
 * advisory lock, and keep it.
 */
const TAKE_LOCK = `comment on schema ${SCHEMA} is 'Of portcullis migrate'`;
const OLDEST_SERVER = 140_000;

export interface Migrated {
  /** Numbers of the steps that were applied now. */
  readonly applied: readonly number[];
  /** The step that the database is at. */
  readonly at: number;
}

/**
 * Brings the schema up to date, each step in a transaction of its own under a lock, so that of two processes one waits. Applied
 * steps are compared by SHA-256: a text that changed since is refused, before anything is applied.
 *
 * @throws {ConfigError} PTC_E017 if an applied step is not the one that is known here, the database is newer than this
 * program, or the server is too old.
 * @throws {StoreError} if the database fails; the step that failed left nothing behind.
 *
 * @example
 * const db = await openPostgres({ owner: process.env.POSTGRES_MIGRATE_CONN });
 * await migrate(db); // { applied: [1, 2, 3], at: 3 }
 */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<Migrated> {
  await inOrder(db, async ({ query, script }) => {
    const [server] = await query<{ version: string }>("select current_setting('server_version_num') as version");
    if (Number(server?.version) < OLDEST_SERVER) throw refused('use PostgreSQL 14 or newer');
    await script(`create table if not exists ${SCHEMA}.migrations (
      number integer primary key, name text not null, checksum text not null,
      applied_at timestamptz not null default now());
      grant usage on schema ${SCHEMA} to ${db.roles.app}, ${db.roles.ops};
      grant select on ${SCHEMA}.migrations to ${db.roles.app}, ${db.roles.ops}`);
    await pending(migrations, { query, script });
  });
  const applied: number[] = [];
  for (let step = await next(); step !== undefined; step = await next()) applied.push(step);
  return { applied, at: migrations.length };

  function next(): Promise<number | undefined> {
    return inOrder(db, async (statements) => {
      const [migration] = await pending(migrations, statements);
      if (migration === undefined) return undefined;
      const { number, name, sql } = migration;
      await statements.script(withRoles(sql, db));
      await statements.script(
        `insert into ${SCHEMA}.migrations (number, name, checksum) values (${number}, ${literal(name)}, ${literal(checksum(migration))})`,
      );
      return number;
    });
  }
}

/** One after the other, whoever asks. */
function inOrder<T>(db: Database, use: (statements: Statements) => Promise<T>): Promise<T> {
  return laneOf(db, 'owner').transaction(`${limits(TIMEOUTS)}; ${TAKE_LOCK}`, use);
}

/** Steps that are not applied yet. */
async function pending(migrations: readonly Migration[], { query }: Statements): Promise<readonly Migration[]> {
  const rows = await query<{ number: number; checksum: string }>(
    `select number, checksum from ${SCHEMA}.migrations order by number`,
  );
  for (const [at, { number, checksum: found }] of rows.entries()) {
    const migration = migrations[at];
    if (migration === undefined) throw refused('use a newer portcullis: the database is ahead of this one');
    if (migration.number !== number || checksum(migration) !== found) {
      throw refused(`restore migration ${number} to what was applied, and add a new one for the change`);
    }
  }
  return migrations.slice(rows.length);
}

/** Of the text before the roles are put in: databases with other role names are at the same step. */
function checksum({ number, name, sql }: Migration): string {
  return createHash('sha256').update(`${number}\n${name}\n${sql}`).digest('hex');
}

function withRoles(sql: string, { roles }: Database): string {
  return sql.replaceAll(/\{(owner|app|ops)\}/g, (_all, role: keyof typeof roles) => roles[role]);
}

function refused(remedy: string): ConfigError {
  return new ConfigError('PTC_E017', 'database', {}, remedy);
}
