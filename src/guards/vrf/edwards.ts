import { decodePoint, decodeProof, decodeScalar, OUTPUT_BYTES, POINT_BYTES, PROOF_BYTES } from './decode.ts';
import { betaOf, challenge, type EdwardsHashing, encodePoints } from './hash.ts';
import { makeSuite } from './make-suite.ts';
import { keygen, prove, publicKey, SECRET_KEY_BYTES } from './prove.ts';
import type { VrfSuite } from './suite.ts';
import { prepareKey } from './verify.ts';

/** A suite on edwards25519 with SHA-512, from its name and its way to hash to the curve. */
export function edwardsSuite(name: string, hashing: EdwardsHashing): VrfSuite {
  return makeSuite({
    name,
    secretKeyBytes: SECRET_KEY_BYTES,
    seedBytes: SECRET_KEY_BYTES,
    publicKeyBytes: POINT_BYTES,
    proofBytes: PROOF_BYTES,
    outputBytes: OUTPUT_BYTES,
    keygen,
    publicKey,
    prove: (secretKey, alpha) => prove(secretKey, alpha, hashing),
    prepareKey: (key, tableAt) => prepareKey(key, hashing, tableAt),
    proofToHash(pi) {
      const proof = decodeProof(pi);
      if (typeof proof === 'string') return undefined;
      return betaOf(hashing.suite, encodePoints([proof.gamma.clearCofactor()])[0]!);
    },
    encodeToCurve: (key, alpha) => hashing.encodeToCurve(key, alpha)?.toBytes(),
    challenge: (...points) => challenge(hashing.suite, ...points),
    decodePoint,
    decodeScalar,
  });
}
