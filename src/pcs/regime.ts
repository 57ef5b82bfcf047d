import { toNano } from './nano.ts';
import type { PcsPolicy } from './policy.ts';
import type { Regime } from './record.ts';

/**
 * The regime that follows from a dimension and a coherence, compared in nano-units: `sticky` if coherence is at
 * least `stickyCoh` and the dimension at most `stickyD`; else `non_sticky` if the dimension is at least
 * `nonStickyD`; else `mixed`. All bounds inclusive; both numbers must be finite.
 *
 * @example
 * regimeOf(1.5, 0.7, DEFAULT_PCS_POLICY); // 'sticky'
 */
export function regimeOf(
  D_hat: number,
  coh_star: number,
  policy: Pick<PcsPolicy, 'stickyCoh' | 'stickyD' | 'nonStickyD'>,
): Regime {
  const d = toNano(D_hat);
  if (toNano(coh_star) >= toNano(policy.stickyCoh) && d <= toNano(policy.stickyD)) return 'sticky';
  return d >= toNano(policy.nonStickyD) ? 'non_sticky' : 'mixed';
}
