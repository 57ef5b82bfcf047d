import { roundNano } from './nano.ts';
import type { PcsPolicy } from './policy.ts';
import type { PcsRecord } from './record.ts';

/** The policy's part in a budget. */
export type BudgetPolicy = Pick<PcsPolicy, 'base' | 'alpha' | 'beta' | 'gamma' | 'd0'>;

/**
 * The budget that follows from a record's signals: `base + alpha (1 - r) + beta max(0, D_hat - d0) + gamma coh_star`,
 * clamped to 0..1 and rounded to nine decimals. Never `NaN`: signals so large that the sum overflows give 0 or 1.
 *
 * @example
 * budgetOf({ D_hat: 1, coh_star: 0.2, r: 0.303088803 }, DEFAULT_PCS_POLICY); // 0.349073359
 */
export function budgetOf(signals: Pick<PcsRecord, 'D_hat' | 'coh_star' | 'r'>, policy: BudgetPolicy): number {
  const { base, alpha, beta, gamma, d0 } = policy;
  const sum = base + alpha * (1 - signals.r) + beta * Math.max(0, signals.D_hat - d0) + gamma * signals.coh_star;
  return sum > 0 ? roundNano(Math.min(1, sum)) : 0;
}
