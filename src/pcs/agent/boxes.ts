import type { UnitPoints } from './table.ts';

/** Coordinates are cut to this grid first, so that box numbers are exact integer arithmetic. */
const GRID = 2 ** 40;

/**
 * How many boxes of an s x s x s grid over the unit cube hold at least one point, for each scale s. Box numbers are
 * exact, so where one scale divides the next the grids are nested, and counts never decrease and grow at most with
 * the cube of the ratio. O(points x scales).
 *
 * @param scales whole numbers from 1 to 1024
 *
 * @example
 * countBoxes(toUnitCube([[0], [1]]), [2, 4]); // Map { 2 => 2, 4 => 2 }
 */
export function countBoxes(points: UnitPoints, scales: readonly number[]): Map<number, number> {
  const cells = points.coordinates.map((x) => Math.min(GRID - 1, Math.floor(x * GRID)));
  const counts = new Map<number, number>();
  for (const scale of scales) {
    const boxes = new Set<number>();
    for (let i = 0; i < cells.length; i += 3) {
      // cell * scale stays below 2^50 and division by a power of two is exact.
      const x = Math.floor((cells[i]! * scale) / GRID);
      const y = Math.floor((cells[i + 1]! * scale) / GRID);
      const z = Math.floor((cells[i + 2]! * scale) / GRID);
      boxes.add((x * scale + y) * scale + z);
    }
    counts.set(scale, boxes.size);
  }
  return counts;
}
