import { numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { CHALLENGE_BYTES } from '../encoding.ts';
import { type P256Point, POINT_BYTES } from './decode.ts';
import { type Jacobian, normalize } from './jacobian.ts';

const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = 0x00;

/** What the two suites on P-256 do not share. */
export interface P256Hashing {
  /** suite_string, one byte. */
  readonly suite: number;
  /** H; `undefined` if alpha hashes to no point. */
  encodeToCurve(publicKey: Uint8Array, alpha: Uint8Array): P256Point | undefined;
}

/** The 16-byte challenge over five encoded points: key, H, Gamma, U, V (RFC 9381 section 5.4.3). */
export function challenge(
  suite: number,
  ...points: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
): Uint8Array {
  const hash = sha256.create().update(Uint8Array.of(suite, CHALLENGE));
  for (const point of points) hash.update(point);
  return hash.update(Uint8Array.of(BACK)).digest().subarray(0, CHALLENGE_BYTES);
}

/** beta from the encoding of Gamma, whose cofactor is 1 (RFC 9381 section 5.2, steps 5 and 6). */
export function betaOf(suite: number, gamma: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(suite, PROOF_TO_HASH)).update(gamma).update(Uint8Array.of(BACK)).digest();
}

/** Encodes points (SEC 1 section 2.3.3, compressed) with one field inversion; infinity is the single byte 00. */
export function encodePoints(points: readonly Jacobian[]): Uint8Array[] {
  return normalize(points).map(({ x, y, z }) => {
    if (z === 0n) return Uint8Array.of(0);
    const bytes = new Uint8Array(POINT_BYTES);
    bytes[0] = y & 1n ? 0x03 : 0x02;
    bytes.set(numberToBytesBE(x, POINT_BYTES - 1), 1);
    return bytes;
  });
}
