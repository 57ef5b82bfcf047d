/**
 * The sum of the digits of a text, each times the weight of its place: what check digits modulo 10 and 11 are made of.
 * Digits beyond the last weight count nothing.
 *
 * @example
 * weightedSum('021000021', [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10; // 0
 */
export function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length && i < digits.length; i++) sum += (digits.charCodeAt(i) - 0x30) * weights[i]!;
  return sum;
}
