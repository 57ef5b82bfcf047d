import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS, migrate } from '../../../gateway/postgres/migrate.ts';
import type { Migration } from '../../../gateway/postgres/migrations/migration.ts';
import { setupSql } from '../../../gateway/postgres/roles.ts';
import { DATABASES, START_MS, type TestDatabase } from './databases.ts';

const NEXT: Migration = {
  number: MIGRATIONS.length + 1,
  name: 'next',
  sql: 'create table portcullis.next (a integer); grant select on portcullis.next to {app}',
};

describe.each(DATABASES)('%s', (_name, open) => {
  let it: TestDatabase;
  const tables = async (): Promise<readonly unknown[]> =>
    (await it.sql("select tablename from pg_tables where schemaname = 'portcullis' order by 1")).map(
      ({ tablename }) => tablename,
    );
  beforeAll(async () => {
    it = await open({ migrated: false });
  }, START_MS);
  afterAll(() => it.drop());

  test('several processes at once apply each step once', async () => {
    const done = await Promise.all([migrate(it.db), migrate(it.db), migrate(it.db)]);
    expect(done.flatMap(({ applied }) => applied).sort()).toEqual(MIGRATIONS.map(({ number }) => number));
    expect(done.map(({ at }) => at)).toEqual([MIGRATIONS.length, MIGRATIONS.length, MIGRATIONS.length]);
    expect(await tables()).toEqual([
      'admin_audit',
      'dead_letters',
      'ledger_index',
      'migrations',
      'replay',
      'replay_claims',
      'tenants',
    ]);
  });

  test('a step that fails leaves nothing behind, and is tried again', async () => {
    const broken = { ...NEXT, sql: `${NEXT.sql}; select 1 / 0` };
    await expect(migrate(it.db, [...MIGRATIONS, broken])).rejects.toMatchObject({ code: '22012' });
    expect(await tables()).not.toContain('next');
    expect(await migrate(it.db, [...MIGRATIONS, NEXT])).toEqual({ applied: [NEXT.number], at: NEXT.number });
  });

  test('a step that was changed after it was applied is refused, and nothing is applied', async () => {
    const changed = MIGRATIONS.map((one) => ({ ...one, sql: `${one.sql} ` }));
    const more = { ...NEXT, number: NEXT.number + 1, sql: 'create table portcullis.more (a integer)' };
    await expect(migrate(it.db, [...changed, NEXT, more])).rejects.toThrow(
      /^PTC_E017 .*restore migration 1 to what was applied/,
    );
    expect(await tables()).not.toContain('more');
  });

  test('a database that is ahead is refused', async () => {
    await expect(migrate(it.db, MIGRATIONS)).rejects.toThrow(/^PTC_E017 .*use a newer portcullis/);
  });

  test('setting up again changes nothing, and takes powers away that somebody gave', async () => {
    await it.sql(`alter role ${it.roles.app} createdb`);
    await it.sql(setupSql(it.roles));
    const roles = await it.sql(
      'select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication from pg_roles where rolname = any($1) order by 1',
      [Object.values(it.roles)],
    );
    expect(roles.length).toBe(3);
    for (const { rolname: _name, ...powers } of roles) expect(new Set(Object.values(powers))).toEqual(new Set([false]));
    const owned = await it.sql('select distinct tableowner from pg_tables where schemaname = $1', ['portcullis']);
    expect(owned).toEqual([{ tableowner: it.roles.owner }]);
  });

  test('the steps are numbered without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_one, at) => at + 1));
  });
});
