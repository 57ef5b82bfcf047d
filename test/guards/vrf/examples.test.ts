import { hash_to_field } from '@noble/curves/abstract/hash-to-curve.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { decodeProof as decodeEdwardsProof, decodePoint } from '../../../src/guards/vrf/decode.ts';
import { encodePoints as encodeEdwards } from '../../../src/guards/vrf/hash.ts';
import { decodeProof as decodeP256Proof } from '../../../src/guards/vrf/p256/decode.ts';
import { encodePoints as encodeP256 } from '../../../src/guards/vrf/p256/hash.ts';
import { fromAffine, negate } from '../../../src/guards/vrf/p256/jacobian.ts';
import { sumOfProducts } from '../../../src/guards/vrf/p256/multiply.ts';
import { nonceOf as p256Nonce } from '../../../src/guards/vrf/p256/prove.ts';
import { keyTable, commitments as p256Commitments } from '../../../src/guards/vrf/p256/verify.ts';
import { nonceOf as edwardsNonce } from '../../../src/guards/vrf/prove.ts';
import { commitments as edwardsCommitments } from '../../../src/guards/vrf/verify.ts';
import { bigEndian, edwards25519, multiply, p256, toBigEndian, toLittleEndian } from './reference.ts';
import { outcome, referenceOf, SUITES } from './suites.ts';
import { allExamples, bytes, hex, type RfcDetails } from './vectors.ts';

const isP256 = ({ suite }: RfcDetails): boolean => suite.startsWith('ECVRF-P256');
const NAMED = allExamples.map((example) => [example.example, example.suite, example] as const);

describe('RFC 9381, appendix B', () => {
  it('has three examples of each of the four suites', () => {
    expect(allExamples.map(({ example }) => example)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    expect(SUITES.map(({ name }) => allExamples.filter(({ suite }) => suite === name).length)).toEqual([3, 3, 3, 3]);
  });

  it.each(NAMED)('example %i, %s: key, H, proof and output', (_number, name, example) => {
    const suite = SUITES.find((one) => one.name === name)!;
    const [sk, pk, alpha, pi] = [example.sk, example.pk, example.alpha, example.pi].map(bytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(hex(suite.publicKey(sk))).toBe(example.pk);
    expect(hex(suite.encodeToCurve(pk, alpha)!)).toBe(example.h);
    expect(hex(suite.prove(sk, alpha))).toBe(example.pi);
    expect(outcome(suite.verify(pk, alpha, pi))).toBe(example.beta);
    expect(outcome(suite.importPublicKey(pk).verify(alpha, pi))).toBe(example.beta);
    expect(suite.verifyMany([{ publicKey: pk, alpha, pi }]).map(outcome)).toEqual([example.beta]);
    expect(hex(suite.proofToHash(pi)!)).toBe(example.beta);
    const points = [example.h, example.pi.slice(0, 2 * suite.publicKeyBytes), example.u, example.v].map(bytes);
    const c = suite.challenge(pk, ...(points as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]));
    expect(hex(c)).toBe(hex(pi.subarray(suite.publicKeyBytes, suite.publicKeyBytes + 16)));
  });

  it.each(NAMED)('example %i, %s: U and V of the verifier', (_number, _name, example) => {
    const [pk, h, pi] = [bytes(example.pk), bytes(example.h), bytes(example.pi)];
    if (isP256(example)) {
      const proof = decodeP256Proof(pi);
      if (typeof proof === 'string') throw new Error(proof);
      const at = (data: Uint8Array) => fromAffine(p256.decode(data) as { x: bigint; y: bigint });
      const minusY = negate(at(pk));
      for (const times of [keyTable(minusY), (c: bigint) => sumOfProducts([[minusY, c]])]) {
        const { u, v } = p256Commitments(times, at(h), at(proof.gammaBytes), proof.c, proof.s);
        expect(encodeP256([u, v]).map(hex)).toEqual([example.u, example.v]);
      }
    } else {
      const proof = decodeEdwardsProof(pi);
      if (typeof proof === 'string') throw new Error(proof);
      const minusY = decodePoint(pk)!.negate();
      const { u, v } = edwardsCommitments((c) => minusY.multiplyUnsafe(c), decodePoint(h)!, proof);
      expect(encodeEdwards([u, v]).map(hex)).toEqual([example.u, example.v]);
    }
  });

  it.each(NAMED)('example %i, %s: scalar, nonce and attempts, and U and V of the prover', (_number, _name, example) => {
    const reference = referenceOf({ name: example.suite });
    const [sk, h] = [bytes(example.sk), bytes(example.h)];
    const { x, nonceKey } = reference.toScalar(sk);
    const encode = (n: bigint): string => hex((isP256(example) ? toBigEndian : toLittleEndian)(n, 32));
    // The RFC prints x of the suites on edwards25519 as bytes of the hash, pruned.
    expect(encode(x)).toBe(example.x);
    const k = isP256(example) ? p256Nonce(x, h) : edwardsNonce(nonceKey, h);
    expect(encode(k)).toBe(example.k);
    const own = reference.nonce(sk, h);
    expect(own.k).toBe(k);
    expect(own.text && hex(own.text)).toBe(example.k_string);
    const { curve } = reference;
    const times = (point: typeof curve.base): string => hex(curve.encode(multiply(curve, k, point)));
    expect([times(curve.base), times(curve.decode(h)!)]).toEqual([example.u, example.v]);
    expect(reference.hashed(bytes(example.pk), bytes(example.alpha)).counter).toBe(example.try_and_increment_ctr);
  });

  it.each(NAMED.filter(([, , { h2c_u }]) => h2c_u !== undefined))(
    'example %i, %s: the steps of hashing to the curve',
    (_number, name, example) => {
      const { uniform, u, x1, gx1, isSquare } = referenceOf({ name }).hashed(bytes(example.pk), bytes(example.alpha));
      const encode = (n: bigint): string => hex((isP256(example) ? toBigEndian : toLittleEndian)(n, 32));
      expect(hex(uniform!)).toBe(example.h2c_uniform_bytes);
      expect(encode(u!)).toBe(example.h2c_u);
      expect(x1 === undefined ? undefined : encode(x1)).toBe(example.h2c_x1);
      expect(gx1 === undefined ? undefined : encode(gx1)).toBe(example.h2c_gx1);
      expect(isSquare).toBe(example.gx1_is_square);
      // The helper that src hashes with arrives at the same field element.
      const dst = isP256(example)
        ? 'ECVRF_P256_XMD:SHA-256_SSWU_NU_\x02'
        : 'ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\x04';
      const message = Uint8Array.of(...bytes(example.pk), ...bytes(example.alpha));
      const { p } = isP256(example) ? p256 : edwards25519;
      const hash = isP256(example) ? sha256 : sha512;
      expect(hash_to_field(message, 1, { DST: dst, expand: 'xmd', hash, p, m: 1, k: 128 })).toEqual([[u]]);
      expect(bigEndian(uniform!) % p).toBe(u);
    },
  );
});
