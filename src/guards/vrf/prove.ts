import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, concatBytes, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { copyBytes } from './bytes.ts';
import { POINT_BYTES } from './decode.ts';
import { challenge, EDWARDS_TAI, type EdwardsHashing, encodePoints } from './hash.ts';
import type { VrfKeyPair } from './suite.ts';

/** RFC 9381 section 5.5: the secret key is an RFC 8032 seed. */
export const SECRET_KEY_BYTES = 32;

/** The public key Y = x·B of a secret key (RFC 8032 section 5.1.5). */
export function publicKey(secretKey: Uint8Array): Uint8Array {
  return ed25519.utils.getExtendedPublicKey(copySecretKey('secret key', secretKey)).pointBytes;
}

/** A key pair from a seed of 32 bytes, or from `crypto.getRandomValues`. */
export function keygen(seed?: Uint8Array): VrfKeyPair {
  const secretKey =
    seed === undefined ? crypto.getRandomValues(new Uint8Array(SECRET_KEY_BYTES)) : copySecretKey('seed', seed);
  return { secretKey, publicKey: publicKey(secretKey) };
}

/**
 * Proves alpha (RFC 9381 section 5.1) with the deterministic nonce of section 5.4.2.2.
 * Scalar multiplication by x and by the nonce takes noble's constant-time path; BigInt itself promises no constant time.
 */
export function prove(
  secretKey: Uint8Array,
  alpha: Uint8Array,
  { suite, encodeToCurve }: EdwardsHashing = EDWARDS_TAI,
): Uint8Array {
  const message = copyBytes('alpha', alpha);
  const { Point } = ed25519;
  const key = ed25519.utils.getExtendedPublicKey(copySecretKey('secret key', secretKey));
  const h = encodeToCurve(key.pointBytes, message);
  if (h === undefined) throw new Error('alpha hashes to no point');
  const [hBytes, gammaBytes] = encodePoints([h, h.multiply(key.scalar)]) as [Uint8Array, Uint8Array];
  const nonce = nonceOf(key.prefix, hBytes);
  const [u, v] = encodePoints([Point.BASE.multiply(nonce), h.multiply(nonce)]) as [Uint8Array, Uint8Array];
  const c = challenge(suite, key.pointBytes, hBytes, gammaBytes, u, v);
  const s = Point.Fn.create(nonce + bytesToNumberLE(c) * key.scalar);
  return concatBytes(gammaBytes, c, numberToBytesLE(s, POINT_BYTES));
}

/** The nonce of RFC 8032, from the second half of the hashed secret key and H (RFC 9381 section 5.4.2.2). */
export function nonceOf(prefix: Uint8Array, h: Uint8Array): bigint {
  return ed25519.Point.Fn.create(bytesToNumberLE(sha512.create().update(prefix).update(h).digest()));
}

function copySecretKey(name: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = copyBytes(name, value);
  if (copy.length !== SECRET_KEY_BYTES) throw new RangeError(`${name} must be ${SECRET_KEY_BYTES} bytes long`);
  return copy;
}
