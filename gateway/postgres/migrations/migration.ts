/** One step of the schema. Once it was released, its text never changes: the next step mends it. */
export interface Migration {
  /** 1, 2, 3: without gaps. */
  readonly number: number;
  readonly name: string;
  /** Statements; `{app}`, `{ops}` and `{owner}` stand for the roles. It runs as the owner, in one transaction. */
  readonly sql: string;
}

const TENANT = "nullif(current_setting('app.current_tenant_id', true), '')";

/**
 * Row-level security of a table with `tenant_id`: forced, so that its owner is held to it too; a permissive policy for
 * each command, as restrictive ones alone would hide every row; all rows for operations.
 *
 * @param insert what a new row's tenant must be; `own or nobody` is for tables with rows that no tenant owns.
 */
export function rowSecurity(table: string, insert: 'own' | 'own or nobody' = 'own'): string {
  const own = `tenant_id = ${TENANT}`;
  const added = insert === 'own' ? own : `tenant_id is not distinct from ${TENANT}`;
  return `
alter table portcullis.${table} enable row level security;
alter table portcullis.${table} force row level security;
create policy ${table}_select on portcullis.${table} as permissive for select using (${own});
create policy ${table}_insert on portcullis.${table} as permissive for insert with check (${added});
create policy ${table}_update on portcullis.${table} as permissive for update using (${own}) with check (${own});
create policy ${table}_delete on portcullis.${table} as permissive for delete using (${own});
create policy ${table}_ops on portcullis.${table} as permissive for all to {ops} using (true) with check (true);
`;
}

/**
 * Refuses to change what was written, whoever asks, the owner included. By statement, as a row trigger sees no TRUNCATE
 * and no row that a policy hides; always, as `session_replication_role = replica` silences other triggers.
 */
export function appendOnly(table: string): string {
  return `
create trigger ${table}_append_only before update or delete or truncate on portcullis.${table}
  for each statement execute function portcullis.refuse_change();
alter table portcullis.${table} enable always trigger ${table}_append_only;
`;
}
