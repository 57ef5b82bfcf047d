import { checkBytes } from './bytes.ts';
import { decodePoint, decodeProof, decodeScalar, OUTPUT_BYTES, POINT_BYTES, PROOF_BYTES } from './decode.ts';
import { betaOf, challenge, type EdwardsHashing, encodePoints } from './hash.ts';
import { verifyMany } from './many.ts';
import { keygen, prove, publicKey, SECRET_KEY_BYTES } from './prove.ts';
import type { VrfSuite } from './suite.ts';
import { prepareKey } from './verify.ts';

/** A suite on edwards25519 with SHA-512, from its name and its way to hash to the curve. */
export function edwardsSuite(name: string, hashing: EdwardsHashing): VrfSuite {
  const prepare: VrfSuite['prepare'] = (key) => prepareKey(key, hashing);
  return Object.freeze({
    name,
    secretKeyBytes: SECRET_KEY_BYTES,
    seedBytes: SECRET_KEY_BYTES,
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
      if (typeof proof === 'string') return undefined;
      return betaOf(hashing.suite, encodePoints([proof.gamma.clearCofactor()])[0]!);
    },
    encodeToCurve(key, alpha) {
      checkBytes('public key', key);
      checkBytes('alpha', alpha);
      return hashing.encodeToCurve(key, alpha)?.toBytes();
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
