import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { theilSenDimension } from '../../src/pcs/dimension.ts';
import { readFixture, realBodies } from './sample.ts';

function dimension(counts: Record<string, number>, scales = Object.keys(counts).map(Number)): number | undefined {
  return theilSenDimension(scales, new Map(Object.entries(counts).map(([scale, n]) => [Number(scale), n])));
}

describe('theilSenDimension', () => {
  it.each([
    [{ 2: 5, 4: 10, 8: 13, 16: 15 }, 0.528320834],
    [{ 2: 4, 4: 8, 8: 17, 16: 20 }, 1],
    [{ 2: 4, 4: 16, 8: 64 }, 2],
    [{ 1: 1, 1024: 1 }, 0],
    [{ 2: 8, 4: 4 }, -1],
  ])('of %j is %d', (counts, expected) => {
    expect(dimension(counts)).toBe(expected);
  });

  it('agrees with Python on random counts, up to 400 scales', () => {
    const { cases } = readFixture<{ cases: { N_j: Record<string, number>; D_hat: number }[] }>('dimension.json');
    expect(cases.length).toBeGreaterThan(50);
    for (const { N_j, D_hat } of cases) expect(dimension(N_j)).toBe(D_hat);
  });

  it('agrees with the claims of all 510 real records', () => {
    for (const { N_j, scales, D_hat } of realBodies()) {
      expect(dimension(N_j as Record<string, number>, scales as number[])).toBe(D_hat);
    }
  });

  it('takes the upper of two middle slopes', () => {
    // Slopes 1, 2 and, over both steps, 1.5; with a fourth scale six slopes: 0, 0.5, 1, 1, 1.5, 2 by hand.
    expect(dimension({ 1: 1, 2: 2, 4: 8, 8: 8 })).toBe(1);
    expect(dimension({ 1: 1, 2: 4, 4: 8, 8: 8 })).toBe(1);
  });

  it('is undefined where a scale has no count, and ignores counts of other scales', () => {
    expect(dimension({ 2: 4, 4: 8 }, [2, 4, 8])).toBeUndefined();
    expect(dimension({ 2: 4, 4: 8, 512: 1 }, [2, 4])).toBe(1);
    expect(dimension({ 2: 4 })).toBeUndefined();
  });

  it('does not depend on the order of the scales', () => {
    const counts = { 2: 5, 3: 7, 4: 10, 8: 13, 16: 15 };
    fc.assert(
      fc.property(fc.shuffledSubarray([2, 3, 4, 8, 16], { minLength: 5 }), (scales) => {
        expect(dimension(counts, scales)).toBe(dimension(counts));
      }),
    );
  });

  it('is the exponent of a power law, and is moved little by one outlier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 9 }), (exponent, outlier) => {
        const scales = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        const counts = Object.fromEntries(scales.map((scale) => [scale, scale ** exponent]));
        expect(dimension(counts)).toBe(exponent);
        expect(dimension({ ...counts, [scales[outlier]!]: 2 ** 52 })).toBe(exponent);
      }),
    );
  });

  it('selects the same median as sorting does, for 1,024 scales', () => {
    const scales = Array.from({ length: 1024 }, (_, i) => i + 1);
    for (const count of [
      (s: number): number => s,
      (s: number): number => (s % 2 === 0 ? 1 : 2 ** 53 - 1),
      (s: number): number => 2 ** 53 - s,
      (s: number): number => ((s * 7919) % 1021) + 1,
    ]) {
      const counts = new Map(scales.map((scale) => [scale, count(scale)]));
      const slopes: number[] = [];
      for (let i = 0; i < 1024; i++) {
        for (let j = i + 1; j < 1024; j++) {
          slopes.push((Math.log2(count(j + 1)) - Math.log2(count(i + 1))) / (Math.log2(j + 1) - Math.log2(i + 1)));
        }
      }
      const middle = Float64Array.from(slopes).sort()[Math.floor(slopes.length / 2)]!;
      expect(theilSenDimension(scales, counts)).toBeCloseTo(middle, 9);
    }
  });
});
