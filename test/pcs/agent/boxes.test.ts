import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countBoxes } from '../../../src/pcs/agent/boxes.ts';
import { toUnitCube } from '../../../src/pcs/agent/table.ts';

const count = (points: number[][], scales: number[]): number[] => [...countBoxes(toUnitCube(points), scales).values()];

/** Points on a regular n-per-axis lattice in `axes` dimensions, ends included. */
function lattice(n: number, axes: 1 | 2 | 3): number[][] {
  const points: number[][] = [];
  for (let i = 0; i < n ** axes; i++)
    points.push([i % n, Math.floor(i / n) % n, Math.floor(i / n ** 2)].slice(0, axes));
  return points;
}

describe('countBoxes', () => {
  it.each([
    // By hand: 65 points an axis fill every box up to 16; one point fills one.
    ['a line', lattice(65, 1), [2, 4, 8, 16]],
    ['a plane', lattice(33, 2), [4, 16, 64, 256]],
    ['a cube', lattice(17, 3), [8, 64, 512, 4096]],
    ['one point', [[3, 4, 5]], [1, 1, 1, 1]],
    ['two points', [[0], [1]], [2, 2, 2, 2]],
    ['a diagonal', lattice(65, 1).map(([x]) => [x!, x!, x!]), [2, 4, 8, 16]],
  ])('of %s', (_name, points, expected) => {
    expect(count(points, [2, 4, 8, 16])).toEqual(expected);
  });

  it('puts an edge into the upper box, except the last edge', () => {
    expect(count([[0], [0.5], [1]], [1, 2])).toEqual([1, 2]);
    expect(count([[0], [0.25], [0.5], [0.75], [1]], [2, 4])).toEqual([2, 4]);
  });

  it('is monotone and grows at most with the cube of the ratio where scales divide', () => {
    const point = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(81),
    );
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
        for (const scales of [
          [2, 4, 8, 512, 1024],
          [3, 9, 27, 81],
          [5, 10, 50, 100, 1000],
          [7, 49, 343],
        ]) {
          const counts = count(points, scales);
          for (let i = 1; i < scales.length; i++) {
            const ratio = scales[i]! / scales[i - 1]!;
            expect(counts[i]).toBeGreaterThanOrEqual(counts[i - 1]!);
            expect(counts[i]).toBeLessThanOrEqual(counts[i - 1]! * ratio ** 3);
          }
        }
      }),
    );
  });
});
