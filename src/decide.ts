import type { DecisionCode } from './errors.ts';
import { DECISION_CODES } from './errors.ts';
import type { Facts, Finding, KnownResponse, OnError, Verdict } from './guard.ts';
import type { Patch } from './patch.ts';
import type { EffectiveStage } from './stage.ts';

/** One guard's part in a decision. */
export interface GuardRun {
  readonly guard: string;
  readonly stage: EffectiveStage;
  readonly onError: OnError;
  readonly verdict: Verdict;
  /** Time spent in `inspect`, in milliseconds. */
  readonly ms: number;
}

export type Outcome = 'allow' | 'escalate' | 'answer' | 'throttle' | 'deny';

export interface Reason {
  readonly guard: string;
  readonly code: DecisionCode;
  /** The code's reason word, as answers carry it. */
  readonly reason: string;
}

/** What follows from the verdicts for the client. */
export interface Ruling {
  readonly outcome: Outcome;
  /** 200 for `allow`; the application's own status then counts. */
  readonly status: number;
  /** The code and the guard that settled it; absent for `allow`. */
  readonly code?: DecisionCode | undefined;
  readonly guard?: string | undefined;
  readonly detail?: string | undefined;
  /** Every escalation, in guard order. */
  readonly reasons: readonly Reason[];
  /** Findings of the verdict that settled it: rule and place. */
  readonly findings: readonly Finding[];
  /** Redactions to apply before the application reads the body. */
  readonly patches: readonly Patch[];
  /** Headers that guards add to the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterMs?: number | undefined;
  /** The known answer, for `answer`. */
  readonly known?: KnownResponse | undefined;
}

/** What the gate says of one exchange. Frozen. */
export interface Decision extends Ruling {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tenant?: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly verdicts: readonly GuardRun[];
  readonly facts: Facts;
  /** Milliseconds from the first guard to the decision. */
  readonly ms: number;
  /** The ruling if every report-only guard were enforced. For sinks, never for clients. */
  readonly wouldBe: Ruling;
  /** What to send: always there unless the outcome is `allow`; there too if the gate's `answer` option made one. */
  readonly response?: KnownResponse | undefined;
}

/** Milliseconds a client should wait after a check failed (503). */
export const RETRY_AFTER_FAILURE_MS = 1_000;

/**
 * Folds the verdicts into what the client gets and what it would get with every guard enforced, both frozen.
 * Pure; with `isSkipped` and `endsWalk` the only code that reads a stage.
 */
export function decide(runs: readonly GuardRun[]): { ruling: Ruling; wouldBe: Ruling } {
  const wouldBe = fold(runs);
  return { ruling: runs.every(isInForce) ? wouldBe : fold(runs.filter(isInForce)), wouldBe };
}

/** Whether a guard at this stage is not called at all. */
export function isSkipped(stage: EffectiveStage): boolean {
  return stage === 'off';
}

/** Whether the gate stops walking after this run: the first refusal in force decides. */
export function endsWalk(run: GuardRun): boolean {
  return isInForce(run) && isRefusal(run);
}

/** The redactions that are in force after these runs, also where a later guard refused. */
export function patchesInForce(runs: readonly GuardRun[]): readonly Patch[] {
  return runs.flatMap((run) => (isInForce(run) && run.verdict.kind === 'redact' ? run.verdict.patches : []));
}

/** Where a guard could not keep or release what it held after the decision: closed guards turn it into a 503. */
export function afterSettleFailure(
  rulings: { ruling: Ruling; wouldBe: Ruling },
  runs: readonly GuardRun[],
  failed: GuardRun,
): { ruling: Ruling; wouldBe: Ruling } {
  if (failed.onError === 'open') return rulings;
  const refused = failure(failed.guard, 'PTC_D803');
  const amend = (ruling: Ruling): Ruling => (ruling.code === 'PTC_D803' ? ruling : refused);
  const end = runs.findIndex(isRefusal);
  const wouldHaveRun = end < 0 || runs.indexOf(failed) <= end;
  return {
    ruling: isInForce(failed) ? amend(rulings.ruling) : rulings.ruling,
    wouldBe: wouldHaveRun ? amend(rulings.wouldBe) : rulings.wouldBe,
  };
}

function isInForce(run: GuardRun): boolean {
  return run.stage === 'enforce';
}

function isRefusal({ verdict, onError }: GuardRun): boolean {
  switch (verdict.kind) {
    case 'deny':
    case 'throttle':
    case 'answer':
      return true;
    case 'error':
      return onError === 'closed';
    default:
      return false;
  }
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
const NONE: readonly never[] = Object.freeze([]);

function fold(runs: readonly GuardRun[]): Ruling {
  const reasons: Reason[] = [];
  const patches: Patch[] = [];
  const findings: Finding[] = [];
  let headers = NO_HEADERS;
  for (const run of runs) {
    const { guard, verdict } = run;
    if (verdict.headers) headers = headers === NO_HEADERS ? verdict.headers : { ...headers, ...verdict.headers };
    if (isRefusal(run)) return refuse(guard, verdict, reasons, headers);
    // One by one: spreading a hundred thousand patches into a call overflows the stack.
    if (verdict.kind === 'redact') for (const patch of verdict.patches) patches.push(patch);
    if (verdict.kind === 'escalate') {
      const { reason } = DECISION_CODES[verdict.code];
      reasons.push(Object.freeze({ guard, code: verdict.code, reason }));
      for (const finding of verdict.findings ?? []) findings.push(finding);
    }
  }
  const [first] = reasons;
  if (first === undefined) return makeRuling({ outcome: 'allow', status: 200, reasons, findings, patches, headers });
  const { code, guard } = first;
  return makeRuling({ outcome: 'escalate', status: 202, code, guard, reasons, findings, patches, headers });
}

function refuse(
  guard: string,
  verdict: Verdict,
  reasons: readonly Reason[],
  headers: Readonly<Record<string, string>>,
): Ruling {
  const findings = verdict.findings ?? [];
  switch (verdict.kind) {
    case 'deny': {
      const { code, detail } = verdict;
      const status = verdict.status ?? DECISION_CODES[code].status;
      return makeRuling({ outcome: 'deny', status, code, guard, detail, reasons, findings, headers });
    }
    case 'throttle': {
      const { code, retryAfterMs } = verdict;
      const { status } = DECISION_CODES[code];
      return makeRuling({ outcome: 'throttle', status, code, guard, reasons, findings, headers, retryAfterMs });
    }
    case 'answer': {
      const { code, response: known } = verdict;
      return makeRuling({ outcome: 'answer', status: known.status, code, guard, reasons, findings, headers, known });
    }
    default:
      return failure(guard, verdict.kind === 'error' ? verdict.code : 'PTC_D801', reasons, headers);
  }
}

/** A check that could not be made: refused, with an invitation to try again. */
function failure(
  guard: string,
  code: DecisionCode,
  reasons: readonly Reason[] = [],
  headers: Readonly<Record<string, string>> = NO_HEADERS,
): Ruling {
  const { status } = DECISION_CODES[code];
  return makeRuling({ outcome: 'deny', status, code, guard, reasons, headers, retryAfterMs: RETRY_AFTER_FAILURE_MS });
}

/** Every ruling has the same shape, and none is made by spreading: both keep a decision below a microsecond. */
function makeRuling(parts: Partial<Ruling> & Pick<Ruling, 'outcome' | 'status'>): Ruling {
  return Object.freeze({
    outcome: parts.outcome,
    status: parts.status,
    code: parts.code,
    guard: parts.guard,
    detail: parts.detail,
    reasons: frozen(parts.reasons),
    findings: frozen(parts.findings),
    patches: frozen(parts.patches),
    headers: Object.freeze(parts.headers ?? NO_HEADERS),
    retryAfterMs: parts.retryAfterMs,
    known: parts.known,
  });
}

function frozen<T>(list: readonly T[] = NONE): readonly T[] {
  return list.length === 0 ? NONE : Object.freeze(list);
}
