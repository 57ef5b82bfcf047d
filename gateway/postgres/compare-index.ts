import type { Database } from './connect.ts';
import { type IndexRow, indexRow, type Placed, placed } from './index-rows.ts';
import { BATCH_ENTRIES } from './ledger-index.ts';
import { BEGINNING, readPosition, readTail } from './ledger-tail.ts';
import { sql } from './statement.ts';
import { withOperations } from './with-tenant.ts';

const ROWS = sql`
select i.ledger_id, i.entry_index::text as entry_index, i.tenant_id, i.kind, i.decision_id, i.pcs_id, i.recorded_at,
  i.outcome, i.code, i.entry_hash, a.ledger_id is not null as is_audited,
  case when a.tenant_id is not distinct from i.tenant_id and a.recorded_at = i.recorded_at then a.record end as audit
from portcullis.ledger_index i
left join portcullis.admin_audit a on a.ledger_id = i.ledger_id and a.entry_index = i.entry_index
where i.ledger_id = $1 and i.entry_index >= $2 and i.entry_index < $3`;
const WHOSE = sql`select ledger_id from portcullis.ledger_index where entry_hash = $1 and entry_index = $2 limit 1`;
const FIRST = sql`
select min(entry_index)::text as first from (
  select entry_index from portcullis.ledger_index where ledger_id = $1
  union all select entry_index from portcullis.admin_audit where ledger_id = $1) as rows
where entry_index >= $2`;

/**
 * What is wrong with the index: `missing` an entry has no row although later ones have, or it was said to have been written;
 * `differs` a row says something else than the entry; `audit` a call of the admin API is not in the audit, or not as in the
 * ledger; `extra` a row has no entry, so that the end of the ledger is gone, or a second one; `unknown` the ledger's id cannot be told.
 */
export type IndexReason = 'missing' | 'differs' | 'audit' | 'extra' | 'unknown';

export interface IndexFault {
  /** Of the entry in the ledger. */
  readonly index: number;
  readonly reason: IndexReason;
  /** The column that differs. */
  readonly column?: keyof IndexRow;
}

export interface Compared {
  /** Entries of the ledger that were compared. */
  readonly entries: number;
  /** Entries at its end that are not in the index yet. */
  readonly behind: number;
  /** The first fault. */
  readonly fault?: IndexFault;
}

interface FoundRow extends Omit<IndexRow, 'entry_index' | 'recorded_at'> {
  readonly entry_index: string;
  readonly recorded_at: Date;
  readonly is_audited: boolean;
  readonly audit: unknown;
}

/**
 * Compares the index in PostgreSQL with the entries of a ledger, row by row: whoever gets past the triggers, as a superuser
 * can, does not get past this. It trusts the ledger; that its chain holds is for the audit of the ledger itself to say.
 * Linear in the ledger, in memory a batch at a time.
 *
 * @param db with a login for operations
 *
 * @example
 * const { fault } = await compareIndex(db, 'data/audit-worm');
 */
export async function compareIndex(
  db: Database,
  directory: string,
  onProgress: (entries: number) => void = () => undefined,
): Promise<Compared> {
  const said = await readPosition(directory);
  let position = BEGINNING;
  let ledgerId = '';
  let entries = 0;
  /** Index of the first entry without a row, as long as none with a row came after it. */
  let firstMissing: number | undefined;

  for (;;) {
    const { lines, next } = await readTail(directory, position, Number.POSITIVE_INFINITY, BATCH_ENTRIES);
    if (lines.length === 0 && next.segment === position.segment) break;
    position = next;
    const batch = lines.map(placed);
    const [first] = batch;
    if (first === undefined) continue;
    ledgerId ||= said.ledgerId || (await ledgerIdFor(db, first));
    if (ledgerId === '') return { entries, behind: 0, fault: { index: first.index, reason: 'unknown' } };
    const rows = await rowsOf(db, ledgerId, first.index, first.index + batch.length);
    for (const one of batch) {
      entries++;
      // What is not sound has no row; the chain says what is wrong with it.
      if (one.entry === undefined) continue;
      const [row, second] = rows.get(one.index) ?? [];
      // A true row is written also where somebody was first.
      if (second !== undefined) return { entries, behind: 0, fault: { index: one.index, reason: 'extra' } };
      if (row === undefined) {
        if (one.index < said.index) return { entries, behind: 0, fault: { index: one.index, reason: 'missing' } };
        firstMissing ??= one.index;
        continue;
      }
      if (firstMissing !== undefined) return { entries, behind: 0, fault: { index: firstMissing, reason: 'missing' } };
      const fault = difference(ledgerId, one, row);
      if (fault !== undefined) return { entries, behind: 0, fault };
    }
    onProgress(entries);
  }
  const extra = ledgerId === '' ? undefined : await firstFrom(db, ledgerId, position.index);
  const behind = firstMissing === undefined ? 0 : position.index - firstMissing;
  return { entries, behind, ...(extra !== undefined && { fault: { index: extra, reason: 'extra' } }) };
}

async function rowsOf(
  db: Database,
  ledgerId: string,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, readonly FoundRow[]>> {
  const rows = await withOperations(db, (query) => query<FoundRow>(ROWS, [ledgerId, from, to]));
  const places = new Map<number, FoundRow[]>();
  for (const row of rows) {
    const place = places.get(Number(row.entry_index)) ?? [];
    places.set(Number(row.entry_index), place);
    place.push(row);
  }
  return places;
}

/** The id of a ledger without a position: its first hash, or the one that the row of what is first now has. */
async function ledgerIdFor(db: Database, { index, entry }: Placed): Promise<string> {
  if (entry === undefined || index === 0) return entry?.entry_hash ?? '';
  const [row] = await withOperations(db, (query) => query<{ ledger_id: string }>(WHOSE, [entry.entry_hash, index]));
  return row?.ledger_id ?? '';
}

/** The first row at or behind an index. */
async function firstFrom(db: Database, ledgerId: string, from: number): Promise<number | undefined> {
  const [row] = await withOperations(db, (query) => query<{ first: string | null }>(FIRST, [ledgerId, from]));
  return row?.first == null ? undefined : Number(row.first);
}

function difference(ledgerId: string, { index, tenant, entry }: Placed, row: FoundRow): IndexFault | undefined {
  if (entry === undefined) return undefined;
  const { audit, is_audited: isAudited, ...columns } = row;
  const found: IndexRow = {
    ...columns,
    entry_index: Number(row.entry_index),
    recorded_at: row.recorded_at.toISOString(),
  };
  const expected = indexRow(ledgerId, index, tenant, entry);
  for (const column of Object.keys(expected) as (keyof IndexRow)[]) {
    if (found[column] !== expected[column]) return { index, reason: 'differs', column };
  }
  if (entry.kind === 'admin' ? sorted(audit) !== sorted(entry) : isAudited) return { index, reason: 'audit' };
  return undefined;
}

/** JSON with the members in order: `jsonb` keeps another one. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) as string;
}
