/** A guard's allowance in milliseconds, per request. */
export interface Budget {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The published ceilings, in milliseconds. The goal of every guard is a tenth of its row. */
export const BUDGETS = {
  limits: { p50: 0.1, p95: 0.2, p99: 0.5 },
  pii: { p50: 1.5, p95: 3.0, p99: 5.0 },
  vrf: { p50: 0.8, p95: 1.5, p99: 2.5 },
  sanity: { p50: 0.3, p95: 0.5, p99: 1.0 },
  anomaly: { p50: 0.2, p95: 0.4, p99: 0.8 },
  ledger: { p50: 2.0, p95: 4.0, p99: 8.0 },
  gate: { p50: 5, p95: 10, p99: 18 },
} as const;

/**
 * The nearest-rank percentile of sorted samples (ascending); `NaN` for none.
 *
 * @example
 * percentile([1, 2, 3, 4], 0.5); // 2
 */
export function percentile(sorted: ArrayLike<number>, rank: number): number {
  if (sorted.length === 0) return Number.NaN;
  const index = Math.ceil(rank * sorted.length) - 1;
  return sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? Number.NaN;
}
