import type { Decision, Outcome } from '../decide.ts';
import type { DecisionCode } from '../errors.ts';
import type { VerdictKind } from '../guard.ts';
import type { EffectiveStage } from '../stage.ts';

/** One thing that happened, as a ledger keeps it. What else it holds depends on its kind. */
export interface LedgerRecord {
  /**
   * `decision` what a gate decided, `admin` a call of the admin API, `retention` a segment that was deleted,
   * `recovery` a torn tail that was set aside.
   */
  readonly kind: 'decision' | 'admin' | 'retention' | 'recovery';
  /** RFC 3339, UTC, milliseconds. */
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

export interface LedgerVerdict {
  readonly guard: string;
  readonly verdict: VerdictKind;
  readonly stage: EffectiveStage;
  /** Rule ids of the findings, each once. */
  readonly rules: readonly string[];
}

/** What is kept of a decision. It holds no part of the request but what `fields` adds on purpose. */
export interface DecisionRecord extends LedgerRecord {
  readonly kind: 'decision';
  readonly decision_id: string;
  readonly tenant: string | null;
  readonly outcome: Outcome;
  readonly status: number;
  readonly code: DecisionCode | null;
  readonly guard: string | null;
  readonly reasons: readonly string[];
  readonly would_be: { readonly outcome: Outcome; readonly status: number; readonly code: DecisionCode | null };
  readonly verdicts: readonly LedgerVerdict[];
  /** SHA-256 of the body as it came in, decompressed; `null` where it was not read. */
  readonly body_digest: string | null;
  /** The decision whose record this one takes the place of. */
  readonly corrects?: string;
}

/**
 * Makes the record of a decision. Paths and headers are left out: they are the client's words.
 *
 * @param fields values that the application wants on record, from facts it trusts
 * @param bodyDigest SHA-256 of the body as 64 hexadecimal digits; `null`, the default, where it was not read
 *
 * @example
 * ledgerRecord(decision, { pcs_id: decision.facts.pcs_id });
 */
export function ledgerRecord(
  decision: Decision,
  fields: Readonly<Record<string, unknown>> = {},
  bodyDigest: string | null = null,
): DecisionRecord {
  const { wouldBe } = decision;
  return {
    kind: 'decision',
    timestamp: new Date(decision.at).toISOString(),
    decision_id: decision.id,
    tenant: decision.tenant ?? null,
    outcome: decision.outcome,
    status: decision.status,
    code: decision.code ?? null,
    guard: decision.guard ?? null,
    reasons: decision.reasons.map(({ reason }) => reason),
    would_be: { outcome: wouldBe.outcome, status: wouldBe.status, code: wouldBe.code ?? null },
    verdicts: decision.verdicts.map(({ guard, verdict, stage }) => ({
      guard,
      verdict: verdict.kind,
      stage,
      rules: [...new Set((verdict.findings ?? []).map(({ rule }) => rule))],
    })),
    body_digest: bodyDigest,
    ...fields,
  };
}
