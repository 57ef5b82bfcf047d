import { literal, type Query } from '../postgres/lane.ts';

export type Command = 'select' | 'insert' | 'update' | 'delete';

export const COMMANDS: readonly Command[] = Object.freeze(['select', 'insert', 'update', 'delete'] as const);

export interface Column {
  readonly name: string;
  /** As `format_type` writes it. */
  readonly type: string;
  /** Whether a new row must name it. */
  readonly isRequired: boolean;
}

export interface Policy {
  readonly name: string;
  readonly command: Command | 'all';
  readonly permissive: boolean;
  /** Roles it is for; `public` for all. */
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

/** A table with a column `tenant_id`. */
export interface TenantTable {
  /** Quoted and with its schema, ready for a statement. */
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** Whether equal ids of tenants are the same text: a collation may say otherwise, and policies compare by it. */
  readonly isExact: boolean;
  readonly policies: readonly Policy[];
  /** What the role that asks may do with it. */
  readonly privileges: readonly string[];
  readonly columns: readonly Column[];
  /** Triggers that refuse a change whatever it is, before it and by statement, as `tgenabled` says: `A` always. */
  readonly guards: readonly { readonly name: string; readonly enabled: string; readonly events: readonly string[] }[];
}

/**
 * Finds every table with `tenant_id`, in any schema but the server's own: a list would not know the one that somebody
 * added yesterday.
 */
export async function tenantTables(query: Query): Promise<readonly TenantTable[]> {
  const rows = await query<{ table: TenantTable }>(SQL);
  return rows.map(({ table }) => table);
}

/** The body of the function that refuses: one that returns would let the change be, or drop it without a word. */
const REFUSES = String.raw`^\s*begin\s+raise exception '% is append-only', tg_table_name using errcode = '55000';\s+end\s*$`;

const SQL = `
select jsonb_build_object(
  'name', format('%I.%I', n.nspname, c.relname),
  'enabled', c.relrowsecurity,
  'forced', c.relforcerowsecurity,
  'isExact', (select bool_and(l.collisdeterministic) from pg_attribute a join pg_collation l on l.oid = a.attcollation
              where a.attrelid = c.oid and a.attname = 'tenant_id') is not false,
  'policies', coalesce((
    select jsonb_agg(jsonb_build_object(
      'name', p.polname,
      'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                 when 'd' then 'delete' else 'all' end,
      'permissive', p.polpermissive,
      'roles', array(select coalesce(r.rolname::text, 'public')
                     from unnest(p.polroles) as o (oid) left join pg_roles r on r.oid = o.oid),
      'using', pg_get_expr(p.polqual, p.polrelid),
      'check', pg_get_expr(p.polwithcheck, p.polrelid)) order by p.polname)
    from pg_policy p where p.polrelid = c.oid), '[]'),
  'privileges', to_jsonb(array(
    select lower(word) from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as word
    where has_table_privilege(c.oid, word) or (word in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                                               and has_any_column_privilege(c.oid, word)))),
  'columns', (
    select jsonb_agg(jsonb_build_object(
      'name', quote_ident(a.attname),
      'type', format_type(a.atttypid, null),
      'isRequired', a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '') order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'guards', coalesce((
    select jsonb_agg(jsonb_build_object(
      'name', t.tgname,
      'enabled', t.tgenabled::text,
      'events', array_remove(array[
        case when t.tgtype & 8 > 0 then 'delete' end, case when t.tgtype & 16 > 0 then 'update' end,
        case when t.tgtype & 32 > 0 then 'truncate' end], null)))
    from pg_trigger t join pg_proc f on f.oid = t.tgfoid
    where t.tgrelid = c.oid and t.tgtype & 3 = 2 and t.tgqual is null and t.tgattr = '' and t.tgnargs = 0
      and f.proname = 'refuse_change' and f.pronamespace = 'portcullis'::regnamespace and f.prosrc ~ ${literal(REFUSES)}), '[]')
) as "table"
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.oid >= 16384 and n.nspname !~ '^pg_(toast_)?temp_'
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
order by n.nspname, c.relname`;
