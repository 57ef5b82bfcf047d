import { mulAddUnsafe } from '@noble/curves/abstract/curve.js';
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { equalBytes } from '@noble/curves/utils.js';
import { copyBytes } from './bytes.ts';
import { decodeKey, decodeProof, type EdwardsProof, POINT_BYTES, PROOF_BYTES } from './decode.ts';
import { betaOf, challenge, EDWARDS_TAI, type EdwardsHashing, encodePoints } from './hash.ts';
import { faultyKey, invalid } from './invalid.ts';
import { type Hashing, type Kernel, sharedKernel } from './kernel.ts';
import type { VrfKey, VrfResult } from './suite.ts';
import { TABLE_AT_USE, type TableAt } from './table-at.ts';
import { windowMultiplier } from './window.ts';

/**
 * Decodes and checks a public key. All arithmetic behind `VrfSuite.verify` is reached through this function: in the
 * kernel where the runtime has one, on @noble/curves elsewhere. Variable time: everything here is public.
 */
export function prepareKey(
  publicKey: Uint8Array,
  hashing: EdwardsHashing = EDWARDS_TAI,
  tableAt: TableAt = 'second use',
): VrfKey {
  const kernel = sharedKernel();
  return kernel === undefined
    ? prepareNobleKey(publicKey, hashing, tableAt)
    : prepareKernelKey(kernel, publicKey, hashing === EDWARDS_TAI ? 'TAI' : 'ELL2', tableAt);
}

/** {@link prepareKey} in the kernel. */
export function prepareKernelKey(
  kernel: Kernel,
  publicKey: Uint8Array,
  hashing: Hashing = 'TAI',
  tableAt: TableAt = 'second use',
): VrfKey {
  const keyBytes = copyBytes('public key', publicKey);
  const key = keyBytes.length === POINT_BYTES ? kernel.key(keyBytes) : 'key-length';
  if (typeof key === 'string') return faultyKey(key);
  if (tableAt === 'once') kernel.buildTable(key);
  return Object.freeze({
    fault: undefined,
    verify(alpha: Uint8Array, pi: Uint8Array): VrfResult {
      const message = copyBytes('alpha', alpha);
      const proof = copyBytes('proof', pi);
      if (proof.length !== PROOF_BYTES) return invalid('proof-length');
      const beta = kernel.verify(key, message, proof, hashing);
      return typeof beta === 'string' ? invalid(beta) : { valid: true, beta };
    },
  });
}

/** {@link prepareKey} on @noble/curves alone. */
export function prepareNobleKey(
  publicKey: Uint8Array,
  { suite, encodeToCurve }: EdwardsHashing = EDWARDS_TAI,
  tableAt: TableAt = 'second use',
): VrfKey {
  const keyBytes = copyBytes('public key', publicKey);
  const key = decodeKey(keyBytes);
  if (typeof key === 'string') return faultyKey(key);

  const minusY = key.negate();
  let timesMinusY = (c: bigint): EdwardsPoint => minusY.multiplyUnsafe(c);
  let uses = 0;
  if (tableAt === 'once') timesMinusY = windowMultiplier(minusY);
  return Object.freeze({
    fault: undefined,
    verify(alpha: Uint8Array, pi: Uint8Array): VrfResult {
      const message = copyBytes('alpha', alpha);
      const proof = decodeProof(copyBytes('proof', pi));
      if (typeof proof === 'string') return invalid(proof);
      const h = encodeToCurve(keyBytes, message);
      if (h === undefined) return invalid('no-hash-point');
      if (++uses === TABLE_AT_USE && tableAt === 'second use') timesMinusY = windowMultiplier(minusY);
      const { u, v } = commitments(timesMinusY, h, proof);
      const encoded = encodePoints([h, u, v, proof.gamma.clearCofactor()]);
      const [hBytes, uBytes, vBytes, clearedGamma] = encoded as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const expected = challenge(suite, keyBytes, hBytes, proof.gammaBytes, uBytes, vBytes);
      return equalBytes(expected, proof.cBytes)
        ? { valid: true, beta: betaOf(suite, clearedGamma) }
        : invalid('challenge');
    },
  });
}

/**
 * U = s·B − c·Y and V = s·H − c·Gamma (RFC 9381 section 5.3, steps 8 and 9). The sign is on the point and c stays the
 * plain 128-bit integer: −c modulo the group order is another multiple of a point that has a torsion component.
 * Zero scalars and identity points are ordinary values.
 */
export function commitments(
  timesMinusY: (c: bigint) => EdwardsPoint,
  h: EdwardsPoint,
  { gamma, c, s }: Pick<EdwardsProof, 'gamma' | 'c' | 's'>,
): { u: EdwardsPoint; v: EdwardsPoint } {
  return {
    u: ed25519.Point.BASE.multiplyUnsafe(s).add(timesMinusY(c)),
    v: mulAddUnsafe(ed25519.Point, [h, gamma.negate()], [s, c]),
  };
}
