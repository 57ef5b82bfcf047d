import { p256_hasher } from '@noble/curves/nist.js';
import { concatBytes } from '@noble/curves/utils.js';
import type { VrfSuite } from '../suite.ts';
import type { P256Point } from './decode.ts';
import { p256Suite } from './ecvrf.ts';

/** The domain separation tag ends in the suite_string, 02. */
const DST = 'ECVRF_P256_XMD:SHA-256_SSWU_NU_\x02';

/**
 * ECVRF-P256-SHA256-SSWU of RFC 9381: hashing by the simplified SWU map in a fixed number of steps, so that proving
 * takes no time that depends on alpha. Keys are those of ECVRF-P256-SHA256-TAI; proofs are not.
 *
 * @example
 * const { secretKey, publicKey } = p256Sswu.keygen();
 * const alpha = new TextEncoder().encode('round 7');
 * const result = p256Sswu.verify(publicKey, alpha, p256Sswu.prove(secretKey, alpha));
 * if (result.valid) result.beta; // 32 bytes that the prover could not choose
 */
export const p256Sswu: VrfSuite = /* @__PURE__ */ p256Suite('ECVRF-P256-SHA256-SSWU', {
  suite: 0x02,
  encodeToCurve: simplifiedSwu,
});

/** RFC 9381 section 5.4.1.2: encode_to_curve of RFC 9380 over key and alpha; linear in alpha. */
function simplifiedSwu(publicKey: Uint8Array, alpha: Uint8Array): P256Point {
  return p256_hasher.encodeToCurve(concatBytes(publicKey, alpha), { DST });
}
