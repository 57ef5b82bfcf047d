import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp01, noisyOr, ramp } from '../../../src/guards/anomaly/score.ts';

const score01 = fc.double({ min: 0, max: 1, noNaN: true });

describe('clamp01', () => {
  it.each([
    [-1, 0],
    [-Infinity, 0],
    [0, 0],
    [0.3, 0.3],
    [1, 1],
    [1.1, 1],
    [Infinity, 1],
    [Number.NaN, 1],
  ])('%d → %d', (value, clamped) => {
    expect(clamp01(value)).toBe(clamped);
  });

  it('takes what is no number for 1', () => {
    expect(clamp01(undefined as unknown as number)).toBe(1);
  });
});

describe('ramp', () => {
  it.each([
    [0, 1, 3, 0],
    [1, 1, 3, 0],
    [2, 1, 3, 0.5],
    [3, 1, 3, 1],
    [9, 1, 3, 1],
    [0.5, 0.5, 0, 0],
    [0.125, 0.5, 0, 0.75],
    [0, 0.5, 0, 1],
    [-3, 0.5, 0, 1],
    [0.7, 0.5, 0, 0],
  ])('of %d from %d to %d is %d', (value, from, to, expected) => {
    expect(ramp(value, from, to)).toBe(expected);
  });
});

describe('noisyOr', () => {
  // python3 -c "from fractions import Fraction as F
  // def no(fs, w=F(3,5), full=4):
  //   p = F(1)
  //   for x in fs: p *= 1 - w*F(x)
  //   return float((1-p)/(1-(1-w)**full))
  // print(no([1]), no([1]*2), no([1]*3), no(['1/2']*4), no([1,'1/2']), no(['1/4','3/4',0,1]))"
  it.each([
    [[], 0],
    [[0, 0, 0, 0], 0],
    [[1], 0.6157635467980295],
    [[0, 1, 1, 0], 0.8620689655172413],
    [[1, 1, 1], 0.960591133004926],
    [[0.5, 0.5, 0.5, 0.5], 0.7798645320197044],
    [[1, 0.5], 0.7389162561576355],
    [[0.25, 0.75, 0, 1], 0.8343596059113301],
  ])('of %j is %d', (scores, expected) => {
    expect(noisyOr()(scores)).toBeCloseTo(expected, 14);
  });

  it('reaches 1 exactly, and stays there', () => {
    for (const full of [1, 2, 3, 4, 7, 32]) {
      const combine = noisyOr({ full });
      expect(combine(new Array(full).fill(1))).toBe(1);
      expect(combine(new Array(full + 1).fill(1))).toBe(1);
      expect(combine(new Array(full - 1).fill(1))).toBeLessThan(1);
    }
  });

  it('lies in 0..1, never falls when a factor rises, and does not mind order or factors at 0', () => {
    const combine = noisyOr();
    fc.assert(
      fc.property(fc.array(score01, { minLength: 1, maxLength: 8 }), fc.nat(), score01, (scores, nth, other) => {
        const at = nth % scores.length;
        const raised = scores.with(at, Math.max(scores[at] as number, other));
        const score = combine(scores);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(combine(raised)).toBeGreaterThanOrEqual(score);
        expect(combine([...scores, 0])).toBe(score);
        expect(combine([...scores].reverse())).toBeCloseTo(score, 14);
      }),
    );
  });

  it('alerts on one extreme factor among any number, and escalates on two, whatever the others say', () => {
    const combine = noisyOr();
    fc.assert(
      fc.property(fc.array(score01, { maxLength: 6 }), (others) => {
        expect(combine([1, ...others])).toBeGreaterThanOrEqual(0.5);
        expect(combine([1, 1, ...others])).toBeGreaterThanOrEqual(0.8);
      }),
    );
    expect(combine([1])).toBeLessThan(0.8);
  });

  it.each([{ weight: 0 }, { weight: 1 }, { full: 0 }, { full: 1.5 }])('refuses %j', (options) => {
    expect(() => noisyOr(options)).toThrow(/PTC_E003.*noisyOr/);
  });
});
