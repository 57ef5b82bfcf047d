import { copyBytes } from './bytes.ts';
import { verifyMany } from './many.ts';
import type { VrfKey, VrfPoint, VrfSuite } from './suite.ts';
import type { TableAt } from './table-at.ts';

/** What the suites do not share; it may take for granted that what it gets is bytes, but nothing about them. */
export interface SuiteParts
  extends Pick<
    VrfSuite,
    | 'name'
    | 'secretKeyBytes'
    | 'seedBytes'
    | 'publicKeyBytes'
    | 'proofBytes'
    | 'outputBytes'
    | 'keygen'
    | 'publicKey'
    | 'prove'
    | 'proofToHash'
    | 'encodeToCurve'
    | 'challenge'
    | 'decodeScalar'
  > {
  prepareKey(publicKey: Uint8Array, tableAt: TableAt): VrfKey;
  decodePoint(bytes: Uint8Array): { toAffine(): VrfPoint } | undefined;
}

/** A suite from its parts: checks the types of arguments, and offers each way to verify. */
export function makeSuite(parts: SuiteParts): VrfSuite {
  const { prepareKey, decodePoint, ...own } = parts;
  const prepare: VrfSuite['prepare'] = (key) => prepareKey(key, 'second use');
  return Object.freeze({
    ...own,
    verify: (key, alpha, pi) => prepare(key).verify(alpha, pi),
    verifyMany: (items) => verifyMany({ prepare, publicKeyBytes: own.publicKeyBytes }, items),
    importPublicKey: (key) => prepareKey(key, 'once'),
    prepare,
    proofToHash: (pi) => own.proofToHash(copyBytes('proof', pi)),
    encodeToCurve: (key, alpha) => own.encodeToCurve(copyBytes('public key', key), copyBytes('alpha', alpha)),
    challenge(key, h, gamma, u, v) {
      const point = (bytes: Uint8Array): Uint8Array => copyBytes('point', bytes);
      return own.challenge(point(key), point(h), point(gamma), point(u), point(v));
    },
    decodePoint: (bytes) => decodePoint(copyBytes('point', bytes))?.toAffine(),
    decodeScalar: (bytes) => own.decodeScalar(copyBytes('scalar', bytes)),
  } satisfies VrfSuite);
}
