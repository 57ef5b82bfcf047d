import type { Decision, Ruling } from '../decide.ts';
import type { DecisionCode } from '../errors.ts';
import type { KnownResponse } from '../guard.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';

/** Escalations that leave a record accepted. */
const ACCEPTED_CODES: readonly DecisionCode[] = ['PTC_D506', 'PTC_D507', 'PTC_D509'];

/** The body of an answer to a submission that was not refused. */
export interface PcsAnswer {
  readonly pcs_id: string;
  readonly outcome: 'accepted' | 'escalated';
  readonly accepted: boolean;
  readonly escalated: boolean;
  /** As claimed. */
  readonly D_hat: number;
  /** `null` where it could not be computed. */
  readonly recomputed_D_hat: number | null;
  readonly recomputed_budget: number | null;
  /** As claimed. */
  readonly regime: string;
  /** Why the record is not plainly accepted: the gravest cause. */
  readonly reason?: string;
  readonly decision_id: string;
}

/**
 * The answer to a PCS submission that goes through: 200 for `allow`, 202 for `escalate`; `undefined` for refusals,
 * known answers, and where no record was read. A pure function of the decision, so the same decision always gives
 * the same bytes. Meant for the gate's `answer` option.
 *
 * @example
 * const gate = createGate({ guards, answer: pcsAnswer });
 */
export function pcsAnswer(decision: Ruling & Pick<Decision, 'id' | 'facts'>): KnownResponse | undefined {
  const { outcome, facts } = decision;
  const record = facts[PCS_FACT] as PcsRecord | undefined;
  if ((outcome !== 'allow' && outcome !== 'escalate') || record === undefined) return undefined;
  const escalated = outcome === 'escalate';
  const gravest = decision.reasons.find(({ code }) => !ACCEPTED_CODES.includes(code));
  const reason = (gravest ?? decision.reasons[0])?.reason;
  const answer: PcsAnswer = {
    pcs_id: record.pcs_id,
    outcome: escalated ? 'escalated' : 'accepted',
    accepted: gravest === undefined,
    escalated,
    D_hat: record.D_hat,
    recomputed_D_hat: numberOrNull(facts.recomputed_D_hat),
    recomputed_budget: numberOrNull(facts.recomputed_budget),
    regime: record.regime,
    ...(escalated && reason !== undefined && { reason }),
    decision_id: decision.id,
  };
  return {
    status: decision.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...decision.headers },
    body: JSON.stringify(answer),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
