import { numberOption } from '../../options.ts';

/**
 * A score in 0..1. What is no number counts as 1: a factor that an attacker can make fail must not go quiet.
 *
 * @example
 * clamp01(1.7); // 1
 */
export function clamp01(value: number): number {
  return typeof value !== 'number' || Number.isNaN(value) ? 1 : Math.min(Math.max(value, 0), 1);
}

/**
 * Rises linearly from 0 at `from` to 1 at `to`, and stays there; `to` may be the smaller one.
 *
 * @example
 * ramp(0.25, 0.5, 0); // 0.5: half of the way down
 */
export function ramp(value: number, from: number, to: number): number {
  return clamp01((value - from) / (to - from));
}

/** Weight of one factor in {@link noisyOr}: above 0.553, so that two reach 0.8, and low enough that one does not. */
export const NOISY_OR_WEIGHT = 0.6;

/** How many factors at 1 bring {@link noisyOr} to 1. */
export const NOISY_OR_FULL = 4;

export interface NoisyOrOptions {
  /** From 0 to 1, both excluded. Default {@link NOISY_OR_WEIGHT}. */
  readonly weight?: number;
  /** From 1 to 32. Default {@link NOISY_OR_FULL}. */
  readonly full?: number;
}

/**
 * Combines factors as independent causes (the noisy-or gate of Pearl, Probabilistic Reasoning in Intelligent Systems,
 * 1988, section 4.3.2), scaled so that `full` extreme factors make 1:
 *
 * `min(1, (1 - Π (1 - w f_i)) / (1 - (1 - w)^full))`
 *
 * Each 1 - w f_i lies in [1 - w, 1] and falls when f_i rises, so the score is 0 where all factors are, never falls when
 * a factor rises, and is at most 1. k factors at 1 and the rest at 0 give (1 - (1 - w)^k) / (1 - (1 - w)^full): with the
 * defaults 0.6158, 0.8621, 0.9606, 1. So one alerts at 0.5, two escalate at 0.8, and one alone never escalates.
 * A factor that is 0 changes nothing. Linear in the factors.
 *
 * @throws {ConfigError} for a weight or a number out of range.
 *
 * @example
 * noisyOr()([1, 0, 0]); // 0.6157...
 */
export function noisyOr(options: NoisyOrOptions = {}): (scores: readonly number[]) => number {
  const weight = numberOption('noisyOr.weight', options.weight, NOISY_OR_WEIGHT, { min: 0.001, max: 0.999 });
  const full = numberOption('noisyOr.full', options.full, NOISY_OR_FULL, { min: 1, max: 32, integer: true });
  const missing = (scores: readonly number[]): number => {
    let product = 1;
    for (const score of scores) product *= 1 - weight * score;
    return product;
  };
  const scale = 1 - missing(new Array<number>(full).fill(1));
  return (scores) => clamp01((1 - missing(scores)) / scale);
}
