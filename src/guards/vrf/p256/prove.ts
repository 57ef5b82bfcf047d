import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE, concatBytes, createHmacDrbg, numberToBytesBE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { copyBytes } from '../bytes.ts';
import type { VrfKeyPair } from '../suite.ts';
import { SCALAR_BYTES } from './decode.ts';
import { challenge, type P256Hashing } from './hash.ts';

/** Bits of a seed: 128 more than the group order has, so that reducing it leaves no bias (FIPS 186-5, appendix A.2.1). */
export const SEED_BYTES = 48;

const { Point } = p256;
const { Fn } = Point;

/** The public key Y = x·B of a secret key, compressed. */
export function publicKey(secretKey: Uint8Array): Uint8Array {
  return Point.BASE.multiply(secretScalar(secretKey)).toBytes(true);
}

/** A key pair from a seed of 48 bytes, or from `crypto.getRandomValues`: x = (seed mod (q − 1)) + 1, big-endian. */
export function keygen(seed?: Uint8Array): VrfKeyPair {
  const bytes =
    seed === undefined ? crypto.getRandomValues(new Uint8Array(SEED_BYTES)) : copyOf('seed', seed, SEED_BYTES);
  const material = bytesToNumberBE(bytes);
  const secretKey = numberToBytesBE((material % (Fn.ORDER - 1n)) + 1n, SCALAR_BYTES);
  return { secretKey, publicKey: publicKey(secretKey) };
}

/**
 * Proves alpha (RFC 9381 section 5.1) with the deterministic nonce of section 5.4.2.1.
 * Scalar multiplication by x and by the nonce takes noble's constant-time path; BigInt itself promises no constant time.
 */
export function prove(secretKey: Uint8Array, alpha: Uint8Array, { suite, encodeToCurve }: P256Hashing): Uint8Array {
  const message = copyBytes('alpha', alpha);
  const x = secretScalar(secretKey);
  const keyBytes = Point.BASE.multiply(x).toBytes(true);
  const h = encodeToCurve(keyBytes, message);
  if (h === undefined) throw new Error('alpha hashes to no point');
  const hBytes = h.toBytes(true);
  const gammaBytes = h.multiply(x).toBytes(true);
  const nonce = nonceOf(x, hBytes);
  const u = Point.BASE.multiply(nonce).toBytes(true);
  const v = h.multiply(nonce).toBytes(true);
  const c = challenge(suite, keyBytes, hBytes, gammaBytes, u, v);
  return concatBytes(gammaBytes, c, numberToBytesBE(Fn.create(nonce + bytesToNumberBE(c) * x), SCALAR_BYTES));
}

/** The nonce of RFC 6979 section 3.2 with H as the message (RFC 9381 section 5.4.2.1). 1 to q − 1. */
export function nonceOf(x: bigint, h: Uint8Array): bigint {
  const reduced = Fn.create(bytesToNumberBE(sha256(h)));
  const seed = concatBytes(numberToBytesBE(x, SCALAR_BYTES), numberToBytesBE(reduced, SCALAR_BYTES));
  const generate = createHmacDrbg<bigint>(SCALAR_BYTES, SCALAR_BYTES, hmacSha256);
  return generate(seed, (candidate) => {
    const nonce = bytesToNumberBE(candidate);
    return Fn.isValidNot0(nonce) ? nonce : undefined;
  });
}

function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(sha256, key, message);
}

function secretScalar(secretKey: Uint8Array): bigint {
  const x = bytesToNumberBE(copyOf('secret key', secretKey, SCALAR_BYTES));
  if (!Fn.isValidNot0(x)) throw new RangeError('secret key must be above 0 and below the group order');
  return x;
}

function copyOf(name: string, value: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const copy = copyBytes(name, value);
  if (copy.length !== length) throw new RangeError(`${name} must be ${length} bytes long`);
  return copy;
}
