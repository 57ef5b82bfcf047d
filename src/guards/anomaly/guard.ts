import { BUDGETS } from '../../budget.ts';
import type { Decision } from '../../decide.ts';
import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Finding, type Guard, type GuardContext, type OnError } from '../../guard.ts';
import { functionOption, knownOptions, numberOption } from '../../options.ts';
import { clamp01, noisyOr } from './score.ts';

/** One reason for suspicion. */
export interface Factor {
  /** Lower-case words joined by hyphens, unique in a guard: `rate-spike`. */
  readonly id: string;
  /** RFC 6901 pointer of what it looks at, as the place of its finding. Default: the whole body. */
  readonly pointer?: string;
  /**
   * 0: nothing, 1: extreme. Clamped; what is no number counts as 1. Must not throw for bad input, and must not judge
   * an exchange by what it taught itself.
   */
  readonly score: (exchange: Exchange, context: GuardContext) => number;
  /** Called once for each exchange that was scored, after the decision: learn from it. */
  readonly learn?: (exchange: Exchange, decision: Decision, context: GuardContext) => void;
  /** Given every decision of the gate, those included that ended before this guard. */
  readonly record?: (decision: Decision) => void;
}

/** A fixed threshold, or each tenant's own. */
export type Threshold = number | ((tenant: string | undefined, context?: GuardContext) => number);

export interface AnomalyOptions {
  /** At most {@link MAX_FACTORS}. */
  readonly factors: readonly Factor[];
  /** Scores, in the order of the factors and in 0..1, to one score. Default `noisyOr()`. */
  readonly combine?: (scores: readonly number[]) => number;
  /** Score from which on a request is flagged, inclusive. Default {@link DEFAULT_ALERT}. */
  readonly alert?: Threshold;
  /** Score from which on it is escalated, inclusive. Default {@link DEFAULT_ESCALATE}. */
  readonly escalate?: Threshold;
  /** Name in metrics and answers. Default `anomaly`. */
  readonly name?: string;
  /** Default `closed`. */
  readonly onError?: OnError;
}

/** A guard that is told of every decision, so that a factor can count failures of earlier guards. */
export interface AnomalyGuard extends Guard {
  record(decision: Decision): void;
}

/** Score (0..1) from which on a request is flagged. */
export const DEFAULT_ALERT = 0.5;

/** Score (0..1) from which on a request is escalated. */
export const DEFAULT_ESCALATE = 0.8;

/** Factors of one guard at most. */
export const MAX_FACTORS = 32;

const OPTIONS = ['factors', 'combine', 'alert', 'escalate', 'name', 'onError'] as const;
const FACTOR_ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Scores how unusual a request is: each factor says 0..1, `combine` makes one score of them. At the alert threshold
 * the request is flagged (PTC_D508), at the escalate threshold it is escalated (PTC_D509), each with a finding
 * `anomaly/<factor>` per factor above 0. Every verdict carries the facts `anomaly_score` (0..1) and `anomaly_factors`
 * (scores by factor). Time is the sum of the factors'.
 *
 * @throws {ConfigError} for options that are not valid, or an alert threshold above the escalate threshold.
 *
 * @example
 * const guard = anomaly({
 *   factors: [{ id: 'long-text', score: (exchange) => ramp(exchange.bytes().length, 10_000, 100_000) }],
 *   alert: 0.4,
 * });
 */
export function anomaly(options: AnomalyOptions): AnomalyGuard {
  knownOptions('anomaly', options ?? {}, OPTIONS);
  const { name = 'anomaly', onError, combine = noisyOr() } = options ?? {};
  const factors = checkFactors(options?.factors);
  functionOption('anomaly.combine', combine, 'give a function from scores to a score');
  const alertAt = thresholdOf('anomaly.alert', options.alert, DEFAULT_ALERT);
  const escalateAt = thresholdOf('anomaly.escalate', options.escalate, DEFAULT_ESCALATE);
  if (typeof options.alert !== 'function' && typeof options.escalate !== 'function') {
    const most = escalateAt(undefined);
    if (alertAt(undefined) > most) {
      throw new ConfigError('PTC_E003', 'anomaly.alert', alertAt(undefined), `give a number from 0 to ${most}`);
    }
  }

  const guard = defineGuard({
    name,
    reads: 'body',
    budget: BUDGETS.anomaly,
    ...(onError !== undefined && { onError }),
    inspect(exchange, context) {
      const scores = factors.map((factor) => clamp01(factor.score(exchange, context)));
      const score = clamp01(combine(scores));
      const byId: Record<string, number> = {};
      factors.forEach(({ id }, index) => {
        byId[id] = scores[index] ?? 0;
      });
      const facts = { anomaly_score: score, anomaly_factors: Object.freeze(byId) };
      if (score >= escalateAt(context.tenant, context)) {
        return { kind: 'escalate', code: 'PTC_D509', findings: findingsOf(factors, scores), facts };
      }
      if (score >= alertAt(context.tenant, context)) {
        return { kind: 'flag', code: 'PTC_D508', findings: findingsOf(factors, scores), facts };
      }
      return { kind: 'pass', facts };
    },
    settle(exchange, decision, context) {
      for (const factor of factors) factor.learn?.(exchange, decision, context);
    },
  });
  return Object.freeze({
    ...guard,
    record(decision: Decision) {
      for (const factor of factors) factor.record?.(decision);
    },
  });
}

function checkFactors(factors: unknown): readonly Factor[] {
  if (!Array.isArray(factors) || factors.length === 0 || factors.length > MAX_FACTORS) {
    const code = factors === undefined ? 'PTC_E001' : 'PTC_E002';
    throw new ConfigError(code, 'anomaly.factors', factors, `give an array of 1 to ${MAX_FACTORS} factors`);
  }
  const ids = new Set<string>();
  factors.forEach((factor: Partial<Factor> | undefined, index) => {
    const where = `anomaly.factors[${index}]`;
    const id = factor?.id;
    if (typeof id !== 'string' || !FACTOR_ID.test(id)) {
      throw new ConfigError('PTC_E002', `${where}.id`, id, 'give lower-case words joined by hyphens');
    }
    if (ids.has(id)) throw new ConfigError('PTC_E003', `${where}.id`, id, 'give each factor another id');
    ids.add(id);
    functionOption(`${where}.score`, factor?.score, 'give a function from exchange and context to 0..1');
    for (const option of ['learn', 'record'] as const) {
      if (factor?.[option] !== undefined) functionOption(`${where}.${option}`, factor[option], 'give a function');
    }
  });
  return Object.freeze([...(factors as readonly Factor[])]);
}

function thresholdOf(
  option: string,
  value: Threshold | undefined,
  fallback: number,
): (tenant: string | undefined, context?: GuardContext) => number {
  const checked = (found: unknown): number => numberOption(option, found, fallback, { min: 0, max: 1 });
  if (typeof value === 'function') return (tenant, context) => checked(value(tenant, context));
  const fixed = checked(value);
  return () => fixed;
}

function findingsOf(factors: readonly Factor[], scores: readonly number[]): readonly Finding[] {
  return factors.flatMap(({ id, pointer = '' }, index) => {
    const score = scores[index] ?? 0;
    return score > 0 ? [{ rule: `anomaly/${id}`, place: { in: 'body', pointer }, score } as const] : [];
  });
}
