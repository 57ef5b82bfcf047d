import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import type { Hashing, Intermediates } from '../../../src/guards/vrf/kernel.ts';
import type { VrfReason } from '../../../src/guards/vrf/suite.ts';

/** Verification written down from RFC 9381 on noble's points, sharing no code with ours. */
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const P = 2n ** 255n - 19n;

export const little = (data: Uint8Array): bigint => BigInt(`0x0${bytesToHex(Uint8Array.from(data).reverse())}`);
export const toLittle = (value: bigint, length = 32): Uint8Array =>
  hexToBytes(value.toString(16).padStart(2 * length, '0')).reverse();

export interface PlainResult extends Partial<Intermediates> {
  readonly outcome: VrfReason | 'valid';
  readonly beta?: Uint8Array;
}

const times = (point: EdwardsPoint, scalar: bigint): EdwardsPoint =>
  scalar < ORDER
    ? point.multiplyUnsafe(scalar)
    : point.multiplyUnsafe(ORDER - 1n).add(times(point, scalar - ORDER + 1n));

export function plainVerify(pk: Uint8Array, alpha: Uint8Array, pi: Uint8Array, hashing: Hashing = 'TAI'): PlainResult {
  const suite = hashing === 'TAI' ? 3 : 4;
  if (pk.length !== 32) return { outcome: 'key-length' };
  const y = plainPoint(pk);
  if (y === undefined) return { outcome: 'key-encoding' };
  if (times(y, 8n).equals(Point.ZERO)) return { outcome: 'key-small-order' };
  if (pi.length !== 80) return { outcome: 'proof-length' };
  const s = little(pi.subarray(48));
  if (s >= ORDER) return { outcome: 's-range' };
  const gamma = plainPoint(pi.subarray(0, 32));
  if (gamma === undefined) return { outcome: 'gamma-encoding' };
  const h = hashing === 'TAI' ? tryAndIncrement(pk, alpha) : elligator(pk, alpha);
  if (h === undefined) return { outcome: 'no-hash-point' };
  const c = little(pi.subarray(32, 48));
  const u = Point.BASE.multiplyUnsafe(s).subtract(times(y, c));
  const v = h.multiplyUnsafe(s).subtract(times(gamma, c));
  const cleared = times(gamma, 8n);
  const found = { h: h.toBytes(), u: u.toBytes(), v: v.toBytes(), clearedGamma: cleared.toBytes() };
  const hashed = sha512(
    concatBytes(Uint8Array.of(suite, 2), pk, found.h, gamma.toBytes(), found.u, found.v, Uint8Array.of(0)),
  );
  if (little(hashed.subarray(0, 16)) !== c) return { outcome: 'challenge', ...found };
  return {
    outcome: 'valid',
    beta: sha512(concatBytes(Uint8Array.of(suite, 3), found.clearedGamma, Uint8Array.of(0))),
    ...found,
  };
}

function elligator(pk: Uint8Array, alpha: Uint8Array): EdwardsPoint {
  const DST = 'ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\u0004';
  return ed25519_hasher.encodeToCurve(concatBytes(pk, alpha), { DST }) as EdwardsPoint;
}

function tryAndIncrement(pk: Uint8Array, alpha: Uint8Array): EdwardsPoint | undefined {
  for (let counter = 0; counter < 256; counter++) {
    const hash = sha512(concatBytes(Uint8Array.of(3, 1), pk, alpha, Uint8Array.of(counter, 0)));
    const point = plainPoint(hash.subarray(0, 32));
    if (point === undefined) continue;
    const cleared = times(point, 8n);
    if (!cleared.equals(Point.ZERO)) return cleared;
  }
  return undefined;
}

function plainPoint(data: Uint8Array): EdwardsPoint | undefined {
  try {
    return Point.fromBytes(data);
  } catch {
    return undefined;
  }
}

const mod = (value: bigint): bigint => ((value % P) + P) % P;
const D = mod(-121665n * power(121666n, P - 2n));

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = exponent.toString(2).length - 1; bit >= 0; bit--) {
    result = (result * result) % P;
    if ((exponent >> BigInt(bit)) & 1n) result = (result * base) % P;
  }
  return result;
}

/** RFC 8032 section 5.1.3 by Euler's criterion, on integers alone. */
export function plainDecode(data: Uint8Array): { x: bigint; y: bigint } | undefined {
  const sign = data[31]! >> 7;
  const y = little(data) & (2n ** 255n - 1n);
  if (data.length !== 32 || y >= P) return undefined;
  const square = mod((y * y - 1n) * power(mod(D * y * y + 1n), P - 2n));
  if (square === 0n) return sign === 0 ? { x: 0n, y } : undefined;
  if (power(square, (P - 1n) / 2n) !== 1n) return undefined;
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n));
  return { x: Number(x & 1n) === sign ? x : P - x, y };
}
