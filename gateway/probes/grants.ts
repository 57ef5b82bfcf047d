import { literal, type Query } from '../postgres/lane.ts';
import { type RoleNames, WITHDRAWN_FUNCTIONS } from '../postgres/roles.ts';

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

/**
 * What our roles, or everybody, may do outside of the schema and should not, by grants: more with the system's own objects than a new
 * server allows, or what the set-up takes from everybody; settings and servers elsewhere; and what is to be made in future.
 */
export async function strayGrants(query: Query, { owner, app, ops }: RoleNames): Promise<readonly string[]> {
  const roles = [owner, app, ops];
  const found = await query<{ line: string }>(STRAY, roles);
  // PostgreSQL 15 has the first grants of settings.
  const [catalogue] = await query<{ found: string | null }>(
    "select to_regclass('pg_catalog.pg_parameter_acl')::text as found",
  );
  const settings = catalogue?.found == null ? [] : await query<{ line: string }>(SETTINGS, roles);
  return [...found, ...settings].map(({ line }) => line);
}

/** What the role that asks could make: what the set-up takes from everybody, and what nobody gives. */
export async function leftovers(query: Query): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(LEFT);
  return rows.map(({ name }) => name);
}

const FOUND = `
select distinct o.object, coalesce(r.rolname::text, 'everybody') as grantee,
  a.privilege_type || o.part || how as privilege
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
) o cross join aclexplode(o.acl) a
  cross join unnest(case when a.is_grantable then array['', ', to hand on,'] else array[''] end) as how
  left join pg_roles r on r.oid = a.grantee
where a.grantee <> o.owner`;

/** Whom grants are looked at for: the owner ($1), requests ($2), operations ($3), everybody. */
const GRANTEES = `
grantee as (
  select oid, rolname::text as name, rolname = $1 as is_owner, rolname = $3 as is_ops from pg_roles where rolname in ($1, $2, $3)
  union all select 0, 'everybody', false, false
)`;

const STRAY = `
with ${GRANTEES}, system as (
  select 'pg_class'::regclass as catalogue, c.oid, 0 as part, c.relacl as acl,
    case when c.relnamespace = 'information_schema'::regnamespace then array[makeaclitem(0, c.relowner, 'SELECT', false)] end
      as usual, false as is_withdrawn
  from pg_class c where c.oid < 16384
  union all
  select 'pg_class'::regclass, attrelid, attnum, attacl, null, false from pg_attribute
  where attrelid < 16384 and attacl is not null
  union all
  select 'pg_proc'::regclass, p.oid, 0, coalesce(p.proacl, acldefault('f', p.proowner)), acldefault('f', p.proowner),
    p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ ${literal(WITHDRAWN_FUNCTIONS)}
  from pg_proc p where p.oid < 16384
), given as (
  select s.*, a.privilege_type, a.grantee, g.name, g.is_owner
  from system s, aclexplode(s.acl) a join grantee g on g.oid = a.grantee
)
select format('%s: %s for %s', pg_describe_object(catalogue, oid, part), privilege_type, name) as line from given
where case
  when is_withdrawn then not (is_owner and catalogue = 'pg_proc'::regclass
    and oid = 'pg_catalog.set_config'::regproc)
  when oid = 'pg_catalog.pg_settings'::regclass and privilege_type = 'UPDATE' then true
  else not exists (
    select from aclexplode(coalesce((select i.initprivs from pg_init_privs i
      where i.classoid = catalogue and i.objoid = given.oid and i.objsubid = part), usual)) u
    where u.grantee in (0, given.grantee) and u.privilege_type = given.privilege_type)
  end
union all
select format('foreign server %I: %s for %s', s.srvname, a.privilege_type, g.name)
from pg_foreign_server s, aclexplode(s.srvacl) a join grantee g on g.oid = a.grantee
union all
select format('foreign-data wrapper %I: %s for %s', w.fdwname, a.privilege_type, g.name)
from pg_foreign_data_wrapper w, aclexplode(w.fdwacl) a join grantee g on g.oid = a.grantee
union all
select format('what %s makes in future: %s for %s', pg_get_userbyid(d.defaclrole), a.privilege_type, g.name)
from pg_default_acl d, aclexplode(d.defaclacl) a join grantee g on g.oid = a.grantee
where a.grantee <> d.defaclrole and a.privilege_type not in ('EXECUTE', 'USAGE')
  and not (g.is_ops and a.privilege_type = 'SELECT')
order by 1`;

const SETTINGS = `
with ${GRANTEES}
select format('setting %s: %s for %s', p.parname, a.privilege_type, g.name) as line
from pg_parameter_acl p, aclexplode(p.paracl) a join grantee g on g.oid = a.grantee order by 1`;

const LEFT = `
select 'temporary tables' as name where has_database_privilege(current_database(), 'TEMPORARY')
union all
select 'schemas of its own' where has_database_privilege(current_database(), 'CREATE')
union all
select format('what it makes in schema %I', nspname) from pg_namespace
where nspname !~ '^pg_(toast_)?temp_' and has_schema_privilege(oid, 'CREATE')
order by 1`;
