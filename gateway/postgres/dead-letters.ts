import { DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import { type StatementQuery, sql } from './statement.ts';

/** What could not be processed, and is kept for somebody to look at. It holds no value of the request. */
export interface DeadLetter {
  /** In whose lane it is; `null` is that of operations, which no tenant sees. */
  readonly tenant: string | null;
  /**
   * What it is about: SHA-256 of the body, so that a body that comes again, from the client or from the inbox log, is
   * the same letter; the id of the decision where the body could not be read.
   */
  readonly sourceId: string;
  /** A stable code, such as `PTC_D105`. */
  readonly errorClass: string;
  readonly detail: string;
}

/** Codes of requests that cannot be understood. They say nothing against who sent them, unlike a wrong signature. */
const MALFORMED: ReadonlySet<string> = new Set<DecisionCode>([
  'PTC_D103',
  'PTC_D105',
  'PTC_D106',
  'PTC_D107',
  'PTC_D108',
  'PTC_D401',
  'PTC_D402',
  'PTC_D403',
  'PTC_D404',
  'PTC_D405',
  'PTC_D406',
]);

/** Rule ids in one letter at most. */
const MAX_RULES = 8;
/** What a name that we chose looks like; anything else may be a word of the client. */
const NAME = /^[\w./-]{1,64}$/;

/** No column is returned: whoever writes to the lane of operations may not read it. */
const ADD_LETTERS = sql`
insert into portcullis.dead_letters (lane, tenant_id, source_id, error_class, detail)
 select lane, tenant_id, source_id, error_class, detail
 from jsonb_to_recordset($1::jsonb)
   as letter (lane text, tenant_id text, source_id text, error_class text, detail text)
 on conflict do nothing returning 1`;

/** The dead letter of a decision, if its request was malformed. */
export function deadLetterOf(entry: LedgerEntry, tenant: string | null): DeadLetter | undefined {
  const { kind, code, guard, body_digest, decision_id } = entry;
  if (kind !== 'decision' || typeof code !== 'string' || !MALFORMED.has(code)) return undefined;
  return {
    tenant,
    sourceId: textOr(body_digest, textOr(decision_id, entry.entry_hash)),
    errorClass: code,
    detail: [
      DECISION_CODES[code as DecisionCode].title,
      ...(typeof guard === 'string' && NAME.test(guard) ? [`guard ${guard}`] : []),
      ...rulesOf(entry).map((rule) => `rule ${rule}`),
    ].join('; '),
  };
}

/**
 * Writes letters of one lane, in the transaction of its tenant; one that is there already is let be.
 *
 * @returns how many were new.
 *
 * @example
 * await withTenant(db, 'acme', (query) => writeDeadLetters(query, letters));
 */
export async function writeDeadLetters(query: StatementQuery, letters: readonly DeadLetter[]): Promise<number> {
  const rows = letters.map(({ tenant, sourceId, errorClass, detail }) => ({
    lane: tenant === null ? 'operations' : 'tenant',
    tenant_id: tenant,
    source_id: sourceId,
    error_class: errorClass,
    detail: detail.slice(0, 512),
  }));
  const added = await query(ADD_LETTERS, [JSON.stringify(rows)]);
  return added.length;
}

function rulesOf({ guard, verdicts }: LedgerEntry): readonly string[] {
  const list: readonly unknown[] = Array.isArray(verdicts) ? verdicts : [];
  const own = list.find((one) => (one as { guard?: unknown } | null)?.guard === guard) as
    | { rules?: unknown }
    | undefined;
  const rules: readonly unknown[] = Array.isArray(own?.rules) ? own.rules : [];
  return rules.filter((rule) => typeof rule === 'string' && NAME.test(rule)).slice(0, MAX_RULES) as readonly string[];
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && NAME.test(value) ? value : fallback;
}
