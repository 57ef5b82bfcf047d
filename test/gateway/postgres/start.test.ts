import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresConfig } from '../../../gateway/postgres/env.ts';
import { startDatabase } from '../../../gateway/postgres/start.ts';
import { START_MS, serverDatabase, type TestDatabase } from './databases.ts';
import { withTenant } from './free-text.ts';

describe('a server', () => {
  let it: TestDatabase;
  let config: PostgresConfig;
  beforeAll(async () => {
    it = await serverDatabase();
    config = { kind: 'postgres', logins: { app: it.url('app'), ops: it.url('ops') }, roles: it.roles };
  }, START_MS);
  afterAll(() => it.drop());
  const undo: string[] = [];
  afterEach(async () => {
    for (const text of undo.splice(0).reverse()) await it.sql(text);
  });

  test('that is as it must be is opened', async () => {
    const db = await startDatabase(config);
    expect(await withTenant(db, 'acme', (query) => query('select 1 as one'))).toEqual([{ one: 1 }]);
    await db.close();
  });

  test.each<[string, (role: string, owner: string) => [string, string], RegExp]>([
    ['a superuser', (app) => [`alter role ${app} superuser`, `alter role ${app} nosuperuser`], /this one is superuser/],
    [
      'past row security',
      (app) => [`alter role ${app} bypassrls`, `alter role ${app} nobypassrls`],
      /this one is bypassrls/,
    ],
    ['a maker of roles', (app) => [`alter role ${app} createrole`, `alter role ${app} nocreaterole`], /is createrole/],
    ['a member', (app, owner) => [`grant ${owner} to ${app}`, `revoke ${owner} from ${app}`], /is a member of another/],
    [
      'an owner',
      (app, owner) => [
        `alter table portcullis.replay owner to ${app}`,
        `alter table portcullis.replay owner to ${owner}`,
      ],
      /owns \d+ objects/,
    ],
  ])('whose login is %s is refused', async (_what, change, message) => {
    const [fault, mended] = change(it.roles.app, it.roles.owner);
    undo.push(mended);
    await it.sql(fault);
    await expect(startDatabase(config)).rejects.toThrow(message);
    await expect(startDatabase(config)).rejects.toThrow(
      /^PTC_E017 A database cannot be used: POSTGRES_CONN is an object; /,
    );
  });

  test('that was not migrated, or by a newer program, is refused', async () => {
    undo.push('delete from portcullis.migrations where number = 999');
    await it.sql("insert into portcullis.migrations values (999, 'later', 'x')");
    await expect(startDatabase(config)).rejects.toThrow(/use a newer portcullis/);
    undo.push('alter table portcullis.migrations_away rename to migrations');
    await it.sql('alter table portcullis.migrations rename to migrations_away');
    await expect(startDatabase(config)).rejects.toThrow(/run portcullis migrate/);
  });

  test('that does not answer, or not to this login, is refused in one line without its address', async () => {
    for (const app of ['postgres://canary:canary@127.0.0.1:1/canary', it.url('app').replace('test_app', 'canary')]) {
      const error = await startDatabase({ ...config, logins: { app } } as PostgresConfig).catch(
        (thrown: unknown) => thrown,
      );
      expect(String(error)).toMatch(/PTC_E017 .*make sure that it runs and lets this login in \(\w+\)$/);
      expect(String(error)).not.toContain('canary');
    }
  });
});

test(
  'PGlite is migrated when it is opened',
  async () => {
    const db = await startDatabase({ kind: 'pglite', directory: undefined });
    expect(await withTenant(db, 'acme', (query) => query('select count(*)::int as n from portcullis.replay'))).toEqual([
      { n: 0 },
    ]);
    await db.close();
  },
  START_MS,
);
