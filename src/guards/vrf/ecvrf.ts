import { OUTPUT_BYTES, POINT_BYTES, PROOF_BYTES } from './decode.ts';
import { keygen, prove, publicKey, SECRET_KEY_BYTES } from './prove.ts';
import type { VrfSuite } from './suite.ts';
import { prepareKey } from './verify.ts';

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
export const edwards25519Tai: VrfSuite = Object.freeze({
  name: 'ECVRF-EDWARDS25519-SHA512-TAI',
  secretKeyBytes: SECRET_KEY_BYTES,
  publicKeyBytes: POINT_BYTES,
  proofBytes: PROOF_BYTES,
  outputBytes: OUTPUT_BYTES,
  keygen,
  publicKey,
  prove,
  verify: (key, alpha, pi) => prepareKey(key).verify(alpha, pi),
  prepare: prepareKey,
} satisfies VrfSuite);
