import { type ConfigError, DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import type { KnownResponse } from '../../src/guard.ts';
import { mistakesIn } from '../../src/mistakes.ts';
import { problemResponse } from '../../src/problem.ts';

/** Why a call is refused. */
export interface Refusal {
  readonly code: DecisionCode;
  readonly detail?: string;
  /** One line each. They name options and kinds of values, never a value. */
  readonly mistakes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryAfterMs?: number;
}

/** Mistakes that an answer lists at most. */
export const MAX_LISTED_MISTAKES = 100;

/** A refusal for what is wrong with a tenant or a request. */
export function refusalOf(error: ConfigError): Refusal {
  return { code: 'PTC_D901', mistakes: mistakesIn(error).map(({ message }) => message) };
}

/** The answer to a refused call: `application/problem+json`, with `mistakes` where there are any. */
export function refusalResponse(refusal: Refusal, callId: string): KnownResponse {
  const { code, detail, mistakes, headers = {}, retryAfterMs } = refusal;
  const { status } = DECISION_CODES[code];
  const outcome = status === 429 ? 'throttle' : 'deny';
  const lists = { reasons: [], findings: [], patches: [] };
  const ruling = {
    ...lists,
    outcome,
    status,
    code,
    guard: 'admin',
    headers,
    ...(detail !== undefined && { detail }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  } as const;
  return problemResponse(ruling, callId, mistakes && { mistakes: mistakes.slice(0, MAX_LISTED_MISTAKES) });
}
