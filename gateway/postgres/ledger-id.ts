import { randomUUID } from 'node:crypto';
import type { Database } from './connect.ts';
import type { Placed } from './index-rows.ts';
import { sql } from './statement.ts';
import { withTenant } from './with-tenant.ts';

/** Tenants whose rows are asked for the id, at most. */
const MAX_ASKED = 8;
const FIND = sql`
select ledger_id from portcullis.ledger_index where entry_hash = $1 and entry_index = $2 and tenant_id = $3 limit 1`;

/**
 * What tells a ledger apart, where its position does not say: the hash of its first entry; where retention deleted that, the id
 * that its entries have in the database; and if they have none there, a hash of what is first now.
 */
export async function ledgerIdOf(db: Database, entries: readonly Placed[]): Promise<string> {
  const [first] = entries;
  if (first?.index === 0 && first.entry !== undefined) return first.entry.entry_hash;
  const asked = new Map<string, Placed>();
  for (const one of entries) {
    if (one.tenant !== null && asked.size < MAX_ASKED && !asked.has(one.tenant)) asked.set(one.tenant, one);
  }
  for (const [tenant, { index, entry }] of asked) {
    const values = [entry?.entry_hash, index, tenant];
    const [row] = await withTenant(db, tenant, (query) => query<{ ledger_id: string }>(FIND, values));
    if (row !== undefined) return row.ledger_id;
  }
  return entries.find(({ entry }) => entry !== undefined)?.entry?.entry_hash ?? randomUUID();
}
