import { describe, expect, it } from 'vitest';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { regimeOf } from '../../src/pcs/regime.ts';

describe('regimeOf', () => {
  it.each([
    // At each boundary, one nano-unit below and one above.
    [1.5, 0.7, 'sticky'],
    [1.5, 0.699999999, 'mixed'],
    [1.5, 0.700000001, 'sticky'],
    [1.499999999, 0.7, 'sticky'],
    [1.500000001, 0.7, 'mixed'],
    [2.6, 0.5, 'non_sticky'],
    [2.599999999, 0.5, 'mixed'],
    [2.600000001, 0.5, 'non_sticky'],
    [2.6, 0.9, 'non_sticky'],
    [0, 1, 'sticky'],
    [0, 0, 'mixed'],
    [-1e300, 1e300, 'sticky'],
    [1e300, -1e300, 'non_sticky'],
    // What doubles make of 0.1 + 0.6 and 1.3 x 2: a boundary all the same.
    [1.5, 0.1 + 0.6, 'sticky'],
    [3 * 0.8666666666666667, 0, 'non_sticky'],
  ] as const)('D_hat %d and coherence %d are %s', (D_hat, coherence, regime) => {
    expect(regimeOf(D_hat, coherence, DEFAULT_PCS_POLICY)).toBe(regime);
  });

  it('follows the policy', () => {
    const policy = { stickyCoh: 0.5, stickyD: 1, nonStickyD: 2 };
    expect(regimeOf(1, 0.5, policy)).toBe('sticky');
    expect(regimeOf(2, 0.5, policy)).toBe('non_sticky');
    expect(regimeOf(1.5, 0.5, policy)).toBe('mixed');
  });
});
