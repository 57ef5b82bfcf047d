import { normalizeZ } from '@noble/curves/abstract/curve.js';
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { decodePoint, POINT_BYTES } from './decode.ts';
import { CHALLENGE_BYTES } from './encoding.ts';

/** What the two suites on edwards25519 do not share. */
export interface EdwardsHashing {
  /** suite_string, one byte. */
  readonly suite: number;
  /** H, of prime order; `undefined` if alpha hashes to no point. */
  encodeToCurve(publicKey: Uint8Array, alpha: Uint8Array): EdwardsPoint | undefined;
}

/** suite_string of ECVRF-EDWARDS25519-SHA512-TAI. */
const TAI = 0x03;
/** ECVRF-EDWARDS25519-SHA512-TAI. */
export const EDWARDS_TAI: EdwardsHashing = Object.freeze({ suite: TAI, encodeToCurve: hashToCurve });

const ENCODE_TO_CURVE = 0x01;
const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = 0x00;
/** The counter of try-and-increment is one byte. */
const ATTEMPTS = 256;

/**
 * Hashes alpha to a point of prime order by try and increment (RFC 9381 section 5.4.1.1).
 * Half of all hash values are points, so two attempts on average; alpha is read once, whatever their number.
 */
export function hashToCurve(publicKey: Uint8Array, alpha: Uint8Array): EdwardsPoint | undefined {
  const prefix = sha512.create().update(Uint8Array.of(TAI, ENCODE_TO_CURVE)).update(publicKey).update(alpha);
  for (let counter = 0; counter < ATTEMPTS; counter++) {
    const hash = prefix.clone().update(Uint8Array.of(counter, BACK)).digest();
    const point = decodePoint(hash.subarray(0, POINT_BYTES))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  return undefined;
}

/** The 16-byte challenge over five encoded points: key, H, Gamma, U, V (RFC 9381 section 5.4.3). */
export function challenge(
  suite: number,
  ...points: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
): Uint8Array {
  const hash = sha512.create().update(Uint8Array.of(suite, CHALLENGE));
  for (const point of points) hash.update(point);
  return hash.update(Uint8Array.of(BACK)).digest().subarray(0, CHALLENGE_BYTES);
}

/** beta from the encoding of cofactor times Gamma (RFC 9381 section 5.2, steps 5 and 6). */
export function betaOf(suite: number, clearedGamma: Uint8Array): Uint8Array {
  return sha512
    .create()
    .update(Uint8Array.of(suite, PROOF_TO_HASH))
    .update(clearedGamma)
    .update(Uint8Array.of(BACK))
    .digest();
}

/** Encodes points with one field inversion for all of them; the identity is 01 00 … 00. */
export function encodePoints(points: EdwardsPoint[]): Uint8Array[] {
  return normalizeZ(ed25519.Point, points).map(({ X, Y }) => {
    const bytes = numberToBytesLE(Y, POINT_BYTES);
    if (X & 1n) bytes[POINT_BYTES - 1]! |= 0x80;
    return bytes;
  });
}
