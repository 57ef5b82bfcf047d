import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import type { VrfReason } from './suite.ts';

/** Bytes of an encoded point, of a secret key and of a scalar. */
export const POINT_BYTES = 32;
/** Bytes of the challenge c. */
export const CHALLENGE_BYTES = 16;
/** Gamma, c and s. */
export const PROOF_BYTES = 80;
/** Bytes of beta. */
export const OUTPUT_BYTES = 64;

const GROUP_ORDER = ed25519.Point.Fn.ORDER;

/**
 * Decodes a point as RFC 8032 section 5.1.3 does, strictly: 32 bytes, y below the field prime, no sign on x = 0.
 * The point may have any order. One square root: about a thirtieth of a verification.
 */
export function decodePoint(bytes: Uint8Array): EdwardsPoint | undefined {
  if (bytes.length !== POINT_BYTES) return undefined;
  try {
    return ed25519.Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/** Decodes a scalar of 32 bytes; `undefined` from the group order on, because reducing it would make proofs malleable. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== POINT_BYTES) return undefined;
  const scalar = bytesToNumberLE(bytes);
  return scalar < GROUP_ORDER ? scalar : undefined;
}

/** Decodes a public key with `validate_key` TRUE (RFC 9381 section 5.4.5). Mixed orders are valid keys. */
export function decodeKey(bytes: Uint8Array): EdwardsPoint | VrfReason {
  if (bytes.length !== POINT_BYTES) return 'key-length';
  const point = decodePoint(bytes);
  if (point === undefined) return 'key-encoding';
  return point.clearCofactor().is0() ? 'key-small-order' : point;
}

export interface Proof {
  readonly gamma: EdwardsPoint;
  readonly gammaBytes: Uint8Array;
  /** Any 128-bit integer. */
  readonly c: bigint;
  readonly cBytes: Uint8Array;
  /** Below the group order. */
  readonly s: bigint;
}

/** Decodes a proof (RFC 9381 section 5.4.4). Gamma may have any order: the RFC tests none, and beta clears the cofactor. */
export function decodeProof(pi: Uint8Array): Proof | VrfReason {
  if (pi.length !== PROOF_BYTES) return 'proof-length';
  const s = decodeScalar(pi.subarray(POINT_BYTES + CHALLENGE_BYTES));
  if (s === undefined) return 's-range';
  const gammaBytes = pi.subarray(0, POINT_BYTES);
  const gamma = decodePoint(gammaBytes);
  if (gamma === undefined) return 'gamma-encoding';
  const cBytes = pi.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES);
  return { gamma, gammaBytes, c: bytesToNumberLE(cBytes), cBytes, s };
}
