import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519_hasher } from '@noble/curves/ed25519.js';
import { concatBytes } from '@noble/curves/utils.js';
import { edwardsSuite } from './edwards.ts';
import type { VrfSuite } from './suite.ts';

/** The domain separation tag ends in the suite_string, 04. */
const DST = 'ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\x04';

/**
 * ECVRF-EDWARDS25519-SHA512-ELL2 of RFC 9381: hashing by Elligator 2 in a fixed number of steps, so that proving takes
 * no time that depends on alpha. Keys are those of ECVRF-EDWARDS25519-SHA512-TAI; proofs are not.
 *
 * @example
 * const { secretKey, publicKey } = edwards25519Ell2.keygen();
 * const alpha = new TextEncoder().encode('round 7');
 * const result = edwards25519Ell2.verify(publicKey, alpha, edwards25519Ell2.prove(secretKey, alpha));
 * if (result.valid) result.beta; // 64 bytes that the prover could not choose
 */
export const edwards25519Ell2: VrfSuite = /* @__PURE__ */ edwardsSuite('ECVRF-EDWARDS25519-SHA512-ELL2', {
  suite: 0x04,
  encodeToCurve: elligator2,
});

/** RFC 9381 section 5.4.1.2: encode_to_curve of RFC 9380 over key and alpha; linear in alpha. */
function elligator2(publicKey: Uint8Array, alpha: Uint8Array): EdwardsPoint {
  return ed25519_hasher.encodeToCurve(concatBytes(publicKey, alpha), { DST }) as EdwardsPoint;
}
