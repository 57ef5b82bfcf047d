import { makeSuite } from '../make-suite.ts';
import type { VrfSuite } from '../suite.ts';
import {
  decodePoint,
  decodeProof,
  decodeScalar,
  OUTPUT_BYTES,
  POINT_BYTES,
  PROOF_BYTES,
  SCALAR_BYTES,
} from './decode.ts';
import { betaOf, challenge, type P256Hashing } from './hash.ts';
import { keygen, prove, publicKey, SEED_BYTES } from './prove.ts';
import { prepareKey } from './verify.ts';

/** A suite on P-256 with SHA-256, from its name and its way to hash to the curve. */
export function p256Suite(name: string, hashing: P256Hashing): VrfSuite {
  return makeSuite({
    name,
    secretKeyBytes: SCALAR_BYTES,
    seedBytes: SEED_BYTES,
    publicKeyBytes: POINT_BYTES,
    proofBytes: PROOF_BYTES,
    outputBytes: OUTPUT_BYTES,
    keygen,
    publicKey,
    prove: (secretKey, alpha) => prove(secretKey, alpha, hashing),
    prepareKey: (key, tableAt) => prepareKey(key, hashing, tableAt),
    proofToHash(pi) {
      const proof = decodeProof(pi);
      return typeof proof === 'string' ? undefined : betaOf(hashing.suite, proof.gammaBytes);
    },
    encodeToCurve: (key, alpha) => hashing.encodeToCurve(key, alpha)?.toBytes(true),
    challenge: (...points) => challenge(hashing.suite, ...points),
    decodePoint,
    decodeScalar,
  });
}
