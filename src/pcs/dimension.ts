import { roundNano } from './nano.ts';

/** Slopes up to which sorting is faster than selecting. */
const SMALL = 4_096;
const BUCKETS = 4_096;
/** Slopes of box counts span under 80 binary digits and each round takes off 12: after 7 rounds few are left. */
const MAX_ROUNDS = 8;

/**
 * The box-counting dimension by Theil-Sen: of the slopes `(log2 N_b - log2 N_a) / (log2 s_b - log2 s_a)` over all
 * pairs of scales, sorted, element `floor(n / 2)` (the upper median, nothing is averaged), rounded to nine decimals.
 * One outlying count moves it little, where a least-squares line would follow. Source: P. K. Sen, "Estimates of the
 * regression coefficient based on Kendall's tau", 1968.
 *
 * With k scales there are k (k - 1) / 2 slopes; the median is selected in linear time, so 1,024 scales cost under
 * ten milliseconds.
 *
 * @param scales distinct, at least two
 * @param counts box counts by scale, each 1 or more
 * @returns `undefined` if a scale has no count, or if there are fewer than two scales
 *
 * @example
 * theilSenDimension([2, 4, 8, 16], new Map([[2, 4], [4, 8], [8, 17], [16, 20]])); // 1
 */
export function theilSenDimension(scales: readonly number[], counts: ReadonlyMap<number, number>): number | undefined {
  const n = scales.length;
  if (n < 2) return undefined;
  const sorted = [...scales].sort((a, b) => a - b);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const scale = sorted[i]!;
    const count = counts.get(scale);
    if (count === undefined) return undefined;
    x[i] = Math.log2(scale);
    y[i] = Math.log2(count);
  }
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) slopes[at++] = (y[j]! - y[i]!) / (x[j]! - x[i]!);
  }
  return roundNano(nthSmallest(slopes, Math.floor(slopes.length / 2)));
}

/**
 * Element `rank` of the sorted values, by repeatedly keeping only the bucket that holds it. The smallest and the
 * largest value never share a bucket, so every round leaves fewer.
 */
function nthSmallest(values: Float64Array, rank: number): number {
  let pool = values;
  let left = rank;
  for (let round = 0; pool.length > SMALL && round < MAX_ROUNDS; round++) {
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < pool.length; i++) {
      const value = pool[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (min === max) return min;
    const perUnit = (BUCKETS - 1) / (max - min);
    const sizes = new Uint32Array(BUCKETS);
    for (let i = 0; i < pool.length; i++) sizes[((pool[i]! - min) * perUnit) | 0]!++;
    let bucket = 0;
    while (left >= sizes[bucket]!) left -= sizes[bucket++]!;
    const kept = new Float64Array(sizes[bucket]!);
    let at = 0;
    for (let i = 0; i < pool.length; i++) {
      const value = pool[i]!;
      if ((((value - min) * perUnit) | 0) === bucket) kept[at++] = value;
    }
    pool = kept;
  }
  return pool.sort()[left]!;
}
