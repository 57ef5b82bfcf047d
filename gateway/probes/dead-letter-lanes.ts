import { randomUUID } from 'node:crypto';
import type { Database } from '../postgres/connect.ts';
import { writeDeadLetters } from '../postgres/dead-letters.ts';
import { sql } from '../postgres/statement.ts';
import { withOperations, withTenant } from '../postgres/with-tenant.ts';
import { type Finding, newChecks } from './probe.ts';

const FIND = sql`select lane from portcullis.dead_letters where source_id = $1 order by lane`;

/**
 * A dead letter of a tenant is seen by that tenant, one of nobody by operations alone, and each is there once however
 * often it comes. Letters cannot be taken away again: each run leaves two, of class `probe`.
 */
export async function deadLetterLanes(db: Database): Promise<Finding> {
  const { check, finding } = newChecks();
  const [sourceId, tenant, other] = [randomUUID(), randomUUID(), randomUUID()];
  const letter = { sourceId, errorClass: 'probe', detail: 'A probe wrote this; nothing is wrong' };
  const added: Record<string, number> = {};
  for (const [lane, whose] of [
    ['tenant', tenant],
    ['operations', null],
  ] as const) {
    const counts: number[] = [];
    for (let time = 0; time < 2; time++) {
      counts.push(await withTenant(db, whose, (query) => writeDeadLetters(query, [{ ...letter, tenant: whose }])));
    }
    check(counts[0] === 1, `${lane}: a letter was not kept`);
    check(counts[1] === 0, `${lane}: the same letter was kept twice`);
    added[lane] = counts[0] ?? 0;
  }
  const seenBy = (whose: string | null): Promise<readonly { lane: string }[]> =>
    withTenant(db, whose, (query) => query<{ lane: string }>(FIND, [sourceId]));
  const lanes = (rows: readonly { lane: string }[]): string => rows.map(({ lane }) => lane).join();
  const seen = {
    tenant: lanes(await seenBy(tenant)),
    other: lanes(await seenBy(other)),
    nobody: lanes(await seenBy(null)),
    operations: lanes(await withOperations(db, (query) => query<{ lane: string }>(FIND, [sourceId]))),
  };
  check(seen.tenant === 'tenant', `the tenant of a letter sees ${seen.tenant || 'nothing'}`);
  check(seen.other === '', `another tenant sees ${seen.other}`);
  check(seen.nobody === '', `without a tenant one sees ${seen.nobody}`);
  check(seen.operations === 'operations,tenant', `operations see ${seen.operations || 'nothing'}`);
  return finding({ added, seen });
}
