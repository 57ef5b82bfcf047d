import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawDirections, sfc32 } from '../../../src/pcs/agent/directions.ts';
import { readFixture } from '../sample.ts';

describe('sfc32', () => {
  it('gives the published numbers for seed 12345', () => {
    // github.com/maloquacious/prng, sfc32_test.go.
    const next = sfc32(12345);
    const published = [
      235160590, 2967261163, 116171463, 2882324903, 362604721, 4227106926, 1933307004, 1608300071, 2256615412,
      2701957640,
    ];
    expect(published.map(() => next())).toEqual(published);
  });

  it('uses all 53 bits of a seed', () => {
    const expected = readFixture<{ sfc32: Record<string, number[]> }>('agent.json').sfc32['9007199254740991']!;
    const next = sfc32(2 ** 53 - 1);
    expect(expected.map(() => next())).toEqual(expected);
    expect(sfc32(1)()).not.toBe(sfc32(1 + 2 ** 32)());
  });
});

describe('drawDirections', () => {
  it('draws unit vectors, the same for the same seed, and a longer draw starts like a shorter one', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (seed) => {
        const directions = drawDirections(seed, 20);
        for (const direction of directions) expect(Math.hypot(...direction)).toBeCloseTo(1, 12);
        expect(drawDirections(seed, 7)).toEqual(directions.slice(0, 7));
      }),
    );
  });

  it('spreads over the sphere evenly', () => {
    const directions = drawDirections(42, 20_000);
    for (const axis of [0, 1, 2]) {
      // A uniform direction has coordinates uniform in -1..1: mean 0, second moment 1/3.
      const own = directions.map((direction) => direction[axis]!);
      expect(own.reduce((sum, x) => sum + x, 0) / own.length).toBeCloseTo(0, 1);
      expect(own.reduce((sum, x) => sum + x * x, 0) / own.length).toBeCloseTo(1 / 3, 2);
      for (const edge of [-0.5, 0, 0.5]) {
        expect(own.filter((x) => x < edge).length / own.length).toBeCloseTo((edge + 1) / 2, 1);
      }
    }
  });
});
