import { edwardsSuite } from './edwards.ts';
import { EDWARDS_TAI } from './hash.ts';
import type { VrfSuite } from './suite.ts';

/**
 * ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381: try-and-increment hashing, strict decoding, `validate_key` TRUE.
 *
 * @example
 * const { secretKey, publicKey } = edwards25519Tai.keygen();
 * const alpha = new TextEncoder().encode('round 7');
 * const pi = edwards25519Tai.prove(secretKey, alpha);
 * const result = edwards25519Tai.verify(publicKey, alpha, pi);
 * if (result.valid) result.beta; // 64 bytes that the prover could not choose
 */
export const edwards25519Tai: VrfSuite = /* @__PURE__ */ edwardsSuite('ECVRF-EDWARDS25519-SHA512-TAI', EDWARDS_TAI);
