import { randomUUID } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { type Database, openPglite, openPostgres } from '../../../gateway/postgres/connect.ts';
import { migrate } from '../../../gateway/postgres/migrate.ts';
import { type RoleNames, setupSql } from '../../../gateway/postgres/roles.ts';

/** A database of one test file, with all three logins. */
export interface TestDatabase {
  readonly db: Database;
  readonly roles: RoleNames;
  /** Runs SQL as the superuser, which no gateway is. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Connection string of a role; PGlite has none. */
  url(role: keyof RoleNames): string;
  drop(): Promise<void>;
}

/** Milliseconds that a database may take to start; PGlite takes seconds on an idle machine, and many on a busy one. */
export const START_MS = 120_000;
export const SERVER = process.env.TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** A new database on the server with roles of its own, so that suites run side by side. */
export async function serverDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const id = randomUUID().replaceAll('-', '');
  const name = `portcullis_test_${id}`;
  const roles = { owner: `test_owner_${id}`, app: `test_app_${id}`, ops: `test_ops_${id}` };
  const url = (user: string): string => {
    const address = new URL(SERVER);
    address.username = user;
    address.pathname = `/${name}`;
    return address.href;
  };
  const server = new pg.Client(SERVER);
  await server.connect();
  await server.query(`create database ${name}`);
  const superuser = new pg.Client(url(new URL(SERVER).username));
  await superuser.connect();
  await superuser.query(setupSql(roles));
  const db = await openPostgres({ owner: url(roles.owner), app: url(roles.app), ops: url(roles.ops) }, { roles });
  if (options.migrated !== false) await migrate(db);
  return {
    db,
    roles,
    sql: async (text, values = []) => (await superuser.query(text, [...values])).rows,
    url: (role) => url(roles[role]),
    async drop() {
      await db.close();
      await superuser.end();
      await server.query(`drop database ${name} with (force)`);
      for (const role of Object.values(roles)) await server.query(`drop role ${role}`);
      await server.end();
    },
  };
}

/** PGlite in memory. */
export async function pgliteDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const pglite = await PGlite.create();
  const db = await openPglite(pglite);
  if (options.migrated !== false) await migrate(db);
  return {
    db,
    roles: db.roles,
    sql: async (text, values = []) =>
      values.length === 0
        ? ((await pglite.exec(text)).at(-1)?.rows ?? [])
        : (await pglite.query<Record<string, unknown>>(text, [...values])).rows,
    url: () => {
      throw new Error('PGlite has no connection strings');
    },
    drop: () => db.close(),
  };
}

export const DATABASES = [
  ['PostgreSQL', serverDatabase],
  ['PGlite', pgliteDatabase],
] as const;
