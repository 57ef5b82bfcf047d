import { p256 } from '@noble/curves/nist.js';
import { equalBytes } from '@noble/curves/utils.js';
import { copyBytes } from '../bytes.ts';
import { faultyKey, invalid } from '../invalid.ts';
import type { VrfKey, VrfResult } from '../suite.ts';
import { TABLE_AT_USE, type TableAt } from '../table-at.ts';
import { decodeKey, decodeProof } from './decode.ts';
import { betaOf, challenge, encodePoints, type P256Hashing } from './hash.ts';
import { add, fromAffine, type Jacobian, negate } from './jacobian.ts';
import { fixedMultiplier, type Multiplier, sumOfProducts } from './multiply.ts';

/** Width of a window of the base point's table: 43 additions and some 400 kB, once. */
const BASE_WINDOW = 6;
/** Width of a window of a key's table: 33 additions and some 70 kB a key. */
const KEY_WINDOW = 4;
const SCALAR_BITS = 256;
const CHALLENGE_BITS = 128;

/** The base point's table, made when it is first needed. */
const TABLES = new WeakMap<object, Multiplier>();

/** Decodes and checks a public key. Variable time: everything here is public. */
export function prepareKey(
  publicKey: Uint8Array,
  { suite, encodeToCurve }: P256Hashing,
  tableAt: TableAt = 'second use',
): VrfKey {
  const keyBytes = copyBytes('public key', publicKey);
  const key = decodeKey(keyBytes);
  if (typeof key === 'string') return faultyKey(key);

  const minusY = negate(fromAffine(key));
  let timesMinusY: Multiplier = (c) => sumOfProducts([[minusY, c]]);
  let uses = 0;
  if (tableAt === 'once') timesMinusY = keyTable(minusY);
  return Object.freeze({
    fault: undefined,
    verify(alpha: Uint8Array, pi: Uint8Array): VrfResult {
      const message = copyBytes('alpha', alpha);
      const proof = decodeProof(copyBytes('proof', pi));
      if (typeof proof === 'string') return invalid(proof);
      const hashed = encodeToCurve(keyBytes, message);
      if (hashed === undefined) return invalid('no-hash-point');
      if (++uses === TABLE_AT_USE && tableAt === 'second use') timesMinusY = keyTable(minusY);
      const h = fromAffine(hashed.toAffine());
      const { u, v } = commitments(timesMinusY, h, fromAffine(proof.gamma.toAffine()), proof.c, proof.s);
      const [hBytes, uBytes, vBytes] = encodePoints([h, u, v]) as [Uint8Array, Uint8Array, Uint8Array];
      const expected = challenge(suite, keyBytes, hBytes, proof.gammaBytes, uBytes, vBytes);
      return equalBytes(expected, proof.cBytes)
        ? { valid: true, beta: betaOf(suite, proof.gammaBytes) }
        : invalid('challenge');
    },
  });
}

/**
 * U = s·B − c·Y and V = s·H − c·Gamma (RFC 9381 section 5.3, steps 8 and 9). Zero scalars and sums at infinity are
 * ordinary values.
 */
export function commitments(
  timesMinusY: Multiplier,
  h: Jacobian,
  gamma: Jacobian,
  c: bigint,
  s: bigint,
): { u: Jacobian; v: Jacobian } {
  return {
    u: add(timesBase(s), timesMinusY(c)),
    v: sumOfProducts([
      [h, s],
      [negate(gamma), c],
    ]),
  };
}

/** A table of multiples of a key, for challenges. */
export function keyTable(minusY: Jacobian): Multiplier {
  return fixedMultiplier(minusY, CHALLENGE_BITS, KEY_WINDOW);
}

function timesBase(scalar: bigint): Jacobian {
  const { BASE } = p256.Point;
  let table = TABLES.get(BASE);
  if (table === undefined) {
    table = fixedMultiplier(fromAffine(BASE.toAffine()), SCALAR_BITS, BASE_WINDOW);
    TABLES.set(BASE, table);
  }
  return table(scalar);
}
