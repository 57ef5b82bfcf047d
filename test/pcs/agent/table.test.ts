import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUnitCube } from '../../../src/pcs/agent/table.ts';

const coordinates = (points: number[][]): number[] => [...toUnitCube(points).coordinates];

describe('toUnitCube', () => {
  it.each([
    ['one column', [[1], [3], [2]], [0, 0, 0, 1, 0, 0, 0.5, 0, 0]],
    [
      'two columns',
      [
        [1, 10],
        [3, 20],
      ],
      [0, 0, 0, 1, 1, 0],
    ],
    [
      'three columns',
      [
        [0, -1, 5],
        [4, 1, 9],
        [1, 0, 6],
      ],
      [0, 0, 0, 1, 1, 1, 0.25, 0.5, 0.25],
    ],
    [
      'a column that does not vary',
      [
        [7, 0],
        [7, 2],
      ],
      [0, 0, 0, 0, 1, 0],
    ],
    ['one point', [[7, 8, 9]], [0, 0, 0]],
    ['the ends of the doubles', [[-1.7e308], [1.7e308], [0]], [0, 0, 0, 1, 0, 0, 0.5, 0, 0]],
    ['the smallest step', [[0], [5e-324]], [0, 0, 0, 1, 0, 0]],
  ])('scales %s', (_name, points, expected) => {
    expect(coordinates(points)).toEqual(expected);
  });

  it.each([
    ['not an array', {}, 'PTC_E002'],
    ['no rows', [], 'PTC_E003'],
    ['no columns', [[]], 'PTC_E003'],
    ['four columns', [[1, 2, 3, 4]], 'PTC_E003'],
    ['a row that is no array', [1], 'PTC_E003'],
    ['ragged rows', [[1, 2], [1]], 'PTC_E002'],
    ['a row missing', [[1], undefined], 'PTC_E002'],
    ['text', [[1], ['2']], 'PTC_E002'],
    ['NaN', [[1], [Number.NaN]], 'PTC_E002'],
    ['infinity', [[Infinity]], 'PTC_E002'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the case
    ['a hole', [[1, , 3]], 'PTC_E002'],
  ])('refuses %s', (_name, points, code) => {
    expect(() => toUnitCube(points as number[][])).toThrow(code);
  });

  it('names the row that is wrong', () => {
    expect(() => toUnitCube([[1], [2], [Number.NaN]])).toThrow('summarize.points[2]');
  });

  it('stays in the unit cube and touches both ends of every column that varies', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 20 }), (points) => {
        const all = coordinates(points);
        expect(all.every((x) => x >= 0 && x <= 1)).toBe(true);
        for (const column of [0, 1]) {
          const own = all.filter((_, i) => i % 3 === column);
          if (new Set(points.map((row) => row[column])).size > 1) {
            expect([Math.min(...own), Math.max(...own)]).toEqual([0, 1]);
          }
        }
      }),
    );
  });
});
