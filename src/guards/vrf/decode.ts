import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { type Encoding, type Proof, readPoint, readProof, readScalar } from './encoding.ts';
import type { VrfReason } from './suite.ts';

/** Bytes of an encoded point, of a secret key and of a scalar. */
export const POINT_BYTES = 32;
/** Gamma, c and s. */
export const PROOF_BYTES = 80;
/** Bytes of beta. */
export const OUTPUT_BYTES = 64;

const EDWARDS: Encoding<EdwardsPoint> = Object.freeze({
  pointBytes: POINT_BYTES,
  scalarBytes: POINT_BYTES,
  groupOrder: ed25519.Point.Fn.ORDER,
  pointOf: (bytes: Uint8Array) => ed25519.Point.fromBytes(bytes),
  numberOf: bytesToNumberLE,
});

/**
 * Decodes a point as RFC 8032 section 5.1.3 does, strictly: 32 bytes, y below the field prime, no sign on x = 0.
 * The point may have any order. One square root: about a thirtieth of a verification.
 */
export function decodePoint(bytes: Uint8Array): EdwardsPoint | undefined {
  return readPoint(EDWARDS, bytes);
}

/** Decodes a scalar of 32 bytes below the group order. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  return readScalar(EDWARDS, bytes);
}

/** Decodes a public key with `validate_key` TRUE (RFC 9381 section 5.4.5). Mixed orders are valid keys. */
export function decodeKey(bytes: Uint8Array): EdwardsPoint | VrfReason {
  if (bytes.length !== POINT_BYTES) return 'key-length';
  const point = decodePoint(bytes);
  if (point === undefined) return 'key-encoding';
  return point.clearCofactor().is0() ? 'key-small-order' : point;
}

export type EdwardsProof = Proof<EdwardsPoint>;

/** Decodes a proof (RFC 9381 section 5.4.4). Gamma may have any order: the RFC tests none, and beta clears the cofactor. */
export function decodeProof(pi: Uint8Array): EdwardsProof | VrfReason {
  return readProof(EDWARDS, pi);
}
