import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresConfig } from '../../../gateway/postgres/env.ts';
import { databaseProbes } from '../../../gateway/probes/database-probes.ts';
import { type ProbeReport, runProbes } from '../../../gateway/probes/probe.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { DATABASES, START_MS, type TestDatabase } from '../postgres/databases.ts';
import { withTenant } from '../postgres/free-text.ts';

const SECRETS = [
  { name: 'METRICS_PASS', value: 'käse "and" wine' },
  { name: 'key of acme', value: 'the-key-of-acme-0', isTenantKey: true },
  { name: 'short', value: 'abc' },
];
const PROBES = [
  'row-security',
  'append-only',
  'runtime-identity',
  'fail-closed',
  'cross-tenant',
  'dead-letter-lanes',
  'secrets',
];

type Roles = TestDatabase['roles'];
/** What somebody does wrong, what takes it back, the probe that has to see it, and what it has to say. */
interface Fault {
  readonly name: string;
  readonly plant: (roles: Roles) => string;
  readonly mend: (roles: Roles) => string;
  readonly probe: string;
  readonly failure: RegExp;
  /** Where it cannot be planted: PGlite logs nobody in. */
  readonly only?: 'PostgreSQL';
}

const OWN = "tenant_id = nullif(current_setting('app.current_tenant_id', true), '')";
const LEAKY = `create table portcullis.leaky (tenant_id text not null, note text not null);
  insert into portcullis.leaky values ('acme', 'x'), ('globex', 'y')`;

/** A table without tenants, and a text in it. */
function note(ops: string, text: string): string {
  return `create table portcullis.notes (note text); insert into portcullis.notes values ('${text}');
    grant select on portcullis.notes to ${ops}`;
}

function refuseChange(body: string): string {
  return `create or replace function portcullis.refuse_change() returns trigger language plpgsql
    set search_path = pg_catalog as $$ ${body} $$`;
}

function ledgerTrigger(events: string, when: string): string {
  return `drop trigger ledger_index_append_only on portcullis.ledger_index;
    create trigger ledger_index_append_only before ${events} on portcullis.ledger_index
      for each statement ${when} execute function portcullis.refuse_change();
    alter table portcullis.ledger_index enable always trigger ledger_index_append_only`;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'row-level security switched off',
    plant: () => 'alter table portcullis.replay disable row level security',
    mend: () => 'alter table portcullis.replay enable row level security',
    probe: 'row-security',
    failure: /^portcullis\.replay: row-level security is not enabled$/,
  },
  {
    name: 'not forced',
    plant: () => 'alter table portcullis.tenants no force row level security',
    mend: () => 'alter table portcullis.tenants force row level security',
    probe: 'row-security',
    failure: /^portcullis\.tenants: row-level security is not forced/,
  },
  {
    name: 'a new table with tenant_id and no policy',
    plant: () => LEAKY,
    mend: () => 'drop table portcullis.leaky',
    probe: 'row-security',
    failure: /^portcullis\.leaky: no permissive policy for select$/,
  },
  {
    name: 'a new table in another schema',
    plant: () => 'create schema elsewhere; create table elsewhere."Odd name" (tenant_id uuid)',
    mend: () => 'drop schema elsewhere cascade',
    probe: 'row-security',
    failure: /^elsewhere\."Odd name": row-level security is not enabled$/,
  },
  {
    name: 'a command without a policy',
    plant: () => 'drop policy ledger_index_update on portcullis.ledger_index',
    mend: () =>
      `create policy ledger_index_update on portcullis.ledger_index for update using (${OWN}) with check (${OWN})`,
    probe: 'row-security',
    failure: /^portcullis\.ledger_index: no permissive policy for update$/,
  },
  {
    name: 'a restrictive policy in the place of a permissive one',
    plant: () =>
      `drop policy replay_select on portcullis.replay;
       create policy replay_select on portcullis.replay as restrictive for select using (${OWN})`,
    mend: () =>
      `drop policy replay_select on portcullis.replay;
       create policy replay_select on portcullis.replay for select using (${OWN})`,
    probe: 'row-security',
    failure: /^portcullis\.replay: no permissive policy for select$/,
  },
  {
    name: 'a policy for everybody',
    plant: () => 'create policy all_of_it on portcullis.replay for select using (true)',
    mend: () => 'drop policy all_of_it on portcullis.replay',
    probe: 'row-security',
    failure: /^portcullis\.replay: a policy for select does not compare with the tenant$/,
  },
  {
    name: 'the right to truncate',
    plant: ({ app }) => `grant truncate on portcullis.replay to ${app}`,
    mend: ({ app }) => `revoke truncate on portcullis.replay from ${app}`,
    probe: 'row-security',
    failure: /^portcullis\.replay: requests may truncate$/,
  },
  {
    name: 'a view that shows what its owner sees',
    plant: ({ app }) =>
      `create view portcullis.all_replays as select * from portcullis.replay; grant select on portcullis.all_replays to ${app}`,
    mend: () => 'drop view portcullis.all_replays',
    probe: 'row-security',
    failure: /^requests see with the rights of another role through view portcullis\.all_replays$/,
  },
  {
    name: 'a function that runs as its owner',
    plant: ({ app }) =>
      `create function portcullis.count_all() returns bigint language sql security definer
       as 'select count(*) from portcullis.replay'; grant execute on function portcullis.count_all to ${app}`,
    mend: () => 'drop function portcullis.count_all',
    probe: 'row-security',
    failure: /^requests see with the rights of another role through function portcullis\.count_all$/,
  },
  ...[
    "or nullif(current_setting('app.current_tenant_id', true), '') is null",
    "or lower(tenant_id) = lower(current_setting('app.current_tenant_id', true))",
    "or tenant_id like current_setting('app.current_tenant_id', true)",
    "or current_setting('app.support', true) = 'on'",
  ].map(
    (more): Fault => ({
      name: `a policy with ${more}`,
      plant: () => `alter policy replay_select on portcullis.replay using (${OWN} ${more})`,
      mend: () => `alter policy replay_select on portcullis.replay using (${OWN})`,
      probe: 'row-security',
      failure: /^portcullis\.replay: a policy for select does not compare with the tenant$/,
    }),
  ),
  {
    name: 'a materialized view in another schema, for everybody',
    plant: () =>
      `create schema elsewhere; create materialized view elsewhere.copy as select * from portcullis.replay;
       grant usage on schema elsewhere to public; grant select on elsewhere.copy to public`,
    mend: () => 'drop schema elsewhere cascade',
    probe: 'row-security',
    failure: /^requests see with the rights of another role through materialized view elsewhere\.copy$/,
  },
  {
    name: 'requests that read the keys of tenants',
    plant: ({ app }) => `grant select (spec) on portcullis.tenants to ${app}`,
    mend: ({ app }) => `revoke select (spec) on portcullis.tenants from ${app}`,
    probe: 'row-security',
    failure: /^grants are not those of the migrations: table tenants: SELECT of spec for \w*app\w* is granted$/,
  },
  {
    name: 'operations that change what they should read',
    plant: ({ ops }) => `grant update on portcullis.replay to ${ops}`,
    mend: ({ ops }) => `revoke update on portcullis.replay from ${ops}`,
    probe: 'row-security',
    failure: /^grants are not those of the migrations: table replay: UPDATE for \w*ops\w* is granted$/,
  },
  {
    name: 'a function that everybody runs',
    plant: () => 'grant execute on function portcullis.replay_lock to public',
    mend: () => 'revoke execute on function portcullis.replay_lock from public',
    probe: 'row-security',
    failure: /^grants are not those of the migrations: function replay_lock: EXECUTE for everybody is granted$/,
  },
  {
    name: 'requests that make things in the schema',
    plant: ({ app }) => `grant create on schema portcullis to ${app}`,
    mend: ({ app }) => `revoke create on schema portcullis from ${app}`,
    probe: 'row-security',
    failure: /^requests may use what it makes in schema portcullis: /,
  },
  {
    name: 'a database from before the set-up took from everybody',
    plant: () => 'grant execute on function pg_catalog.set_config to public',
    mend: () => 'revoke execute on function pg_catalog.set_config from public',
    probe: 'row-security',
    failure: /^requests may use function set_config\(text,text,boolean\): run portcullis migrate --setup again$/,
  },
  {
    name: 'a function that refuses nothing',
    plant: () => refuseChange('begin return null; end'),
    mend: () =>
      refuseChange("begin\n raise exception '% is append-only', tg_table_name using errcode = '55000';\nend "),
    probe: 'append-only',
    failure: /^portcullis\.ledger_index: nothing refuses update$/,
  },
  ...(
    [
      ['a condition that never holds', 'update or delete or truncate', 'when (false)'],
      ['one column only', 'update of outcome or delete or truncate', ''],
    ] as const
  ).map(
    ([what, events, when]): Fault => ({
      name: `a trigger for ${what}`,
      plant: () => ledgerTrigger(events, when),
      mend: () => ledgerTrigger('update or delete or truncate', ''),
      probe: 'append-only',
      failure: /^portcullis\.ledger_index: nothing refuses update$/,
    }),
  ),
  {
    name: 'requests that own a table in another schema',
    plant: ({ app }) =>
      `create schema elsewhere; create table elsewhere.mine (x int); alter table elsewhere.mine owner to ${app}`,
    mend: () => 'drop schema elsewhere cascade',
    probe: 'runtime-identity',
    failure: /^app: the role owns mine$/,
  },
  {
    name: 'a setting that a role begins with',
    plant: ({ app }) => `alter role ${app} set app.current_tenant_id = 'acme'`,
    mend: ({ app }) => `alter role ${app} reset app.current_tenant_id`,
    probe: 'runtime-identity',
    failure: /^logins begin with app\.current_tenant_id set$/,
  },
  {
    name: 'a key as base64, behind something else',
    plant: ({ ops }) => note(ops, Buffer.from(`xy${SECRETS[1]?.value}z`).toString('base64')),
    mend: () => 'drop table portcullis.notes',
    probe: 'secrets',
    failure: /^portcullis\.notes: key of acme stands in 1 rows$/,
  },
  {
    name: 'a table that operations cannot read',
    plant: () => 'create table portcullis.notes (note text)',
    mend: () => 'drop table portcullis.notes',
    probe: 'secrets',
    failure: /^portcullis\.notes: operations cannot read it, so it was not looked through$/,
  },
  {
    name: 'a trigger that a replica passes by',
    plant: () => 'alter table portcullis.ledger_index enable trigger ledger_index_append_only',
    mend: () => 'alter table portcullis.ledger_index enable always trigger ledger_index_append_only',
    probe: 'append-only',
    failure: /^portcullis\.ledger_index: what refuses update is not enabled always$/,
  },
  {
    name: 'a table that is added to, without a trigger',
    plant: ({ app }) => `${LEAKY}; grant insert on portcullis.leaky to ${app}`,
    mend: () => 'drop table portcullis.leaky',
    probe: 'append-only',
    failure: /^portcullis\.leaky: nothing refuses truncate$/,
  },
  {
    name: 'requests that may change the ledger index',
    plant: ({ app }) =>
      `drop trigger ledger_index_append_only on portcullis.ledger_index; grant delete on portcullis.ledger_index to ${app};
       create trigger ledger_index_append_only before update or truncate on portcullis.ledger_index
       for each statement execute function portcullis.refuse_change()`,
    mend: ({ app }) =>
      `drop trigger ledger_index_append_only on portcullis.ledger_index; revoke delete on portcullis.ledger_index from ${app};
       create trigger ledger_index_append_only before update or delete or truncate on portcullis.ledger_index
       for each statement execute function portcullis.refuse_change();
       alter table portcullis.ledger_index enable always trigger ledger_index_append_only`,
    probe: 'append-only',
    failure: /^portcullis\.ledger_index: delete was done for a request$/,
  },
  {
    name: 'a role of requests that passes row-level security by',
    plant: ({ app }) => `alter role ${app} bypassrls`,
    mend: ({ app }) => `alter role ${app} nobypassrls`,
    probe: 'runtime-identity',
    failure: /^app: the role is bypassrls$/,
  },
  {
    name: 'a superuser for operations',
    plant: ({ ops }) => `alter role ${ops} superuser`,
    mend: ({ ops }) => `alter role ${ops} nosuperuser`,
    probe: 'runtime-identity',
    failure: /^ops: the role is superuser$/,
  },
  {
    name: 'requests that are a member of operations',
    plant: ({ app, ops }) => `grant ${ops} to ${app}`,
    mend: ({ app, ops }) => `revoke ${ops} from ${app}`,
    probe: 'runtime-identity',
    failure: /^app: the role is a member of \w*ops\w*$/,
  },
  {
    name: 'requests that own a table',
    plant: ({ app }) => `alter table portcullis.replay owner to ${app}`,
    // What was granted to the new owner went with the ownership.
    mend: ({ owner, app }) =>
      `alter table portcullis.replay owner to ${owner}; grant select, insert, update, delete on portcullis.replay to ${app}`,
    probe: 'runtime-identity',
    failure: /^app: the role owns .*replay/,
  },
  {
    name: 'a policy that shows rows without a tenant',
    plant: () =>
      `create policy nobody on portcullis.replay for select
       using (nullif(current_setting('app.current_tenant_id', true), '') is null)`,
    mend: () => 'drop policy nobody on portcullis.replay',
    probe: 'fail-closed',
    failure: /^portcullis\.replay: 1 rows are visible without a tenant, on a reused connection$/,
  },
  {
    name: 'a policy that adds rows without a tenant',
    plant: () =>
      `create policy nobody on portcullis.replay for insert
       with check (nullif(current_setting('app.current_tenant_id', true), '') is null)`,
    mend: () => 'drop policy nobody on portcullis.replay',
    probe: 'fail-closed',
    failure: /^portcullis\.replay: a row was added without a tenant, on a connection whose transaction failed$/,
  },
  {
    name: 'a tenant that every login begins with',
    plant: ({ app }) => `alter role ${app} set app.current_tenant_id = 'acme'`,
    mend: ({ app }) => `alter role ${app} reset app.current_tenant_id`,
    probe: 'fail-closed',
    failure: /^portcullis\.ledger_index: 1 rows are visible without a tenant, on a fresh connection$/,
    only: 'PostgreSQL',
  },
  {
    name: 'a table whose rows everybody reads',
    plant: ({ app }) => `${LEAKY}; grant select on portcullis.leaky to ${app}`,
    mend: () => 'drop table portcullis.leaky',
    probe: 'cross-tenant',
    failure: /^portcullis\.leaky: select of another tenant's row: 2 rows$/,
  },
  {
    name: 'a policy that lets rows be added for others',
    plant: () => 'create policy any_row on portcullis.dead_letters for insert with check (true)',
    mend: () => 'drop policy any_row on portcullis.dead_letters',
    probe: 'cross-tenant',
    failure: /^portcullis\.dead_letters: insert of another tenant's row: 1 rows$/,
  },
  {
    name: 'a policy that lets rows be given away',
    plant: () => `create policy give on portcullis.replay for update using (${OWN}) with check (true)`,
    mend: () => 'drop policy give on portcullis.replay',
    probe: 'cross-tenant',
    failure: /^portcullis\.replay: update of another tenant's row: its own was given away$/,
  },
  {
    name: 'a policy that lets rows of others be deleted',
    plant: () =>
      `create policy del on portcullis.replay for delete using (true);
       create policy see on portcullis.replay for select using (true)`,
    mend: () => 'drop policy del on portcullis.replay; drop policy see on portcullis.replay',
    probe: 'cross-tenant',
    failure: /^portcullis\.replay: delete of another tenant's row: 1 rows$/,
  },
  {
    name: 'policies that hide a tenant from itself',
    plant: () => 'create policy none on portcullis.replay as restrictive for select using (false)',
    mend: () => 'drop policy none on portcullis.replay',
    probe: 'cross-tenant',
    failure: /^portcullis\.replay: a tenant does not see its own row/,
  },
  {
    name: 'letters of nobody that everybody reads',
    plant: () => 'create policy all_of_it on portcullis.dead_letters for select using (tenant_id is null)',
    mend: () => 'drop policy all_of_it on portcullis.dead_letters',
    probe: 'dead-letter-lanes',
    failure: /^another tenant sees operations$/,
  },
  {
    name: 'letters that are kept each time they come',
    plant: () => 'alter index portcullis.dead_letters_once rename to away; drop index portcullis.away',
    mend: () =>
      `alter table portcullis.dead_letters disable trigger all; delete from portcullis.dead_letters;
       alter table portcullis.dead_letters enable always trigger dead_letters_append_only;
       create unique index dead_letters_once
         on portcullis.dead_letters (lane, coalesce(tenant_id, ''), source_id, error_class)`,
    probe: 'dead-letter-lanes',
    failure: /^tenant: the same letter was kept twice$/,
  },
  {
    name: 'operations that cannot read their letters',
    plant: () => 'drop policy dead_letters_ops on portcullis.dead_letters',
    mend: ({ ops }) =>
      `create policy dead_letters_ops on portcullis.dead_letters for all to ${ops} using (true) with check (true)`,
    probe: 'dead-letter-lanes',
    failure: /^operations see nothing$/,
  },
  {
    name: 'a password in a row',
    plant: ({ ops }) => note(ops, `x${SECRETS[0]?.value}x`),
    mend: () => 'drop table portcullis.notes',
    probe: 'secrets',
    failure: /^portcullis\.notes: METRICS_PASS stands in 1 rows$/,
  },
  {
    name: 'the key of a tenant anywhere but among the tenants, as base64',
    plant: ({ ops }) => note(ops, `{"x":"${Buffer.from(SECRETS[1]?.value ?? '').toString('base64')}"}`),
    mend: () => 'drop table portcullis.notes',
    probe: 'secrets',
    failure: /^portcullis\.notes: key of acme stands in 1 rows$/,
  },
  {
    name: 'a connection string with a password, whoever it is of',
    plant: ({ ops }) => note(ops, 'amqp://user:pass@host/x'),
    mend: () => 'drop table portcullis.notes',
    probe: 'secrets',
    failure: /^portcullis\.notes: a private key or a connection string stands in 1 rows$/,
  },
  {
    name: 'a scan that does not see what it plants',
    plant: () => 'create policy hidden on portcullis.tenants as restrictive for select using (false)',
    mend: () => 'drop policy hidden on portcullis.tenants',
    probe: 'secrets',
    failure: /^the control was not found in the database$/,
  },
];

describe.each(DATABASES)('%s', (kind, open) => {
  let it: TestDatabase;
  let config: PostgresConfig;
  beforeAll(async () => {
    it = await open();
    config =
      it.db.kind === 'pglite'
        ? { kind: 'pglite', directory: undefined }
        : { kind: 'postgres', logins: { app: it.url('app'), ops: it.url('ops') }, roles: it.roles };
    await it.sql(
      `insert into portcullis.tenants (tenant_id, spec, revision) values ('acme', '{"keys":[{"key":"${SECRETS[1]?.value}"}]}', 1)`,
    );
    await withTenant(it.db, 'acme', (query) =>
      query(
        "insert into portcullis.ledger_index values ('l', 0, 'acme', 'decision', null, null, now(), null, null, $1)",
        ['a'.repeat(64)],
      ),
    );
  }, START_MS);
  afterAll(() => it.drop());

  async function probe(names: readonly string[], directory?: string): Promise<readonly ProbeReport[]> {
    const directories = [directory ?? (await tempDirectory())];
    const probes = databaseProbes({ db: it.db, config, directories, secrets: SECRETS });
    return runProbes(probes.filter(({ name }) => names.includes(name)));
  }

  test('every probe is green, has checked something, and leaves no row but two dead letters', async () => {
    const count = async (): Promise<unknown> =>
      (
        await it.sql(
          `select (select count(*)::int from portcullis.replay) as replay, (select count(*)::int from portcullis.tenants) as tenants,
           (select count(*)::int from portcullis.ledger_index) as ledger_index`,
        )
      )[0];
    const before = await count();
    for (let time = 1; time <= 2; time++) {
      const reports = await probe(PROBES);
      expect(reports.filter(({ ok }) => !ok)).toEqual([]);
      expect(reports.map((report) => report.probe)).toEqual(PROBES);
      expect(
        await it.sql('select lane, count(*)::int as count from portcullis.dead_letters group by 1 order by 1'),
      ).toEqual([
        { lane: 'operations', count: time },
        { lane: 'tenant', count: time },
      ]);
    }
    expect(await count()).toEqual(before);
  });

  test('tables are found in the catalogue, and the evidence names them', async () => {
    const [report] = await probe(['row-security']);
    const tables = ((report?.evidence.tables ?? []) as readonly { name: string }[]).map(({ name }) => name);
    expect(tables).toEqual(
      ['admin_audit', 'dead_letters', 'ledger_index', 'replay', 'replay_claims', 'tenants'].map(
        (name) => `portcullis.${name}`,
      ),
    );
  });

  test('the evidence is JSON, and holds no secret', async () => {
    const text = JSON.stringify(await probe(PROBES));
    for (const { value } of SECRETS.slice(0, 2)) expect(text).not.toContain(value);
    expect(text).not.toContain('control-');
  });

  const faults = FAULTS.filter(({ only }) => only === undefined || only === kind);
  test.each(faults.map((fault) => [fault.name, fault] as const))('red: %s', async (_name, fault) => {
    await it.sql(fault.plant(it.roles));
    let reports: readonly ProbeReport[];
    try {
      reports = await probe([fault.probe]);
    } finally {
      await it.sql(fault.mend(it.roles));
    }
    expect(reports.map(({ ok }) => ok)).toEqual([false]);
    expect(reports[0]?.failures).toContainEqual(expect.stringMatching(fault.failure));
    expect((await probe([fault.probe])).map(({ failures }) => failures)).toEqual([[]]);
  });

  test('a sound table with constraints that a sample does not meet is no fault', async () => {
    await it.sql(`create schema elsewhere; grant usage on schema elsewhere to ${it.roles.app}, ${it.roles.ops};
      create table elsewhere.parent (id int primary key);
      create table elsewhere.sound (tenant_id text not null, at int not null unique, of int not null references elsewhere.parent,
        kind text not null check (kind in ('a', 'b')));
      create table elsewhere.counted (tenant_id text not null, at int not null unique)`);
    try {
      for (const table of ['sound', 'counted']) {
        await it.sql(`alter table elsewhere.${table} enable row level security; alter table elsewhere.${table} force row level security;
          create policy own on elsewhere.${table} using (${OWN}) with check (${OWN});
          grant select, insert, update, delete on elsewhere.${table} to ${it.roles.app}`);
      }
      expect((await probe(['row-security', 'cross-tenant'])).map(({ failures }) => failures)).toEqual([[], []]);
    } finally {
      await it.sql('drop schema elsewhere cascade');
    }
  });

  test('red: a private key or a connection string in a file', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'a.log'), `${'x'.repeat(65_530)} amqp://user:pass@host/x`);
    await writeFile(join(directory, 'b.log'), '-----BEGIN EC PRIVATE KEY-----');
    const [report] = await probe(['secrets'], directory);
    expect([...(report?.failures ?? [])].sort()).toEqual(
      ['a.log', 'b.log'].map((file) => `${file}: a private key or a connection string stands in it`),
    );
  });

  test('red: a secret in a file, also where it is cut in two', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'a.log'), `${'x'.repeat(65_536 - 5)}${SECRETS[0]?.value}`);
    const [report] = await probe(['secrets'], directory);
    expect(report).toMatchObject({ ok: false, failures: ['a.log: METRICS_PASS stands in it'] });
  });

  test('red: a database that does not answer', async () => {
    const [, other] = DATABASES[0];
    const gone = await other();
    await gone.drop();
    const probes = databaseProbes({ db: gone.db, config, directories: [], secrets: [] });
    for (const report of await runProbes(probes)) expect(report).toMatchObject({ ok: false, checks: 0 });
  });
});

test('a probe that checks nothing is red', async () => {
  const [report] = await runProbes([{ name: 'idle', run: async () => ({ checks: 0, failures: [], evidence: {} }) }]);
  expect(report?.ok).toBe(false);
});
