import { describe, expect, it } from 'vitest';
import { SEED_BITS, seedFromBeta } from '../../../src/guards/vrf/seed.ts';
import { bytes, crafted, rfcExamples } from './vectors.ts';

describe('seedFromBeta', () => {
  /** for b in 90cf1df3b703cce5 eb4440665d3891d6 645427e5d00c62a2: python3 -c "print(int('$b', 16) >> 11)" */
  it.each([
    [rfcExamples[0]!.beta, 5095015524524153n],
    [rfcExamples[1]!.beta, 8277707864123154n],
    [rfcExamples[2]!.beta, 3530003500892556n],
  ])('%s', (beta, seed) => {
    expect(seedFromBeta(bytes(beta))).toBe(seed);
  });

  it('agrees with a second implementation', () => {
    for (const { beta, seed } of crafted.pcs) expect(seedFromBeta(bytes(beta))).toBe(BigInt(seed));
  });

  it('is 53 bits, none of them a sign, and ignores the 11 lowest and all later bytes', () => {
    expect(SEED_BITS).toBe(53);
    expect(seedFromBeta(new Uint8Array(64).fill(255))).toBe(2n ** 53n - 1n);
    expect(seedFromBeta(new Uint8Array(64))).toBe(0n);
    expect(seedFromBeta(bytes(`000000000000${'07ff'}${'ff'.repeat(56)}`))).toBe(0n);
    expect(seedFromBeta(bytes(`000000000000${'0800'}`))).toBe(1n);
  });

  it('reads a view by its own bytes', () => {
    const wide = bytes(`ffff${rfcExamples[0]!.beta}`);
    expect(seedFromBeta(wide.subarray(2))).toBe(5095015524524153n);
  });

  it('refuses fewer than 8 bytes', () => {
    expect(() => seedFromBeta(new Uint8Array(7))).toThrow(RangeError);
  });
});
