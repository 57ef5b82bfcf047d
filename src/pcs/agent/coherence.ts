import type { Direction } from '../../guards/vrf/directions.ts';
import type { UnitPoints } from './table.ts';

/** Bins along a direction. Odd, so that the middle of the cube is the middle of a bin and not an edge. */
export const COHERENCE_BINS = 31;

/** The diagonal of the unit cube: a projection of a centred point lies within half of it on either side. */
const DIAGONAL: number = /* @__PURE__ */ Math.sqrt(3);

export interface Coherence {
  /** 1/n for points that share no bin, up to 1. */
  readonly coh_star: number;
  /** The first of the directions that reached it. */
  readonly v_star: Direction;
}

/**
 * Directional coherence: the coherence of a direction is the largest share of the points whose projections on it
 * fall into one of {@link COHERENCE_BINS} equal bins across the cube's diagonal; the result is the largest over all
 * directions. Points in a plane score high along its normal. O(points x directions).
 *
 * @param directions at least one
 *
 * @example
 * coherenceOf(toUnitCube(points), drawDirections(42, 128)).coh_star; // 0..1
 */
export function coherenceOf(points: UnitPoints, directions: readonly Direction[]): Coherence {
  const { coordinates, count } = points;
  const bins = new Uint32Array(COHERENCE_BINS);
  let most = 0;
  let v_star = directions[0]!;
  for (const direction of directions) {
    const [dx, dy, dz] = direction;
    bins.fill(0);
    for (let i = 0; i < coordinates.length; i += 3) {
      const along = (coordinates[i]! - 0.5) * dx + (coordinates[i + 1]! - 0.5) * dy + (coordinates[i + 2]! - 0.5) * dz;
      const bin = Math.floor((along / DIAGONAL + 0.5) * COHERENCE_BINS);
      bins[Math.min(Math.max(bin, 0), COHERENCE_BINS - 1)]!++;
    }
    for (const inBin of bins) {
      if (inBin <= most) continue;
      most = inBin;
      v_star = direction;
    }
  }
  return { coh_star: most / count, v_star };
}
