import type { Query } from '../postgres/lane.ts';
import type { RoleNames } from '../postgres/roles.ts';

type Whose = Readonly<Partial<Record<'app' | 'ops', readonly string[]>>>;

const READ_AND_ADD: Whose = { app: ['INSERT', 'SELECT'], ops: ['SELECT'] };
const OF_REPLAY: Whose = { app: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'], ops: ['DELETE', 'SELECT'] };

/** What each object of the schema is granted for, as the migrations do it; for all others nothing. */
const GRANTS: Readonly<Record<string, Whose>> = {
  'schema portcullis': { app: ['USAGE'], ops: ['USAGE'] },
  'table migrations': { app: ['SELECT'], ops: ['SELECT'] },
  'table tenants': { ops: ['INSERT', 'SELECT', 'UPDATE'] },
  'table ledger_index': READ_AND_ADD,
  'table dead_letters': READ_AND_ADD,
  'table admin_audit': { app: ['INSERT'], ops: ['SELECT'] },
  'table replay': OF_REPLAY,
  'table replay_claims': OF_REPLAY,
  'function replay_lock': { app: ['EXECUTE'] },
  'function replay_ask': { app: ['EXECUTE'] },
  'function replay_keep': { app: ['EXECUTE'] },
};

/** What is granted in the schema and should not be, and what should be and is not. */
export async function wrongGrants(query: Query, { app, ops }: RoleNames): Promise<readonly string[]> {
  const rows = await query<{ object: string; grantee: string; privilege: string }>(FOUND);
  const found = new Set(rows.map(({ object, grantee, privilege }) => `${object}: ${privilege} for ${grantee}`));
  const expected = new Set(
    Object.entries(GRANTS).flatMap(([object, whose]) =>
      (['app', 'ops'] as const).flatMap((who) =>
        (whose[who] ?? []).map((privilege) => `${object}: ${privilege} for ${who === 'app' ? app : ops}`),
      ),
    ),
  );
  return [
    ...[...found].filter((one) => !expected.has(one)).map((one) => `${one} is granted`),
    ...[...expected].filter((one) => !found.has(one)).map((one) => `${one} is not granted`),
  ].sort();
}

/** What the role that asks could bend a statement with: what the set-up takes from everybody. */
export async function leftovers(query: Query): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(LEFT);
  return rows.map(({ name }) => name);
}

const FOUND = `
select distinct o.object, coalesce(r.rolname::text, 'everybody') as grantee, a.privilege_type || o.part as privilege
from (
  select format('table %s', c.relname) as object, '' as part, c.relowner as owner, c.relacl as acl
  from pg_class c where c.relnamespace = 'portcullis'::regnamespace
  union all
  select format('table %s', c.relname), format(' of %s', t.attname), c.relowner, t.attacl
  from pg_class c join pg_attribute t on t.attrelid = c.oid where c.relnamespace = 'portcullis'::regnamespace
  union all
  select format('function %s', p.proname), '', p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p where p.pronamespace = 'portcullis'::regnamespace
  union all
  select format('schema %s', n.nspname), '', n.nspowner, n.nspacl from pg_namespace n where n.nspname = 'portcullis'
) o, aclexplode(o.acl) a left join pg_roles r on r.oid = a.grantee
where a.grantee <> o.owner`;

const LEFT = `
select 'temporary tables' as name where has_database_privilege(current_database(), 'TEMPORARY')
union all
select 'schemas of its own' where has_database_privilege(current_database(), 'CREATE')
union all
select format('what it makes in schema %I', nspname) from pg_namespace
where nspname !~ '^pg_' and has_schema_privilege(oid, 'CREATE')
union all
select 'changes of pg_settings' where has_table_privilege('pg_catalog.pg_settings', 'UPDATE')
union all
select format('function %s', p.oid::regprocedure) from pg_proc p
where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege(p.oid, 'EXECUTE')
  and p.proname ~ '^(lo_.*|loread|lowrite|query_to_xml.*|ts_stat|set_config)$'
order by 1`;
