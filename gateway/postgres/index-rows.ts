import { checkEntry, type LedgerEntry } from '../../src/ledger/entry.ts';
import { TENANT_ID } from '../../src/tenancy/tenant.ts';
import { type StatementQuery, sql } from './statement.ts';

const ADD_ROWS = sql`
insert into portcullis.ledger_index
   (ledger_id, entry_index, tenant_id, kind, decision_id, pcs_id, recorded_at, outcome, code, entry_hash)
 select ledger_id, entry_index, tenant_id, kind, decision_id, pcs_id, recorded_at, outcome, code, entry_hash
 from jsonb_to_recordset($1::jsonb) as entry (
   ledger_id text, entry_index bigint, tenant_id text, kind text, decision_id text, pcs_id text,
   recorded_at timestamptz, outcome text, code text, entry_hash text)
 on conflict do nothing`;
const ADD_AUDIT = sql`
insert into portcullis.admin_audit (ledger_id, entry_index, tenant_id, recorded_at, record)
 select ledger_id, entry_index, tenant_id, recorded_at, record
 from jsonb_to_recordset($1::jsonb) as entry (
   ledger_id text, entry_index bigint, tenant_id text, recorded_at timestamptz, record jsonb)
 on conflict do nothing`;

/** What the index keeps of a ledger entry. */
export interface IndexRow {
  readonly ledger_id: string;
  readonly entry_index: number;
  readonly tenant_id: string | null;
  readonly kind: string;
  readonly decision_id: string | null;
  readonly pcs_id: string | null;
  /** RFC 3339, UTC, milliseconds. */
  readonly recorded_at: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly entry_hash: string;
}

/** A line of the ledger with its place. */
export interface PlacedLine {
  readonly index: number;
  /** Without its line feed. */
  readonly text: string;
}

/** A line as the index sees it; `entry` is undefined for one that is not sound. */
export interface Placed {
  readonly index: number;
  readonly tenant: string | null;
  readonly entry: LedgerEntry | undefined;
}

export function placed({ index, text }: PlacedLine): Placed {
  const check = checkEntry(text, undefined);
  if (!check.ok || Number.isNaN(Date.parse(check.entry.timestamp))) return { index, tenant: null, entry: undefined };
  const { tenant } = check.entry;
  return {
    index,
    tenant: typeof tenant === 'string' && TENANT_ID.test(tenant) ? tenant : null,
    entry: check.entry,
  };
}

export function indexRow(ledgerId: string, index: number, tenant: string | null, entry: LedgerEntry): IndexRow {
  return {
    ledger_id: ledgerId,
    entry_index: index,
    tenant_id: tenant,
    kind: entry.kind,
    decision_id: textOf(entry.decision_id),
    pcs_id: textOf(entry.pcs_id),
    recorded_at: new Date(entry.timestamp).toISOString(),
    outcome: textOf(entry.outcome),
    code: textOf(entry.code),
    entry_hash: entry.entry_hash,
  };
}

/** Writes rows of one tenant, in its transaction; those that are there already are let be, whatever they say. */
export async function writeIndexRows(query: StatementQuery, rows: readonly IndexRow[]): Promise<void> {
  await query(ADD_ROWS, [JSON.stringify(rows)]);
}

/** Writes calls of the admin API, in the transaction of the tenant that they were about. */
export async function writeAudit(
  query: StatementQuery,
  rows: readonly (IndexRow & { readonly record: LedgerEntry })[],
): Promise<void> {
  await query(ADD_AUDIT, [JSON.stringify(rows)]);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
