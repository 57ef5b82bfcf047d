import type { Decision, Outcome } from '../decide.ts';
import type { DecisionCode } from '../errors.ts';
import type { VerdictKind } from '../guard.ts';
import type { EffectiveStage } from '../stage.ts';

export interface LedgerVerdict {
  readonly guard: string;
  readonly verdict: VerdictKind;
  readonly stage: EffectiveStage;
  /** Rule ids of the findings, each once. */
  readonly rules: readonly string[];
}

/** What is kept of a decision. It holds no part of the request but what `fields` adds on purpose. */
export interface LedgerRecord {
  /** RFC 3339, UTC, milliseconds. */
  readonly timestamp: string;
  readonly decision_id: string;
  readonly tenant: string | null;
  readonly outcome: Outcome;
  readonly status: number;
  readonly code: DecisionCode | null;
  readonly guard: string | null;
  readonly reasons: readonly string[];
  readonly would_be: { readonly outcome: Outcome; readonly status: number; readonly code: DecisionCode | null };
  readonly verdicts: readonly LedgerVerdict[];
  readonly [field: string]: unknown;
}

/**
 * Makes the record of a decision. Paths and headers are left out: they are the client's words.
 *
 * @param fields values that the application wants on record, from facts it trusts
 *
 * @example
 * ledgerRecord(decision, { pcs_id: decision.facts.pcs_id });
 */
export function ledgerRecord(decision: Decision, fields: Readonly<Record<string, unknown>> = {}): LedgerRecord {
  const { wouldBe } = decision;
  return {
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
    ...fields,
  };
}
