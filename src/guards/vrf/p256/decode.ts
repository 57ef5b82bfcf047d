import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { VrfReason } from '../suite.ts';

export type P256Point = WeierstrassPoint<bigint>;

/** Bytes of a compressed point. */
export const POINT_BYTES = 33;
/** Bytes of a scalar and of a secret key. */
export const SCALAR_BYTES = 32;
/** Bytes of the challenge c. */
export const CHALLENGE_BYTES = 16;
/** Gamma, c and s. */
export const PROOF_BYTES = 81;
/** Bytes of beta. */
export const OUTPUT_BYTES = 32;

const GROUP_ORDER = p256.Point.Fn.ORDER;

/**
 * Decodes a compressed point (SEC 1 section 2.3.4): 02 or 03 and x below the field prime. The uncompressed form and the
 * single byte of the point at infinity do not decode, so every point has one encoding. One square root.
 */
export function decodePoint(bytes: Uint8Array): P256Point | undefined {
  if (bytes.length !== POINT_BYTES) return undefined;
  try {
    return p256.Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/** Decodes a scalar of 32 bytes; `undefined` from the group order on, because reducing it would make proofs malleable. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== SCALAR_BYTES) return undefined;
  const scalar = bytesToNumberBE(bytes);
  return scalar < GROUP_ORDER ? scalar : undefined;
}

/** Decodes a public key with `validate_key` TRUE (RFC 9381 section 5.4.5): with cofactor 1 every point is a key. */
export function decodeKey(bytes: Uint8Array): P256Point | VrfReason {
  if (bytes.length !== POINT_BYTES) return 'key-length';
  return decodePoint(bytes) ?? 'key-encoding';
}

export interface Proof {
  readonly gamma: P256Point;
  readonly gammaBytes: Uint8Array;
  /** Any 128-bit integer. */
  readonly c: bigint;
  readonly cBytes: Uint8Array;
  /** Below the group order. */
  readonly s: bigint;
}

/** Decodes a proof (RFC 9381 section 5.4.4). */
export function decodeProof(pi: Uint8Array): Proof | VrfReason {
  if (pi.length !== PROOF_BYTES) return 'proof-length';
  const s = decodeScalar(pi.subarray(POINT_BYTES + CHALLENGE_BYTES));
  if (s === undefined) return 's-range';
  const gammaBytes = pi.subarray(0, POINT_BYTES);
  const gamma = decodePoint(gammaBytes);
  if (gamma === undefined) return 'gamma-encoding';
  const cBytes = pi.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES);
  return { gamma, gammaBytes, c: bytesToNumberBE(cBytes), cBytes, s };
}
