import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  directionsFromBeta,
  drawDirections,
  isDrawnDirection,
  MAX_DIRECTIONS,
  sfc32,
} from '../../../src/guards/vrf/directions.ts';
import { readFixture } from '../../pcs/sample.ts';
import { exampleOf } from './suites.ts';
import { bytes } from './vectors.ts';

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

describe('directionsFromBeta', () => {
  /** Computed by the listing in docs/guards/vrf.md, Python 3.11. */
  it.each([
    [
      'ECVRF-P256-SHA256-TAI',
      [0.8099404327970917, 0.5580551999840364, -0.18047406764196539],
      [0.29677267175835176, 0.7023796409645873, 0.6469844057285052],
    ],
    [
      'ECVRF-EDWARDS25519-SHA512-TAI',
      [0.07020889201250526, 0.9961508435512316, -0.052480552346047205],
      [-0.8746344428995629, -0.1830653621388045, 0.448889367749738],
    ],
    [
      'ECVRF-EDWARDS25519-SHA512-ELL2',
      [0.7794034926460716, -0.19662833231710505, 0.5948676277805836],
      [-0.8058128441339089, 0.49058957152124455, 0.33164368310495895],
    ],
  ])('of the first example of %s: first and 4,096th', (name, first, last) => {
    const beta = bytes(exampleOf({ name }).beta);
    const directions = directionsFromBeta(beta, 4_096);
    expect([directions[0], directions.at(-1)]).toEqual([first, last]);
    expect(directionsFromBeta(beta, 1)).toEqual([first]);
    expect(directionsFromBeta(beta, 0)).toEqual([]);
  });

  it('refuses a short beta and a count that is none', () => {
    expect(() => directionsFromBeta(new Uint8Array(7), 1)).toThrow(RangeError);
    for (const count of [-1, 1.5, Number.NaN, MAX_DIRECTIONS + 1, '3' as never]) {
      expect(() => directionsFromBeta(new Uint8Array(64), count)).toThrow(RangeError);
    }
  });
});

describe('isDrawnDirection', () => {
  const seed = 2 ** 53 - 1;
  const drawn = drawDirections(seed, 128);

  it('knows every direction of the draw, also with 12 decimals or off by less than the tolerance', () => {
    for (const direction of drawn) {
      expect(isDrawnDirection(seed, 128, direction)).toBe(true);
      expect(
        isDrawnDirection(
          seed,
          128,
          direction.map((x) => Number(x.toFixed(12))),
        ),
      ).toBe(true);
      expect(
        isDrawnDirection(
          seed,
          128,
          direction.map((x) => x + 9e-10),
        ),
      ).toBe(true);
    }
  });

  it('knows nothing else: the next one, another seed, its opposite, one component off, other lengths', () => {
    const last = drawn[127]!;
    expect(isDrawnDirection(seed, 127, last)).toBe(false);
    expect(isDrawnDirection(seed - 1, 128, last)).toBe(false);
    expect(
      isDrawnDirection(
        seed,
        128,
        last.map((x) => -x),
      ),
    ).toBe(false);
    for (const axis of [0, 1, 2]) {
      expect(
        isDrawnDirection(
          seed,
          128,
          last.map((x, at) => (at === axis ? x + 2e-9 : x)),
        ),
      ).toBe(false);
      expect(
        isDrawnDirection(
          seed,
          128,
          last.map((x, at) => (at === axis ? Number.NaN : x)),
        ),
      ).toBe(false);
    }
    expect(isDrawnDirection(seed, 128, last.slice(0, 2))).toBe(false);
    expect(isDrawnDirection(seed, 128, [...last, 0])).toBe(false);
    expect(isDrawnDirection(seed, 0, last)).toBe(false);
  });
});
