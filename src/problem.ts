import type { Ruling } from './decide.ts';
import type { DecisionCode } from './errors.ts';
import { DECISION_CODES } from './errors.ts';
import type { Finding, KnownResponse } from './guard.ts';

/** The body of a refusal: RFC 9457, plus members of our own. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The title again, for older clients. */
  readonly error: string;
  readonly code: DecisionCode;
  readonly guard: string;
  readonly decision_id: string;
  /** Rule and place only: never what was matched. */
  readonly findings?: readonly Pick<Finding, 'rule' | 'place'>[];
}

/** Longest wait that is told, 68 years: beyond it numbers are no longer written as plain digits everywhere. */
export const MAX_RETRY_AFTER_SECONDS = 2_147_483_647;

/** Findings that a refusal lists at most; the rest only adds bytes. */
export const MAX_PROBLEM_FINDINGS = 20;

/**
 * The answer to a refusal as `application/problem+json` (RFC 9457 section 3).
 *
 * @param more members of one's own (RFC 9457 section 3.2)
 *
 * @example
 * problemResponse({ ...ruling, code: 'PTC_D303', guard: 'signature' }, decisionId).status; // 401
 */
export function problemResponse(
  ruling: Ruling,
  decisionId: string,
  more: Readonly<Record<string, unknown>> = {},
): KnownResponse {
  const code = ruling.code ?? 'PTC_D801';
  const { title } = DECISION_CODES[code];
  const findings = ruling.findings.slice(0, MAX_PROBLEM_FINDINGS).map(({ rule, place }) => ({ rule, place }));
  const problem: Problem = {
    type: `urn:portcullis:error:${code}`,
    title,
    status: ruling.status,
    detail: ruling.detail ?? `${title}.`,
    error: title,
    code,
    guard: ruling.guard ?? 'gate',
    decision_id: decisionId,
    ...(findings.length > 0 && { findings }),
  };
  return {
    status: ruling.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...retryAfter(ruling.retryAfterMs),
      ...ruling.headers,
    },
    body: JSON.stringify({ ...problem, ...more }),
  };
}

/** The answer to an escalation when the gate has no `answer` of its own: 202 and why. */
export function escalationResponse(ruling: Ruling, decisionId: string): KnownResponse {
  return {
    status: ruling.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...ruling.headers },
    body: JSON.stringify({
      outcome: 'escalated',
      reason: ruling.reasons[0]?.reason,
      reasons: ruling.reasons.map(({ reason }) => reason),
      decision_id: decisionId,
    }),
  };
}

/** `Retry-After` in whole seconds (RFC 9110 section 10.2.3), rounded up: a client that waits so long is not too early. */
function retryAfter(ms: number | undefined): Record<string, string> {
  if (ms === undefined) return {};
  const seconds = Math.min(Math.max(1, Math.ceil(ms / 1000)), MAX_RETRY_AFTER_SECONDS);
  return { 'retry-after': String(seconds) };
}
