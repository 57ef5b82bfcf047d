import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { type Encoding, type Proof, readPoint, readProof, readScalar } from '../encoding.ts';
import type { VrfReason } from '../suite.ts';

export type P256Point = WeierstrassPoint<bigint>;

/** Bytes of a compressed point. */
export const POINT_BYTES = 33;
/** Bytes of a scalar and of a secret key. */
export const SCALAR_BYTES = 32;
/** Gamma, c and s. */
export const PROOF_BYTES = 81;
/** Bytes of beta. */
export const OUTPUT_BYTES = 32;

const P256: Encoding<P256Point> = Object.freeze({
  pointBytes: POINT_BYTES,
  scalarBytes: SCALAR_BYTES,
  groupOrder: p256.Point.Fn.ORDER,
  pointOf: (bytes: Uint8Array) => p256.Point.fromBytes(bytes),
  numberOf: bytesToNumberBE,
});

/**
 * Decodes a compressed point (SEC 1 section 2.3.4): 02 or 03 and x below the field prime. The uncompressed form and the
 * single byte of the point at infinity do not decode, so every point has one encoding. One square root.
 */
export function decodePoint(bytes: Uint8Array): P256Point | undefined {
  return readPoint(P256, bytes);
}

/** Decodes a scalar of 32 bytes below the group order. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  return readScalar(P256, bytes);
}

/** Decodes a public key with `validate_key` TRUE (RFC 9381 section 5.4.5): with cofactor 1 every point is a key. */
export function decodeKey(bytes: Uint8Array): P256Point | VrfReason {
  if (bytes.length !== POINT_BYTES) return 'key-length';
  return decodePoint(bytes) ?? 'key-encoding';
}

/** Decodes a proof (RFC 9381 section 5.4.4). */
export function decodeProof(pi: Uint8Array): Proof<P256Point> | VrfReason {
  return readProof(P256, pi);
}
