import type { Query } from '../postgres/lane.ts';

/** What whoever keeps something of his own in this database has to do about it. */
const ELSEWHERE = 'drop it, or keep it in a database of its own';

/**
 * Finds what leads past row-level security, in any schema, as one line each: what acts with the rights of another role, whoever may
 * call it, as a view, an operator or a trigger calls it for those who may not; what the role that asks may do with relations that
 * are not of tenants; and what stands in the place of the system's own. What extensions bring is theirs.
 */
export async function detours(query: Query): Promise<readonly string[]> {
  const rows = await query<{ object: string; why: string }>(SQL);
  return rows.map(({ object, why }) => `${object} ${why}: ${ELSEWHERE}`);
}

/** The first id that is not of the system's own objects. */
const FIRST_ID = 16_384;

/** Whether an object came with an extension. */
function isExtended(catalogue: string, id: string): string {
  return `exists (select from pg_depend e where e.classid = '${catalogue}'::regclass and e.objid = ${id} and e.deptype = 'e')`;
}

/** Whether a view does what it does with the rights of whoever asks it. */
const ACTS_FOR_CALLER = `(c.relkind = 'v' and exists (select from pg_options_to_table(c.reloptions) o
  where case when o.option_name = 'security_invoker' then o.option_value::boolean end))`;

const HAS_TENANT = `exists (select from pg_attribute a
  where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnum > 0 and not a.attisdropped)`;

const IS_REACHED = `(has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  or has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))`;

const KIND = `case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end`;

const SQL = `
with relation as (
  select c.*, format('%s %I.%I', ${KIND}, n.nspname, c.relname) as object, ${HAS_TENANT} as has_tenant
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid >= ${FIRST_ID} and c.relkind in ('r', 'p', 't', 'v', 'm', 'f') and not ${isExtended('pg_class', 'c.oid')}
), of_tenants as (
  select * from relation where relkind in ('r', 'p') and (has_tenant or relnamespace = 'portcullis'::regnamespace)
)
select format('function %s', p.oid::regprocedure) as object,
  case when p.prosecdef then 'runs with the rights of its owner' else 'runs outside of all rights' end as why
from pg_proc p join pg_language l on l.oid = p.prolang
where (p.prosecdef or p.oid >= ${FIRST_ID} and not l.lanpltrusted) and not ${isExtended('pg_proc', 'p.oid')}
union all
select c.object, 'shows what its owner sees, and requests reach it' from relation c
where c.relkind in ('v', 'm') and not ${ACTS_FOR_CALLER} and ${IS_REACHED}
union all
select c.object, 'shows tenants'' rows as its owner sees them' from relation c
where c.relkind in ('v', 'm') and not ${ACTS_FOR_CALLER} and exists (
  select from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    join of_tenants t on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
  where r.ev_class = c.oid)
union all
select c.object, 'has no row-level security, and requests reach it' from relation c where c.relkind = 'f' and ${IS_REACHED}
union all
select c.object, 'has no tenant_id, and requests reach it' from relation c
where c.relkind in ('r', 'p', 't') and not c.has_tenant and c.relnamespace <> 'portcullis'::regnamespace and ${IS_REACHED}
union all
select c.object, format('has a column %I, which is not tenant_id', a.attname) from relation c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'f') and a.attname <> 'tenant_id'
  and regexp_replace(lower(a.attname), '[^a-z0-9]', '', 'g') = 'tenantid'
union all
select format('rule %I on %s', r.rulename, r.ev_class::regclass), 'acts with the rights of the table''s owner' from pg_rewrite r
where r.oid >= ${FIRST_ID} and r.ev_type <> '1' and not ${isExtended('pg_class', 'r.ev_class')}
union all
select p.object, format('shows the rows of %s without its policies', c.oid::regclass) from pg_inherits i
  join of_tenants c on c.oid = i.inhrelid join relation p on p.oid = i.inhparent
where not p.has_tenant or 'portcullis'::regnamespace in (c.relnamespace, p.relnamespace)
union all
select c.object, format('is shown by the policies of %s', p.oid::regclass) from pg_inherits i
  join relation c on c.oid = i.inhrelid join relation p on p.oid = i.inhparent
where p.relnamespace = 'portcullis'::regnamespace
union all
select pg_describe_object(o.catalogue, o.oid, 0), 'stands in the place of the system''s own'
from (
  select 'pg_proc'::regclass as catalogue, oid, pronamespace as namespace from pg_proc
  union all select 'pg_operator'::regclass, oid, oprnamespace from pg_operator
  union all select 'pg_type'::regclass, oid, typnamespace from pg_type
  union all select 'pg_class'::regclass, oid, relnamespace from pg_class
  union all select 'pg_cast'::regclass, oid, 'pg_catalog'::regnamespace from pg_cast
    where castsource < ${FIRST_ID} and casttarget < ${FIRST_ID}
) o
where o.oid >= ${FIRST_ID} and o.namespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  and not exists (select from pg_depend e where e.classid = o.catalogue and e.objid = o.oid and e.deptype = 'e')
order by 1, 2`;
