import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePoint } from '../../../src/guards/vrf/decode.ts';
import { encodePoints as encodeEdwards } from '../../../src/guards/vrf/hash.ts';
import { KEYS_OF_MANY } from '../../../src/guards/vrf/many.ts';
import { encodePoints as encodeP256 } from '../../../src/guards/vrf/p256/hash.ts';
import { fromAffine, negate } from '../../../src/guards/vrf/p256/jacobian.ts';
import { sumOfProducts } from '../../../src/guards/vrf/p256/multiply.ts';
import { keyTable, commitments as p256Commitments } from '../../../src/guards/vrf/p256/verify.ts';
import { commitments as edwardsCommitments } from '../../../src/guards/vrf/verify.ts';
import { windowMultiplier } from '../../../src/guards/vrf/window.ts';
import { type Affine, multiply } from './reference.ts';
import { NAMED, outcome, referenceOf } from './suites.ts';
import { hex, utf8 } from './vectors.ts';

/** U and V, encoded, by src: with a table of the key, and without. */
function commitmentsOf(isP256: boolean, points: readonly Uint8Array[], c: bigint, s: bigint): readonly string[][] {
  if (isP256) {
    const [y, h, gamma] = points.map((data) => fromAffine(referenceOf(P256).curve.decode(data) as Finite));
    const minusY = negate(y!);
    return [keyTable(minusY), (n: bigint) => sumOfProducts([[minusY, n]])].map((times) => {
      const { u, v } = p256Commitments(times, h!, gamma!, c, s);
      return encodeP256([u, v]).map(hex);
    });
  }
  const [y, h, gamma] = points.map((data) => decodePoint(data)!);
  const minusY = y!.negate();
  return [windowMultiplier(minusY), (n: bigint) => minusY.multiplyUnsafe(n)].map((times) => {
    const { u, v } = edwardsCommitments(times, h!, { gamma: gamma!, c, s });
    return encodeEdwards([u, v]).map(hex);
  });
}

type Finite = Exclude<Affine, 'infinity'>;
const P256 = { name: 'ECVRF-P256-SHA256-TAI' };

describe.each(NAMED)('%s against a second implementation', (name, suite) => {
  const reference = referenceOf(suite);
  const { curve } = reference;
  const isP256 = name.startsWith('ECVRF-P256');
  const seeds = fc.uint8Array({ minLength: suite.seedBytes, maxLength: suite.seedBytes });

  it('gives the same key, H, proof and output for random keys and inputs', () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 300 }), (seed, alpha) => {
        const { secretKey, publicKey } = suite.keygen(seed);
        expect(hex(publicKey)).toBe(hex(reference.publicKey(secretKey)));
        const { h } = reference.hashed(publicKey, alpha);
        expect(hex(suite.encodeToCurve(publicKey, alpha)!)).toBe(hex(curve.encode(h)));
        const pi = suite.prove(secretKey, alpha);
        expect(hex(pi)).toBe(hex(reference.prove(secretKey, alpha)));
        expect(outcome(suite.verify(publicKey, alpha, pi))).toBe(hex(reference.verify(publicKey, alpha, pi)!));
      }),
      { numRuns: 5 },
    );
  });

  it('hashes inputs of every length up to 130 bytes and one of 100 kB to the same points', () => {
    const publicKey = suite.publicKey(new Uint8Array(32).fill(3));
    const lengths = [...Array.from({ length: 66 }, (_, i) => 2 * i), 63, 65, 111, 113, 127, 129, 100_000];
    for (const length of lengths) {
      const alpha = Uint8Array.from({ length }, (_, i) => i % 251);
      const { h } = reference.hashed(publicKey, alpha);
      expect(hex(suite.encodeToCurve(publicKey, alpha)!)).toBe(hex(curve.encode(h)));
    }
  });

  it('gives the same U and V for random points and scalars that satisfy nothing', () => {
    const scalar = fc.bigInt({ min: 0n, max: curve.q - 1n });
    const small = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    fc.assert(
      fc.property(scalar, scalar, scalar, small, scalar, (a, b, d, c, s) => {
        const [y, h, gamma] = [a, b, d].map((n) => multiply(curve, n + 1n, curve.base)) as [Affine, Affine, Affine];
        if ([y, h, gamma].includes('infinity')) return;
        const { u, v } = reference.commitments(y, h, gamma, c, s);
        const expected = [u, v].map((point) => hex(curve.encode(point)));
        for (const found of commitmentsOf(isP256, [y, h, gamma].map(curve.encode), c, s)) {
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('proves and verifies what it proved, one by one and many at once; nothing of it verifies elsewhere', () => {
    const made = fc.sample(fc.tuple(seeds, fc.uint8Array({ maxLength: 40 })), 6).map(([seed, alpha]) => {
      const { secretKey, publicKey } = suite.keygen(seed);
      return { publicKey, alpha, pi: suite.prove(secretKey, alpha) };
    });
    const items = [...made, ...made, { ...made[0]!, alpha: utf8('another input') }, { ...made[1]!, pi: utf8('short') }];
    const results = suite.verifyMany(items);
    expect(results.map(outcome)).toEqual([
      ...[...made, ...made].map(({ pi }) => hex(suite.proofToHash(pi)!)),
      'challenge',
      'proof-length',
    ]);
    for (const [at, item] of items.entries()) {
      expect(suite.verify(item.publicKey, item.alpha, item.pi)).toEqual(results[at]);
    }
    expect(suite.verifyMany([])).toEqual([]);
    expect(KEYS_OF_MANY).toBeGreaterThan(1);
    for (const { pi } of made) expect(hex(pi)).toHaveLength(2 * suite.proofBytes);
  });

  it('makes the same pair from the same seed, another one without a seed, and leaves the seed alone', () => {
    const seed = new Uint8Array(suite.seedBytes).fill(7);
    const [a, b] = [suite.keygen(seed), suite.keygen(Uint8Array.from(seed))];
    expect([hex(a.secretKey), hex(a.publicKey)]).toEqual([hex(b.secretKey), hex(b.publicKey)]);
    seed.fill(0);
    expect(hex(a.secretKey)).toBe(hex(b.secretKey));
    const random = [suite.keygen(), suite.keygen()];
    expect(hex(random[0]!.secretKey)).not.toBe(hex(random[1]!.secretKey));
    for (const { secretKey, publicKey } of [a, ...random]) {
      expect([secretKey.length, publicKey.length]).toEqual([suite.secretKeyBytes, suite.publicKeyBytes]);
      expect(hex(suite.publicKey(secretKey))).toBe(hex(publicKey));
    }
  });
});
