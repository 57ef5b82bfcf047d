import { sha256 } from '@noble/hashes/sha2.js';
import type { VrfSuite } from '../suite.ts';
import { decodePoint, type P256Point, POINT_BYTES } from './decode.ts';
import { p256Suite } from './ecvrf.ts';

/** suite_string. */
const SUITE = 0x01;
const ENCODE_TO_CURVE = 0x01;
const BACK = 0x00;
/** The counter of try-and-increment is one byte. */
const ATTEMPTS = 256;
/** A hash value is the x of the point whose y is even. */
const EVEN = 0x02;

/**
 * ECVRF-P256-SHA256-TAI of RFC 9381: try-and-increment hashing, compressed points only, `validate_key` TRUE.
 *
 * @example
 * const { secretKey, publicKey } = p256Tai.keygen();
 * const alpha = new TextEncoder().encode('round 7');
 * const result = p256Tai.verify(publicKey, alpha, p256Tai.prove(secretKey, alpha));
 * if (result.valid) result.beta; // 32 bytes that the prover could not choose
 */
export const p256Tai: VrfSuite = /* @__PURE__ */ p256Suite('ECVRF-P256-SHA256-TAI', {
  suite: SUITE,
  encodeToCurve: tryAndIncrement,
});

/**
 * Hashes alpha to a point (RFC 9381 section 5.4.1.1). Half of all hash values are points, so two attempts on average;
 * alpha is read once, whatever their number.
 */
export function tryAndIncrement(publicKey: Uint8Array, alpha: Uint8Array): P256Point | undefined {
  const prefix = sha256.create().update(Uint8Array.of(SUITE, ENCODE_TO_CURVE)).update(publicKey).update(alpha);
  const candidate = new Uint8Array(POINT_BYTES);
  candidate[0] = EVEN;
  for (let counter = 0; counter < ATTEMPTS; counter++) {
    candidate.set(prefix.clone().update(Uint8Array.of(counter, BACK)).digest(), 1);
    const point = decodePoint(candidate);
    if (point !== undefined) return point;
  }
  return undefined;
}
