import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneOf } from '../../../gateway/postgres/connect.ts';
import { type Statement, sql } from '../../../gateway/postgres/statement.ts';
import * as declared from '../../../gateway/postgres/with-tenant.ts';
import { DATABASES, START_MS, type TestDatabase } from './databases.ts';
import { withOperations, withTenant } from './free-text.ts';

const DIGEST = 'd'.repeat(64);
const INSERT = `insert into portcullis.replay (tenant_id, pcs_id, body_digest, expires_at) values ($1, $2, '${DIGEST}', 'infinity')`;
const COUNT = 'select count(*)::int as count from portcullis.replay';

describe.each(DATABASES)('%s', (_name, open) => {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
    await withTenant(it.db, 'acme', (query) => query(INSERT, ['acme', 'a1']));
    await withTenant(it.db, 'globex', (query) => query(INSERT, ['globex', 'g1']));
  }, START_MS);
  afterAll(() => it.drop());

  test('a tenant sees its rows, another its own, nobody none, operations all', async () => {
    const ids = (tenant: string | null): Promise<readonly { pcs_id: string }[]> =>
      withTenant(it.db, tenant, (query) => query<{ pcs_id: string }>('select pcs_id from portcullis.replay'));
    expect(await ids('acme')).toEqual([{ pcs_id: 'a1' }]);
    expect(await ids('globex')).toEqual([{ pcs_id: 'g1' }]);
    expect(await ids('nobody-yet')).toEqual([]);
    expect(await ids(null)).toEqual([]);
    expect(await withOperations(it.db, (query) => query(COUNT))).toEqual([{ count: 2 }]);
  });

  test('a tenant writes no row of another, and changes none', async () => {
    const asAcme = (text: string): Promise<unknown> => withTenant(it.db, 'acme', (query) => query(text));
    await expect(withTenant(it.db, 'acme', (query) => query(INSERT, ['globex', 'forged']))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(asAcme("update portcullis.replay set tenant_id = 'globex'")).rejects.toMatchObject({ code: '42501' });
    expect(await asAcme("update portcullis.replay set answer = 'x' where tenant_id = 'globex' returning 1")).toEqual(
      [],
    );
    expect(await asAcme("delete from portcullis.replay where tenant_id = 'globex' returning 1")).toEqual([]);
    expect(await it.sql('select distinct tenant_id, answer from portcullis.replay order by 1')).toEqual([
      { tenant_id: 'acme', answer: null },
      { tenant_id: 'globex', answer: null },
    ]);
  });

  test('the tenant is gone with its transaction, also when that failed', async () => {
    const current = (): Promise<unknown> =>
      laneOf(it.db, 'app').transaction('select 1', ({ query }) =>
        query("select nullif(current_setting('app.current_tenant_id', true), '') as tenant"),
      );
    await withTenant(it.db, 'acme', (query) => query('select 1'));
    expect(await current()).toEqual([{ tenant: null }]);
    await expect(withTenant(it.db, 'acme', (query) => query('select 1 / 0'))).rejects.toMatchObject({ code: '22012' });
    expect(await current()).toEqual([{ tenant: null }]);
  });

  test('a setting that somebody left on the connection does not count', async () => {
    await laneOf(it.db, 'app').transaction('select 1', ({ script }) => script("set app.current_tenant_id = 'acme'"));
    const counts = await Promise.all(
      Array.from({ length: 12 }, () => withTenant(it.db, null, (query) => query<{ count: number }>(COUNT))),
    );
    expect(counts.flat().map(({ count }) => count)).toEqual(Array(12).fill(0));
    await laneOf(it.db, 'app').transaction('select 1', ({ script }) => script("set app.current_tenant_id = ''"));
  });

  test('what fails is rolled back, and says a code only', async () => {
    const error = await withTenant(it.db, 'acme', async (query) => {
      await query(INSERT, ['acme', 'again']);
      await query(INSERT, ['acme', 'again']);
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'StoreError', message: 'PostgreSQL failed: 23505', code: '23505' });
    expect(Object.keys(error as object).sort()).toEqual(['code', 'name']);
    expect(await withTenant(it.db, 'acme', (query) => query(COUNT))).toEqual([{ count: 1 }]);
  });

  test.each(['select 1', 'reset role', "select set_config('app.current_tenant_id', 'globex', true)"])(
    '%s does not run where it is a text',
    async (text) => {
      for (const statement of [text, { text }, Object.freeze({ text })]) {
        const run = declared.withTenant(it.db, 'acme', (query) => query(statement as Statement));
        await expect(run).rejects.toThrow(TypeError);
      }
      const tag = sql as unknown as (template: unknown, ...parts: unknown[]) => Statement;
      expect(() => tag(text)).toThrow(TypeError);
      expect(() => tag([text])).toThrow(TypeError);
      expect(() => tag`select ${text}`).toThrow(TypeError);
    },
  );

  test.each([
    "select set_config('app.current_tenant_id', 'globex', true)",
    "select U&\"set\\005fconfig\"('app.current_tenant_id', 'globex', true)",
    "select query_to_xml('select set_'||'config(''app.current_tenant_id'', ''globex'', true)', true, true, '')",
    "select query_to_xml('select 1', true, true, '')",
    "select set_config('role', 'none', false)",
    "update pg_settings set setting = 'off' where name = 'row_security'",
    'select * into temp leak from portcullis.replay',
    "select lo_from_bytea(0, 'x')",
    'select lo_get(1)',
    "select * from ts_stat('select to_tsvector(tenant_id) from portcullis.tenants')",
  ])('%s is refused by the database, whoever it gets past', async (text) => {
    await expect(withTenant(it.db, 'acme', (query) => query(text))).rejects.toMatchObject({
      code: expect.stringMatching(/^42(?:501|P01)$/),
    });
    expect(await withTenant(it.db, 'acme', (query) => query(COUNT))).toEqual([{ count: 1 }]);
  });

  test.each([
    ['another tenant', "set local app.current_tenant_id = 'globex'"],
    ['row-level security off', 'set row_security = off'],
    ['row-level security off in this transaction', 'set local row_security = off'],
  ])('what ends with %s is rolled back, and its connection serves nobody else so', async (_what, change) => {
    const context =
      "set local search_path = pg_catalog; set local row_security = on; set local app.current_tenant_id = 'acme'";
    const closing: string[] = [];
    // What withTenant sends with the commit.
    const lane = laneOf(it.db, 'app');
    const { transaction } = lane;
    lane.transaction = (opening, use, end) => {
      closing.push(end ?? '');
      return transaction(opening, use, end);
    };
    try {
      await withTenant(it.db, 'acme', (query) => query('select 1'));
    } finally {
      lane.transaction = transaction;
    }
    const changed = lane.transaction(
      context,
      async ({ query, script }) => {
        await query(INSERT, ['acme', 'lost']);
        await script(change);
      },
      closing[0],
    );
    await expect(changed).rejects.toMatchObject({ name: 'StoreError' });
    const look = (): Promise<unknown> => withTenant(it.db, 'acme', (query) => query(COUNT));
    expect(await Promise.all(Array.from({ length: 12 }, look))).toEqual(Array(12).fill([{ count: 1 }]));
  });

  test('who goes on asking when the transaction is over is refused', async () => {
    let kept: ((text: string) => Promise<unknown>) | undefined;
    await withTenant(it.db, 'acme', async (query) => {
      kept = query;
    });
    await withTenant(it.db, 'globex', async (query) => {
      await query('select 1');
      await expect(kept?.(COUNT)).rejects.toThrow(TypeError);
    });
    await expect(kept?.(COUNT)).rejects.toThrow(TypeError);
  });

  test('what nobody waited for is done before the commit, and fails it if it fails', async () => {
    await withTenant(it.db, 'acme', async (query) => {
      void query('select pg_sleep(0.05)');
      void query(INSERT, ['acme', 'late']);
    });
    expect(await withTenant(it.db, 'acme', (query) => query(COUNT))).toEqual([{ count: 2 }]);
    const failed = withTenant(it.db, 'acme', async (query) => {
      await query("delete from portcullis.replay where pcs_id = 'late'");
      void query(INSERT, ['acme', 'a1']);
    });
    await expect(failed).rejects.toMatchObject({ name: 'StoreError' });
    expect(await withTenant(it.db, 'acme', (query) => query(COUNT))).toEqual([{ count: 2 }]);
    await withTenant(it.db, 'acme', (query) => query("delete from portcullis.replay where pcs_id = 'late'"));
  });

  test('an error that was caught does not end in a commit of nothing', async () => {
    const caught = withTenant(it.db, 'acme', (query) => query('select 1 / 0').catch(() => []));
    await expect(caught).rejects.toMatchObject({ code: '25P02' });
  });

  test('several statements in one text are refused, with values and without', async () => {
    const two = "select 1; insert into portcullis.replay values ('acme', 'two', 'd', null, 'infinity')";
    await expect(withTenant(it.db, 'acme', (query) => query(two))).rejects.toMatchObject({ code: '42601' });
    expect(await withTenant(it.db, 'acme', (query) => query(COUNT))).toEqual([{ count: 1 }]);
  });

  test.each(['', "a' or 'x'='x", 'a b', 'x'.repeat(65)])('an id such as %j sets no tenant', async (id) => {
    await expect(withTenant(it.db, id, (query) => query('select 1'))).rejects.toThrow(TypeError);
  });

  test('the application cannot read tenants or the audit, nor what operations keep', async () => {
    for (const table of ['tenants', 'admin_audit']) {
      const read = withTenant(it.db, 'acme', (query) => query(`select * from portcullis.${table}`));
      await expect(read).rejects.toMatchObject({ code: '42501' });
    }
  });

  test.each(['ledger_index', 'dead_letters', 'admin_audit'])(
    '%s is never changed, by its owner either',
    async (table) => {
      for (const text of [
        `update portcullis.${table} set tenant_id = 'x'`,
        `delete from portcullis.${table}`,
        `truncate portcullis.${table}`,
      ]) {
        const change = laneOf(it.db, 'owner').transaction('select 1', ({ script }) => script(text));
        await expect(change, text).rejects.toMatchObject({ code: '55000' });
      }
      // As replication would: only triggers that are always enabled run then.
      const replica = it.sql(
        `begin; set local session_replication_role = replica; truncate portcullis.${table}; commit`,
      );
      await expect(replica).rejects.toThrow(`${table} is append-only`);
      await it.sql('rollback');
    },
  );

  test('who has a row of another tenant in mind learns nothing from a conflict', async () => {
    const rows = await withTenant(it.db, 'acme', (query) =>
      query(`${INSERT} on conflict do nothing returning 1 as one`, ['acme', 'g1']),
    );
    expect(rows).toEqual([{ one: 1 }]);
    await withTenant(it.db, 'acme', (query) => query("delete from portcullis.replay where pcs_id = 'g1'"));
  });
});
