import type { Migration } from './migration.ts';

/** By what a row says, not by its place alone: whoever takes a place first keeps nobody's true row out. */
const SQL = `
alter table portcullis.ledger_index drop constraint ledger_index_pkey;
create unique index ledger_index_once
  on portcullis.ledger_index (ledger_id, entry_index, coalesce(tenant_id, ''), entry_hash);
alter table portcullis.admin_audit drop constraint admin_audit_pkey;
create unique index admin_audit_once
  on portcullis.admin_audit (ledger_id, entry_index, coalesce(tenant_id, ''), md5(record::text));
`;

/** True rows of the ledger's index are written beside false ones, which comparing then finds. */
export const NO_SQUATTING: Migration = Object.freeze({ number: 3, name: 'no-squatting', sql: SQL });
