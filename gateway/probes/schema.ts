import { literal, type Query } from '../postgres/lane.ts';
import { MIGRATIONS } from '../postgres/migrate.ts';
import type { RoleNames } from '../postgres/roles.ts';

/** What puts the schema right again. */
const REMEDY = 'take it back to what the migrations made';

/** A function of the migrations, from its name to the end of its body. */
const FUNCTION = /create (?:or replace )?function portcullis\.(\w+)\s*\([^$]*\$\$([^$]*)\$\$/g;

/**
 * Compares the schema with the migrations, as one line for each difference: who owns what, what its functions say, and what hangs on
 * its tables: triggers, foreign keys, and code that is not the system's own in a column, an index, a constraint or a default.
 */
export async function schemaFaults(query: Query, { owner }: RoleNames): Promise<readonly string[]> {
  const rows = await query<{ object: string; why: string }>(HANGING, [owner]);
  return [...rows, ...(await wrongFunctions(query))].map(({ object, why }) => `${object} ${why}: ${REMEDY}`);
}

interface Fault {
  readonly object: string;
  readonly why: string;
}

async function wrongFunctions(query: Query): Promise<readonly Fault[]> {
  const rows = await query<{ name: string; body: string; is_plain: boolean }>(FUNCTIONS);
  const expected = new Map(
    MIGRATIONS.flatMap(({ sql }) =>
      [...sql.matchAll(FUNCTION)].map(([, name = '', body = '']) => [name, body] as const),
    ),
  );
  const wrong = rows
    .filter(({ name, body, is_plain: isPlain }) => expected.get(name) !== body || !isPlain)
    .map(({ name }) => ({ object: `function portcullis.${name}`, why: 'is not one of the migrations' }));
  const gone = [...expected.keys()]
    .filter((name) => rows.filter((row) => row.name === name).length !== 1)
    .map((name) => ({ object: `function portcullis.${name}`, why: 'is not there once' }));
  return [...wrong, ...gone];
}

const FUNCTIONS = `
select p.proname::text as name, p.prosrc as body,
  l.lanname in ('sql', 'plpgsql') and p.proconfig = array['search_path=pg_catalog'] and not p.prosecdef as is_plain
from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'portcullis'::regnamespace order by 1`;

/** Catalogues of code that a table may call. */
const CODE = ['pg_proc', 'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_type', 'pg_collation', 'pg_am'].map(
  (name) => `${literal(name)}::regclass`,
);

const HANGING = `
with ours as (
  select c.oid, c.relname, c.oid::regclass as name from pg_class c where c.relnamespace = 'portcullis'::regnamespace
), foreign_code as (
  select d.classid, d.objid, d.objsubid from pg_depend d
  where d.refobjid >= 16384 and d.refclassid in (${CODE.join(', ')})
    and not (d.refclassid = 'pg_proc'::regclass and exists (
      select from pg_proc p where p.oid = d.refobjid and p.pronamespace = 'portcullis'::regnamespace))
    and not exists (
      select from pg_depend e where e.classid = d.refclassid and e.objid = d.refobjid and e.deptype = 'e')
)
select o.object, format('belongs to %s, not to %s', pg_get_userbyid(o.owner), $1::text) as why
from (
  select 'schema portcullis' as object, nspowner as owner from pg_namespace where nspname = 'portcullis'
  union all select format('%s %s', case c.relkind when 'S' then 'sequence' when 'i' then 'index' else 'table' end, c.oid::regclass), c.relowner
    from pg_class c where c.relnamespace = 'portcullis'::regnamespace
  union all select format('function %s', p.oid::regprocedure), p.proowner
    from pg_proc p where p.pronamespace = 'portcullis'::regnamespace
) o where pg_get_userbyid(o.owner) <> $1
union all
select format('trigger %I on %s', t.tgname, o.name), 'is not one of the migrations'
from pg_trigger t join ours o on o.oid = t.tgrelid join pg_proc f on f.oid = t.tgfoid
where not t.tgisinternal and not (
  t.tgname = o.relname || '_append_only' and f.proname = 'refuse_change' and f.pronamespace = 'portcullis'::regnamespace)
union all
select format('foreign key %I of %s', k.conname, k.conrelid::regclass), format('hangs on %s', o.name)
from pg_constraint k join ours o on o.oid in (k.conrelid, k.confrelid) where k.contype = 'f'
union all
select distinct pg_describe_object(f.classid, f.objid, f.objsubid), 'uses code that is not the system''s own'
from foreign_code f
where f.classid = 'pg_class'::regclass and f.objid in (select oid from ours)
  or f.classid in ('pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_policy'::regclass) and exists (
    select from pg_depend d join ours o on d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid
    where d.classid = f.classid and d.objid = f.objid)
order by 1, 2`;
