import { describe, expect, it } from 'vitest';
import { type Direction, drawDirections } from '../../../src/guards/vrf/directions.ts';
import { coherenceOf } from '../../../src/pcs/agent/coherence.ts';
import { toUnitCube } from '../../../src/pcs/agent/table.ts';
import { readFixture } from '../sample.ts';

const X: Direction = [1, 0, 0];
const Z: Direction = [0, 0, 1];
const DIAGONAL: Direction = [Math.SQRT1_2, Math.SQRT1_2, 0];

describe('coherenceOf', () => {
  const line = toUnitCube([[0], [1], [2], [3], [4]]);
  const plane = toUnitCube([
    [0, 2],
    [1, 1],
    [2, 0],
  ]);

  it.each([
    // By hand: five points 0.25 apart fall into five bins of sqrt(3)/31 = 0.056, or all into one across.
    ['a line along itself', line, [X], 0.2, X],
    ['a line seen across', line, [Z], 1, Z],
    ['the better of two directions', line, [X, Z], 1, Z],
    ['the first of two equals', line, [DIAGONAL, X], 0.2, DIAGONAL],
    ['a plane through the middle, along its normal', plane, [X, DIAGONAL], 1, DIAGONAL],
    ['one point', toUnitCube([[5, 5, 5]]), [X], 1, X],
    [
      'the corners of the cube along its diagonal',
      toUnitCube([
        [0, 0, 0],
        [1, 1, 1],
      ]),
      [DIAGONAL],
      0.5,
      DIAGONAL,
    ],
  ] as const)('of %s', (_name, points, directions, coh_star, v_star) => {
    expect(coherenceOf(points, directions)).toEqual({ coh_star, v_star });
  });

  it('counts a point at the very ends', () => {
    const along: Direction = [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)];
    const corners = toUnitCube([
      [0, 0, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect(coherenceOf(corners, [along]).coh_star).toBeCloseTo(2 / 3, 12);
  });

  interface Table {
    name: string;
    points: number[][];
    seed: number;
    coh_star: number;
    v_star: number[];
  }

  it.each(readFixture<{ tables: Table[] }>('agent.json').tables)('agrees with Python on $name', (table) => {
    const { coh_star, v_star } = coherenceOf(toUnitCube(table.points), drawDirections(table.seed, 128));
    expect(coh_star).toBeCloseTo(table.coh_star, 9);
    expect(v_star.map((x) => Number(x.toFixed(12)))).toEqual(table.v_star);
  });
});
