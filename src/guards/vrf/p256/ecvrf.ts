import { checkBytes } from '../bytes.ts';
import { verifyMany } from '../many.ts';
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
  const prepare: VrfSuite['prepare'] = (key) => prepareKey(key, hashing);
  return Object.freeze({
    name,
    secretKeyBytes: SCALAR_BYTES,
    seedBytes: SEED_BYTES,
    publicKeyBytes: POINT_BYTES,
    proofBytes: PROOF_BYTES,
    outputBytes: OUTPUT_BYTES,
    keygen,
    publicKey,
    prove: (secretKey, alpha) => prove(secretKey, alpha, hashing),
    verify: (key, alpha, pi) => prepare(key).verify(alpha, pi),
    verifyMany: (items) => verifyMany({ prepare, publicKeyBytes: POINT_BYTES }, items),
    importPublicKey: (key) => prepareKey(key, hashing, 'once'),
    prepare,
    proofToHash(pi) {
      checkBytes('proof', pi);
      const proof = decodeProof(pi);
      return typeof proof === 'string' ? undefined : betaOf(hashing.suite, proof.gammaBytes);
    },
    encodeToCurve(key, alpha) {
      checkBytes('public key', key);
      checkBytes('alpha', alpha);
      return hashing.encodeToCurve(key, alpha)?.toBytes(true);
    },
    challenge(...points) {
      for (const point of points) checkBytes('point', point);
      return challenge(hashing.suite, ...points);
    },
    decodePoint(bytes) {
      checkBytes('point', bytes);
      return decodePoint(bytes)?.toAffine();
    },
    decodeScalar(bytes) {
      checkBytes('scalar', bytes);
      return decodeScalar(bytes);
    },
  } satisfies VrfSuite);
}
