import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgres } from '../../../gateway/postgres/connect.ts';
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
    set search_path = pg_catalog as $$${body}$$`;
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
    failure:
      /^view portcullis\.all_replays shows what its owner sees, and requests reach it: drop it, or keep it in a database of its own$/,
  },
  {
    name: 'a function that runs as its owner',
    plant: ({ app }) =>
      `create function portcullis.count_all() returns bigint language sql security definer
       as 'select count(*) from portcullis.replay'; grant execute on function portcullis.count_all to ${app}`,
    mend: () => 'drop function portcullis.count_all',
    probe: 'row-security',
    failure: /^function portcullis\.count_all\(\) runs with the rights of its owner: drop it/,
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
    failure: /^materialized view elsewhere\.copy shows what its owner sees, and requests reach it: /,
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
    failure:
      /^grants outside of the schema: function set_config\(text,text,boolean\): EXECUTE for everybody: .*migrate --setup again$/,
  },
  {
    name: 'a function that refuses nothing',
    plant: () => refuseChange('begin return null; end'),
    mend: () =>
      refuseChange("\nbegin\n  raise exception '% is append-only', tg_table_name using errcode = '55000';\nend "),
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
    failure: /^app: the role owns elsewhere\.mine$/,
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
    name: 'an owner that policies do not hold for',
    plant: ({ owner }) => `alter role ${owner} bypassrls superuser`,
    mend: ({ owner }) => `alter role ${owner} nobypassrls nosuperuser`,
    probe: 'runtime-identity',
    failure: /^owner: the role is superuser, bypassrls$/,
  },
  ...(['owner', 'app', 'ops'] as const).map(
    (role): Fault => ({
      name: `another login that takes on the role ${role}`,
      plant: (roles) => `create role ${roles.app}_2 login; grant ${roles[role]} to ${roles.app}_2`,
      mend: (roles) => `drop role ${roles.app}_2`,
      probe: 'runtime-identity',
      failure: new RegExp(`^others can take our roles on: \\w+_2 is a member of \\w*${role}\\w*: revoke that$`),
    }),
  ),
  {
    name: 'requests that own a type',
    plant: ({ app }) =>
      `create schema elsewhere; create type elsewhere.kind as enum ('a'); alter type elsewhere.kind owner to ${app}`,
    mend: () => 'drop schema elsewhere cascade',
    probe: 'runtime-identity',
    failure: /^app: the role owns elsewhere\.kind$/,
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
    failure: /^portcullis\.notes: a private key, a token of the admin API or a connection string stands in 1 rows$/,
  },
  {
    name: 'the key of a tenant that is stored, in a row that cannot be taken away',
    plant: () =>
      `insert into portcullis.tenants (tenant_id, spec, revision)
         values ('stored', '{"id":"stored","keys":[{"id":"k","alg":"hmac","key":"the-key-of-stored"}]}', 1);
       insert into portcullis.dead_letters (lane, source_id, error_class, detail)
         values ('operations', 'x', 'planted', 'sign with the-key-of-stored')`,
    mend: () =>
      `alter table portcullis.dead_letters disable trigger all; delete from portcullis.dead_letters where error_class = 'planted';
       alter table portcullis.dead_letters enable always trigger dead_letters_append_only;
       delete from portcullis.tenants where tenant_id = 'stored'`,
    probe: 'secrets',
    failure: /^portcullis\.dead_letters: key k of stored stands in 1 rows$/,
  },
  ...[
    // The signer key of the example in Go's golang.org/x/mod/sumdb/note, and a token of 32 zero bytes.
    'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
    `ptc_${'A'.repeat(43)}`,
  ].map(
    (secret): Fault => ({
      name: `${secret.slice(0, 4)}, whoever's it is`,
      plant: ({ ops }) => note(ops, `x ${secret}`),
      mend: () => 'drop table portcullis.notes',
      probe: 'secrets',
      failure: /^portcullis\.notes: a private key, a token of the admin API or a connection string stands in 1 rows$/,
    }),
  ),
  {
    name: 'a scan that does not see what it plants',
    plant: () => 'create policy hidden on portcullis.tenants as restrictive for select using (false)',
    mend: () => 'drop policy hidden on portcullis.tenants',
    probe: 'secrets',
    failure: /^the control was not found in the database$/,
  },
];

const LEAK = `create function elsewhere.leak() returns setof portcullis.replay language sql security definer
  as 'select * from portcullis.replay'`;

/** What leads past the policies, by the review that found it or by the same principle; most of it is red whoever may use it. */
const WAYS_AROUND: readonly Fault[] = (
  [
    {
      name: 'a parent that shows the rows of a table without its policies',
      plant: ({ app, ops }) =>
        `create schema elsewhere; create table elsewhere.base (pcs_id text, answer text);
       alter table portcullis.replay inherit elsewhere.base; grant select on elsewhere.base to ${app}, ${ops}`,
      mend: () => 'alter table portcullis.replay no inherit elsewhere.base; drop schema elsewhere cascade',
      failure: /^table elsewhere\.base shows the rows of portcullis\.replay without its policies: /,
    },
    {
      name: 'a child, which other policies hold for',
      plant: () => 'create schema elsewhere; create table elsewhere.child () inherits (portcullis.replay)',
      mend: () => 'drop schema elsewhere cascade',
      failure: /^table elsewhere\.child is shown by the policies of portcullis\.replay: /,
    },
    {
      name: 'a function in a schema that requests may not use, behind a view that acts for its caller',
      plant: ({ app }) =>
        `create schema elsewhere; ${LEAK};
       create view public.seen as select * from elsewhere.leak(); grant select on public.seen to ${app}`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^function elsewhere\.leak\(\) runs with the rights of its owner: /,
    },
    {
      name: 'a view of a view in a schema that requests may not use',
      plant: ({ app }) =>
        `create schema elsewhere; create view elsewhere.within as select * from portcullis.replay;
       grant select on elsewhere.within to ${app}`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^view elsewhere\.within shows what its owner sees, and requests reach it: /,
    },
    {
      name: 'a view that somebody else reads',
      plant: () => 'create schema elsewhere; create view elsewhere.report as select * from portcullis.ledger_index',
      mend: () => 'drop schema elsewhere cascade',
      failure: /^view elsewhere\.report shows tenants' rows as its owner sees them: /,
    },
    {
      name: 'an operator over a function of others',
      plant: () =>
        `create schema elsewhere; create function elsewhere.leak(text, text) returns setof text language sql
       security definer as 'select answer from portcullis.replay';
       create operator public.@@@ (leftarg = text, rightarg = text, function = elsewhere.leak)`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^function elsewhere\.leak\(text,text\) runs with the rights of its owner: /,
    },
    {
      name: 'a view that requests write through',
      plant: ({ app }) =>
        `create schema elsewhere; create view elsewhere.w as select * from portcullis.replay;
       grant insert, update, delete on elsewhere.w to ${app}`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^view elsewhere\.w shows what its owner sees, and requests reach it: /,
    },
    {
      name: 'a foreign table',
      plant: ({ app }) =>
        `create schema elsewhere; create foreign data wrapper nothing; create server there foreign data wrapper nothing;
       create foreign table elsewhere.remote (tenant_id text) server there; grant select on elsewhere.remote to ${app}`,
      mend: () => 'drop schema elsewhere cascade; drop foreign data wrapper nothing cascade',
      failure: /^foreign table elsewhere\.remote has no row-level security, and requests reach it: /,
    },
    {
      name: 'a function among those of the system',
      plant: () =>
        `create function pg_catalog.leak() returns setof portcullis.replay language sql security definer
       as 'select * from portcullis.replay'`,
      mend: () => 'set allow_system_table_mods = on; drop function pg_catalog.leak(); reset allow_system_table_mods',
      failure: /^function leak\(\) runs with the rights of its owner: /,
    },
    {
      name: 'a function that stands in the place of one of the system',
      plant: () => `create function pg_catalog.length(varchar) returns int language sql as 'select 1'`,
      mend: () => 'drop function pg_catalog.length(varchar)',
      failure: /^function length\(character varying\) stands in the place of the system's own: /,
    },
    {
      name: 'a cast between types of the system',
      plant: () =>
        `create schema elsewhere; create function elsewhere.cast(bigint) returns xid language sql as 'select null::xid';
       create cast (bigint as xid) with function elsewhere.cast(bigint) as implicit`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^cast from bigint to xid stands in the place of the system's own: /,
    },
    {
      name: 'a function in a language that knows no rights',
      plant: () =>
        `create schema elsewhere; create function elsewhere.read(text) returns bytea language internal
       as 'pg_read_binary_file_all'`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^function elsewhere\.read\(text\) runs outside of all rights: /,
    },
    {
      name: 'a trigger whose function nobody may execute',
      plant: () =>
        `create schema elsewhere; create function elsewhere.fill() returns trigger language plpgsql security definer
       as $$ begin new.answer := (select string_agg(answer, ',') from portcullis.replay); return new; end $$;
       revoke all on function elsewhere.fill from public;
       create trigger fill before insert on portcullis.replay for each row execute function elsewhere.fill()`,
      mend: () => 'drop schema elsewhere cascade',
      failure:
        /^trigger fill on portcullis\.replay is not one of the migrations: take it back to what the migrations made$/,
    },
    {
      name: 'a rule',
      plant: () =>
        `create schema elsewhere; create table elsewhere.tap (id text);
       create rule tap as on insert to portcullis.replay do also insert into elsewhere.tap values (new.pcs_id)`,
      mend: () => 'drop rule tap on portcullis.replay; drop schema elsewhere cascade',
      failure: /^rule tap on portcullis\.replay acts with the rights of the table's owner: /,
    },
    {
      name: 'the pieces of long values',
      plant: ({ app }) =>
        `do $$ begin execute format('grant select on %s to ${app}', (select reltoastrelid::regclass from pg_class
         where oid = 'portcullis.replay'::regclass)); end $$`,
      mend: ({ app }) =>
        `do $$ begin execute format('revoke select on %s from ${app}', (select reltoastrelid::regclass from pg_class
         where oid = 'portcullis.replay'::regclass)); end $$`,
      failure: /^table pg_toast\.pg_toast_\d+ has no tenant_id, and requests reach it: /,
    },
    {
      name: 'a grant that may be handed on',
      plant: ({ app }) => `grant select on portcullis.replay to ${app} with grant option`,
      mend: ({ app }) => `revoke grant option for select on portcullis.replay from ${app}`,
      failure: /^grants are not those of the migrations: table replay: SELECT, to hand on, for \w+ is granted$/,
    },
    {
      name: 'a foreign key',
      plant: () =>
        'create schema elsewhere; create table elsewhere.asks (a text, b text, foreign key (a, b) references portcullis.replay)',
      mend: () => 'drop schema elsewhere cascade',
      failure: /^foreign key asks_a_b_fkey of elsewhere\.asks hangs on portcullis\.replay: /,
    },
    ...(
      [
        ['an index', 'create index own on portcullis.replay (elsewhere.own(answer))', 'drop index portcullis.own'],
        [
          'a constraint',
          'alter table portcullis.replay add constraint own check (elsewhere.own(answer) is not null)',
          'alter table portcullis.replay drop constraint own',
        ],
        [
          'a default',
          "alter table portcullis.replay alter answer set default elsewhere.own('x')",
          'alter table portcullis.replay alter answer drop default',
        ],
      ] as const
    ).map(
      ([what, plant, mend]): Omit<Fault, 'probe'> => ({
        name: `${what} with code of its own`,
        plant: () =>
          `create schema elsewhere; create function elsewhere.own(text) returns text language sql immutable
         as 'select $1'; ${plant}`,
        mend: () => `${mend}; drop schema elsewhere cascade`,
        failure: /(?:index|constraint|default).* uses code that is not the system's own: /,
      }),
    ),
    {
      name: 'ids of tenants that a collation takes for the same',
      plant: () =>
        `create schema elsewhere; create collation elsewhere.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       create table elsewhere.loose (tenant_id text collate elsewhere.ci);
       alter table elsewhere.loose enable row level security; alter table elsewhere.loose force row level security;
       create policy own on elsewhere.loose using (${OWN}) with check (${OWN})`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^elsewhere\.loose: tenant_id has a collation that takes ids of several tenants for the same$/,
      // PGlite comes without ICU.
      only: 'PostgreSQL',
    },
    {
      name: 'a table of the schema that belongs to a superuser',
      plant: () => 'alter table portcullis.replay owner to current_user',
      mend: ({ owner }) => `alter table portcullis.replay owner to ${owner}`,
      failure: /^table portcullis\.replay belongs to \w+, not to \w+: /,
    },
    {
      name: 'a function of the schema that says something else',
      plant: () =>
        `create or replace function portcullis.replay_lock(of_tenant text, of_id text) returns void
       language sql volatile set search_path = pg_catalog as 'select null::void'`,
      mend: () =>
        `create or replace function portcullis.replay_lock(of_tenant text, of_id text) returns void
       language sql volatile set search_path = pg_catalog as $$
  select pg_advisory_xact_lock(hashtextextended(of_tenant || '|' || of_id, 0));
$$`,
      failure: /^function portcullis\.replay_lock is not one of the migrations: /,
    },
    ...(
      [
        ['execute on function pg_read_binary_file(text)', /function pg_read_binary_file\(text\): EXECUTE for \w*app/],
        ['select on pg_statistic', /table pg_statistic: SELECT for \w*app/],
        ['select (rolpassword) on pg_authid', /column rolpassword of table pg_authid: SELECT for \w*app/],
        ['update (setting) on pg_settings', /column setting of view pg_settings: UPDATE for \w*app/],
        ['execute on function ts_rewrite(tsquery, text)', /function ts_rewrite\(tsquery,text\): EXECUTE for \w*app/],
        [
          'execute on function table_to_xml(regclass, boolean, boolean, text)',
          /function table_to_xml\(regclass,boolean,boolean,text\): EXECUTE for \w*app/,
        ],
        ['create on schema pg_catalog', /^requests may use what it makes in schema pg_catalog: /],
      ] as const
    ).map(
      ([what, failure]): Omit<Fault, 'probe'> => ({
        name: `a grant of ${what}`,
        plant: ({ app }) => `grant ${what} to ${app}`,
        mend: ({ app }) => `revoke ${what} from ${app}`,
        failure,
      }),
    ),
    {
      name: 'a grant to everybody of what the set-up withdrew',
      plant: () => 'grant execute on function schema_to_xml(name, boolean, boolean, text) to public',
      mend: () => 'revoke execute on function schema_to_xml(name, boolean, boolean, text) from public',
      failure: /^grants outside of the schema: function schema_to_xml\(.*\): EXECUTE for everybody: /,
    },
    {
      name: 'a setting that requests may change',
      plant: ({ app }) => `grant set on parameter session_replication_role to ${app}`,
      mend: ({ app }) => `revoke set on parameter session_replication_role from ${app}`,
      failure: /^grants outside of the schema: setting session_replication_role: SET for \w*app/,
    },
    {
      name: 'a server elsewhere that requests may use',
      plant: ({ app }) =>
        `create foreign data wrapper nothing; create server there foreign data wrapper nothing;
       grant usage on foreign server there to ${app}`,
      mend: () => 'drop foreign data wrapper nothing cascade',
      failure: /^grants outside of the schema: foreign server there: USAGE for \w*app/,
    },
    {
      name: 'grants of what is to be made',
      plant: () => 'alter default privileges grant select on tables to public',
      mend: () => 'alter default privileges revoke select on tables from public',
      failure: /^grants outside of the schema: what \w+ makes in future: SELECT for everybody: /,
    },
    ...['"Tenant_Id"', '"tenantId"', 'tenantid'].map(
      (column): Omit<Fault, 'probe'> => ({
        name: `a column ${column}`,
        plant: () => `create schema elsewhere; create table elsewhere.named (${column} text)`,
        mend: () => 'drop schema elsewhere cascade',
        failure: new RegExp(`^table elsewhere\\.named has a column ${column}, which is not tenant_id: `),
      }),
    ),
    {
      name: 'a copy under another name that requests read',
      plant: ({ app }) =>
        `create schema elsewhere; create table elsewhere.copy as select tenant_id as t, answer from portcullis.replay;
       grant select on elsewhere.copy to ${app}`,
      mend: () => 'drop schema elsewhere cascade',
      failure: /^table elsewhere\.copy has no tenant_id, and requests reach it: /,
    },
  ] satisfies readonly Omit<Fault, 'probe'>[] as readonly Omit<Fault, 'probe'>[]
).map((fault): Fault => ({ ...fault, probe: 'row-security' }));

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

  const faults = [...FAULTS, ...WAYS_AROUND].filter(({ only }) => only === undefined || only === kind);
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
      create table elsewhere.counted (tenant_id text not null, at int not null unique);
      create view elsewhere.invoked with (security_invoker = on, check_option = local) as select * from elsewhere.counted;
      grant select on elsewhere.invoked to ${it.roles.app};
      create view elsewhere.other as select id from elsewhere.parent;
      create function elsewhere.plain() returns bigint language sql as 'select count(*) from portcullis.replay'`);
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

  test('red: a private key, a token of the admin API or a connection string in a file', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'a.log'), `${'x'.repeat(65_530)} amqp://user:pass@host/x`);
    await writeFile(join(directory, 'b.log'), '-----BEGIN EC PRIVATE KEY-----');
    const [report] = await probe(['secrets'], directory);
    expect([...(report?.failures ?? [])].sort()).toEqual(
      ['a.log', 'b.log'].map(
        (file) => `${file}: a private key, a token of the admin API or a connection string stands in it`,
      ),
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

test('red: logins that are not the roles that were named', async () => {
  const [, open] = DATABASES[0];
  const it = await open();
  const { owner, app, ops } = it.roles;
  const logins = { app: it.url('app'), ops: it.url('ops') };
  const db = await openPostgres(logins, { roles: { owner, app: ops, ops: app } });
  try {
    const config: PostgresConfig = { kind: 'postgres', logins, roles: db.roles };
    const probes = databaseProbes({ db, config, directories: [], secrets: [] });
    const [report] = await runProbes(probes.filter(({ name }) => name === 'runtime-identity'));
    expect(report?.failures).toEqual(['app', 'ops'].map((lane) => `${lane}: the login is not the role that was named`));
  } finally {
    await db.close();
    await it.drop();
  }
});

test('a probe that checks nothing is red', async () => {
  const [report] = await runProbes([{ name: 'idle', run: async () => ({ checks: 0, failures: [], evidence: {} }) }]);
  expect(report?.ok).toBe(false);
});
