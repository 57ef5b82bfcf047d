import type { VrfReason } from './suite.ts';

/** Bytes of the challenge c, in every suite. */
export const CHALLENGE_BYTES = 16;

/** How a curve's points and scalars are written. */
export interface Encoding<Point> {
  readonly pointBytes: number;
  readonly scalarBytes: number;
  readonly groupOrder: bigint;
  /** Throws for bytes that are no point. */
  pointOf(bytes: Uint8Array): Point;
  numberOf(bytes: Uint8Array): bigint;
}

export interface Proof<Point> {
  readonly gamma: Point;
  readonly gammaBytes: Uint8Array;
  /** Any 128-bit integer. */
  readonly c: bigint;
  readonly cBytes: Uint8Array;
  /** Below the group order. */
  readonly s: bigint;
}

/** A point from its one encoding; `undefined` for anything else. */
export function readPoint<Point>(encoding: Encoding<Point>, bytes: Uint8Array): Point | undefined {
  if (bytes.length !== encoding.pointBytes) return undefined;
  try {
    return encoding.pointOf(bytes);
  } catch {
    return undefined;
  }
}

/** A scalar; `undefined` from the group order on, because reducing it would make proofs malleable. */
export function readScalar(encoding: Encoding<unknown>, bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== encoding.scalarBytes) return undefined;
  const scalar = encoding.numberOf(bytes);
  return scalar < encoding.groupOrder ? scalar : undefined;
}

/** A proof (RFC 9381 section 5.4.4): Gamma, c and s. */
export function readProof<Point>(encoding: Encoding<Point>, pi: Uint8Array): Proof<Point> | VrfReason {
  const { pointBytes, scalarBytes } = encoding;
  const scalarAt = pointBytes + CHALLENGE_BYTES;
  if (pi.length !== scalarAt + scalarBytes) return 'proof-length';
  const s = readScalar(encoding, pi.subarray(scalarAt));
  if (s === undefined) return 's-range';
  const gammaBytes = pi.subarray(0, pointBytes);
  const gamma = readPoint(encoding, gammaBytes);
  if (gamma === undefined) return 'gamma-encoding';
  const cBytes = pi.subarray(pointBytes, scalarAt);
  return { gamma, gammaBytes, c: encoding.numberOf(cBytes), cBytes, s };
}
