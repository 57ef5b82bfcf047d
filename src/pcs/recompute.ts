import type { DecisionCode } from '../errors.ts';
import { defineGuard, type Facts, type Finding, type Guard, PASS, type Verdict } from '../guard.ts';
import { knownOptions } from '../options.ts';
import { budgetOf } from './budget.ts';
import { theilSenDimension } from './dimension.ts';
import { isWithin, toNano } from './nano.ts';
import type { PcsPolicy } from './policy.ts';
import { type PolicyOf, policyOption } from './policy-option.ts';
import { PCS_FACT, type PcsRecord, type Regime } from './record.ts';
import { regimeOf } from './regime.ts';

export interface RecomputeOptions {
  /** The numbers to compare with, fixed or by tenant. Default {@link DEFAULT_PCS_POLICY}. */
  readonly policy?: PcsPolicy | PolicyOf;
}

/** What the guard computed from a record, as facts. */
export interface RecomputedFacts extends Facts {
  /** `null` where a scale has no box count. */
  readonly recomputed_D_hat: number | null;
  readonly recomputed_budget: number;
  readonly recomputed_regime: Regime;
}

/**
 * The guard `recompute`: computes again what a record claims, and escalates (202) what does not agree. D_hat comes
 * from the box counts; regime and budget from the claimed signals, so that an accepted deviation of D_hat is not
 * held against them a second time. Comparisons are made in nano-units, tolerances inclusive. The verdict's code is
 * the gravest cause: one that leaves the record unaccepted before one that does not. Without a record (fact `pcs`,
 * published by `pcs-format`) it passes.
 *
 * Work: k (k - 1) / 2 slopes for k scales, at most 1,024.
 *
 * @throws {ConfigError} for a policy that is not complete.
 *
 * @example
 * const gate = createGate({ guards: [pcsFormat(), recompute({ policy: { ...DEFAULT_PCS_POLICY, tolD: 0.1 } })] });
 */
export function recompute(options: RecomputeOptions = {}): Guard {
  knownOptions('recompute', options, ['policy']);
  const policyOf = policyOption('recompute.policy', options.policy);
  return defineGuard({
    name: 'recompute',
    reads: 'body',
    inspect(_exchange, context) {
      const record = context.facts[PCS_FACT] as PcsRecord | undefined;
      return record === undefined ? PASS : compare(record, policyOf(context.tenant, context));
    },
  });
}

interface Cause {
  readonly code: DecisionCode;
  readonly finding: Finding;
}

function compare(record: PcsRecord, policy: PcsPolicy): Verdict {
  const { D_hat, coh_star } = record;
  const dimension = theilSenDimension(record.scales, record.N_j);
  const budget = budgetOf(record, policy);
  const regime = regimeOf(D_hat, coh_star, policy);
  const facts: RecomputedFacts = {
    recomputed_D_hat: dimension ?? null,
    recomputed_budget: budget,
    recomputed_regime: regime,
  };

  const causes: Cause[] = [];
  // Gravest first: after the first three the record is not accepted, after the last two it is.
  if (dimension === undefined) causes.push(cause('PTC_D503', 'nj-missing', '/N_j'));
  if (!isCoherent(coh_star, policy)) causes.push(cause('PTC_D502', 'coherence', '/coh_star'));
  if (dimension !== undefined && !isWithin(D_hat, dimension, policy.tolD)) {
    causes.push(cause('PTC_D501', 'd-hat', '/D_hat'));
  }
  if (record.regime !== regime) causes.push(cause('PTC_D506', 'regime', '/regime'));
  if (!isWithin(record.budget, budget, policy.tolBudget)) causes.push(cause('PTC_D507', 'budget', '/budget'));

  const [first] = causes;
  if (first === undefined) return { kind: 'pass', facts };
  return { kind: 'escalate', code: first.code, findings: causes.map(({ finding }) => finding), facts };
}

function isCoherent(coh_star: number, policy: PcsPolicy): boolean {
  const coherence = toNano(coh_star);
  return coherence >= 0n && coherence <= toNano(1) + toNano(policy.tolCoh);
}

function cause(code: DecisionCode, rule: string, pointer: string): Cause {
  return { code, finding: { rule: `recompute/${rule}`, place: { in: 'body', pointer }, score: 1 } };
}
