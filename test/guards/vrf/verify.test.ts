import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePoint, decodeProof } from '../../../src/guards/vrf/decode.ts';
import { encodePoints, hashToCurve } from '../../../src/guards/vrf/hash.ts';
import { commitments } from '../../../src/guards/vrf/verify.ts';
import { windowMultiplier } from '../../../src/guards/vrf/window.ts';
import { bytes, crafted, hex, rfcExamples } from './vectors.ts';

describe('intermediate values', () => {
  it.each(rfcExamples)('H, U and V are those of RFC 9381, example $example', (example) => {
    const h = hashToCurve(bytes(example.pk), bytes(example.alpha));
    const proof = decodeProof(bytes(example.pi));
    if (h === undefined || typeof proof === 'string') throw new Error('decodes in the RFC');
    const minusY = decodePoint(bytes(example.pk))!.negate();
    const { u, v } = commitments((c) => minusY.multiplyUnsafe(c), h, proof);
    expect(encodePoints([h, u, v]).map(hex)).toEqual([example.h, example.u, example.v]);
  });

  it('U and V agree with a second implementation at the edges of c and s, torsion included', () => {
    const h = decodePoint(bytes(crafted.commitmentsH))!;
    expect(crafted.commitments.length).toBeGreaterThan(100);
    const tables = new Map<string, (c: bigint) => ReturnType<typeof h.negate>>();
    for (const [key, gamma, c, s, u, v] of crafted.commitments) {
      const minusY = decodePoint(bytes(key))!.negate();
      if (!tables.has(key)) tables.set(key, windowMultiplier(minusY));
      const proof = { gamma: decodePoint(bytes(gamma))!, c: BigInt(c), s: BigInt(s) };
      for (const times of [tables.get(key)!, (scalar: bigint) => minusY.multiplyUnsafe(scalar)]) {
        const found = commitments(times, h, proof);
        expect(encodePoints([found.u, found.v]).map(hex)).toEqual([u, v]);
      }
    }
  });
});

describe('windowMultiplier', () => {
  const mixed = decodePoint(bytes(crafted.torsion.find(({ key }) => key === 1)!.pk))!;
  const times = windowMultiplier(mixed);

  it.each([0n, 1n, 7n, 8n, 9n, 15n, 16n, 0x88n, 0x89n, 2n ** 127n, 2n ** 128n - 1n, ((2n ** 128n - 1n) / 15n) * 9n])(
    'multiplies by %s as plain double-and-add does',
    (scalar) => {
      expect(times(scalar).equals(mixed.multiplyUnsafe(scalar))).toBe(true);
    },
  );

  it('multiplies by any 128-bit integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (scalar) => {
        expect(times(scalar).equals(mixed.multiplyUnsafe(scalar))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('encodePoints', () => {
  it('encodes the identity as 01 00 … 00, alone and among others', () => {
    const identity = decodePoint(Uint8Array.of(1, ...new Uint8Array(31)))!;
    const other = decodePoint(bytes(rfcExamples[0]!.pk))!;
    const moved = other.double().add(other.negate());
    const zero = `01${'00'.repeat(31)}`;
    expect(encodePoints([identity, moved, identity.double()]).map(hex)).toEqual([zero, rfcExamples[0]!.pk, zero]);
  });
});
