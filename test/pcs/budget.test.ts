import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetOf } from '../../src/pcs/budget.ts';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { realBodies } from './sample.ts';

const budget = (D_hat: number, coh_star: number, r: number): number =>
  budgetOf({ D_hat, coh_star, r }, DEFAULT_PCS_POLICY);

describe('budgetOf', () => {
  it.each([
    // By hand: 0.1 + 0.3 (1 - r) + 0.5 max(0, D - 2.2) + 0.2 coh.
    [1, 0.2, 0.303088803, 0.349073359],
    [0, 0, 1, 0.1],
    [2.2, 0, 1, 0.1],
    [2.200000002, 0, 1, 0.100000001],
    [3, 0, 1, 0.5],
    [3, 1, 0, 1],
    [4, 1, 0, 1],
    [0, 0, 2, 0],
    [0, -1, 1, 0],
    [1e308, 1e308, -1e308, 1],
    [0, -1.7e308, 1.7e308, 0],
  ])('of D_hat %d, coherence %d, r %d is %d', (D_hat, coherence, r, expected) => {
    expect(budget(D_hat, coherence, r)).toBe(expected);
  });

  it('is never NaN, where parts of the sum overflow to both sides', () => {
    const policy = { base: 0, alpha: 1e6, beta: 1e6, gamma: 1e6, d0: 0 };
    expect(budgetOf({ D_hat: 1e308, coh_star: -1e308, r: 0 }, policy)).toBe(0);
  });

  it('is from 0 to 1 and has nine decimals', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(any, any, any, (D_hat, coherence, r) => {
        const value = budget(D_hat, coherence, r);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(Number(value.toFixed(9))).toBe(value);
      }),
    );
  });

  it('agrees with the claims of all 510 real records to a nano-unit', () => {
    for (const { D_hat, coh_star, r, budget: claimed } of realBodies()) {
      const value = budget(D_hat as number, coh_star as number, r as number);
      expect(Math.abs(value - (claimed as number))).toBeLessThanOrEqual(1.0001e-9);
    }
  });
});
