// Points of edwards25519 in extended coordinates, as two pairs: (X, Y) and (Z, T), 160 bytes. A table entry holds a point
// ready to be added: (Y - X, Y + X) and (2 Z, 2 d T). The formulas are complete: identity, equal and opposite points and
// points of small order are no special cases.

import { PAIR, add, copy, copyLane, fromBytes, isZeroLane, mul, negateLane, power, sqr, sub, swap, toBytes } from './field';

/** Bytes of a point and of a table entry. */
export const POINT: usize = 160;

// prettier-ignore
const BASE_XY: usize = memory.data<i32>([-14297830, -26843541, -7645148, -6710886, 16144683, 13421773, -16471763, -13421773, 27570974, 26843546, -2696100, 6710886, -26142465, -13421773, 8378389, 13421773, 20764389, -26843546, 8758491, -6710886], 16);
const TWO_TWO_D: usize = memory.data<i32>([2, -21827239, 0, -5839606, 0, -30745221, 0, 13898782, 0, 229458, 0, 15978800, 0, -12551817, 0, -6495438, 0, 29715968, 0, 9444199], 16);
const D_D: usize = memory.data<i32>([-10913610, -10913610, 13857413, 13857413, -15372611, -15372611, 6949391, 6949391, 114729, 114729, -8787816, -8787816, -6275908, -6275908, -3247719, -3247719, -18696448, -18696448, -12055116, -12055116], 16);
/** A square root of -1, twice. */
export const I_I: usize = memory.data<i32>([-32595792, -32595792, -7943725, -7943725, 9377950, 9377950, 3500415, 3500415, 12389472, 12389472, -272473, -272473, -25146209, -25146209, -2005654, -2005654, 326686, 326686, 11406482, 11406482], 16);
export const ONE_ONE: usize = memory.data<i32>([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const ZERO_ONE: usize = memory.data<i32>([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const ONE_ZERO: usize = memory.data<i32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** Selects the lanes of the first element. */
const FIRST: usize = memory.data<i32>([-1, 0, -1, 0], 16);

/** Squares or products of a formula. */
const S: usize = memory.data(80, 16);
const T: usize = memory.data(80, 16);
/** (F, E), (G, H), (F, H) and (E, G), from which both halves of the result are products. */
const FE: usize = memory.data(80, 16);
const GH: usize = memory.data(80, 16);
const FH: usize = memory.data(80, 16);
const EG: usize = memory.data(80, 16);

export function setIdentity(out: usize): void {
  copy(out, ZERO_ONE);
  copy(out + PAIR, ONE_ZERO);
}

/** out = 2 p. */
export function double(out: usize, p: usize): void {
  sqr(S, p);
  sumWithZ(p, 0);
  sumWithZ(p, 16);
  sumWithZ(p, 32);
  sumWithZ(p, 48);
  sumWithZ(p, 64);
  sqr(T, T);
  doubleStep(0);
  doubleStep(16);
  doubleStep(32);
  doubleStep(48);
  doubleStep(64);
  mul(out, FH, EG);
  mul(out + PAIR, FE, GH);
}

/** T = (Z, X + Y). */
// @ts-ignore: decorator
@inline
function sumWithZ(p: usize, at: usize): void {
  const xy = v128.load(p + at);
  const sum = i32x4.add(xy, v128.shuffle<i32>(xy, xy, 1, 0, 3, 2));
  v128.store(T + at, v128.bitselect(v128.load(p + PAIR + at), sum, v128.load(FIRST)));
}

/** With S = (XX, YY) and T = (ZZ, (X + Y)^2): H = YY + XX, G = YY - XX, E = T.b - H, F = 2 ZZ - G. */
// @ts-ignore: decorator
@inline
function doubleStep(at: usize): void {
  const first = v128.load(FIRST);
  const s = v128.load(S + at);
  const t = v128.load(T + at);
  const swapped = v128.shuffle<i32>(s, s, 1, 0, 3, 2);
  const gh = v128.bitselect(i32x4.sub(swapped, s), i32x4.add(swapped, s), first);
  finish(at, i32x4.sub(i32x4.add(t, v128.and(t, first)), gh), gh);
}

// @ts-ignore: decorator
@inline
function finish(at: usize, fe: v128, gh: v128): void {
  v128.store(FE + at, fe);
  v128.store(GH + at, gh);
  v128.store(FH + at, v128.shuffle<i32>(fe, gh, 0, 5, 2, 7));
  v128.store(EG + at, v128.shuffle<i32>(fe, gh, 1, 4, 3, 6));
}

/** out = p + entry. */
export function addEntry(out: usize, p: usize, entry: usize): void {
  differenceAndSum(S, p);
  mul(S, S, entry);
  mul(T, p + PAIR, entry + PAIR);
  addStep(0, false);
  addStep(16, false);
  addStep(32, false);
  addStep(48, false);
  addStep(64, false);
  mul(out, FH, EG);
  mul(out + PAIR, FE, GH);
}

/** out = p - entry: the halves of the entry change places, and its T changes sign. */
export function subEntry(out: usize, p: usize, entry: usize): void {
  differenceAndSum(S, p);
  swap(T, entry);
  mul(S, S, T);
  mul(T, p + PAIR, entry + PAIR);
  addStep(0, true);
  addStep(16, true);
  addStep(32, true);
  addStep(48, true);
  addStep(64, true);
  mul(out, FH, EG);
  mul(out + PAIR, FE, GH);
}

/** With S = (A, B) and T = (D, C): E = B - A, H = B + A, F = D - C, G = D + C; F and G change places for a negative C. */
// @ts-ignore: decorator
@inline
function addStep(at: usize, negative: bool): void {
  const first = v128.load(FIRST);
  const s = v128.load(S + at);
  const t = v128.load(T + at);
  const ss = v128.shuffle<i32>(s, s, 1, 0, 3, 2);
  const tt = v128.shuffle<i32>(t, t, 1, 0, 3, 2);
  const sum = i32x4.add(t, tt);
  const difference = i32x4.sub(t, tt);
  const e = i32x4.sub(ss, s);
  const fe = v128.shuffle<i32>(negative ? sum : difference, e, 0, 4, 2, 6);
  finish(at, fe, v128.bitselect(negative ? difference : sum, i32x4.add(s, ss), first));
}

/** out = (Y - X, Y + X). */
// @ts-ignore: decorator
@inline
function differenceAndSum(out: usize, p: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    const xy = v128.load(p + at);
    const yx = v128.shuffle<i32>(xy, xy, 1, 0, 3, 2);
    v128.store(out + at, v128.bitselect(i32x4.sub(yx, xy), i32x4.add(yx, xy), v128.load(FIRST)));
  }
}

/** out = the table entry of p. */
export function toEntry(out: usize, p: usize): void {
  differenceAndSum(out, p);
  mul(out + PAIR, p + PAIR, TWO_TWO_D);
}

export function timesEight(out: usize, p: usize): void {
  double(out, p);
  double(out, out);
  double(out, out);
}

/** Whether a point is one of the identity and the point of order 2: in a subgroup of odd order, whether it is the identity. */
export function hasZeroX(p: usize): bool {
  return isZeroLane(p, 0);
}

/** The point (X, Y) of affine coordinates. */
export function fromAffine(out: usize, xy: usize): void {
  copy(out, xy);
  swap(S, xy);
  mul(S, S, xy);
  copy(out + PAIR, ONE_ONE);
  copyLane(out + PAIR, 1, S, 0);
}

export function setBase(out: usize): void {
  fromAffine(out, BASE_XY);
}

const Y: usize = memory.data(80, 16);
const X: usize = memory.data(80, 16);
const U: usize = memory.data(80, 16);
const V: usize = memory.data(80, 16);
const W: usize = memory.data(80, 16);
const XI: usize = memory.data(80, 16);

/**
 * Decodes two points at once (RFC 8032 section 5.1.3), to the pairs (x, y) at `first` and `second`. Bits of the answer: 1 where
 * the first is the canonical encoding of a curve point, 2 where the second is.
 */
export function decodeTwo(first: usize, firstBytes: usize, second: usize, secondBytes: usize): u32 {
  rootStart(firstBytes, secondBytes);
  power(XI, W);
  rootEnd();
  return decodeLane(first, 0, firstBytes) | (decodeLane(second, 1, secondBytes) << 1);
}

/** Decodes one point, and raises the second element of `other` to the same power on the way, in both of its elements. */
export function decodeOneBeside(first: usize, firstBytes: usize, other: usize): bool {
  rootStart(firstBytes, firstBytes);
  copyLane(W, 1, other, 1);
  power(XI, W);
  copyLane(other, 0, XI, 1);
  copyLane(other, 1, XI, 1);
  rootEnd();
  return decodeLane(first, 0, firstBytes) != 0;
}

/** Two y to X = u v^3 and W = u v^7, with x^2 = (y^2 - 1) / (d y^2 + 1) = u / v. */
function rootStart(firstBytes: usize, secondBytes: usize): void {
  fromBytes(Y, 0, firstBytes);
  fromBytes(Y, 1, secondBytes);
  sqr(W, Y);
  sub(U, W, ONE_ONE);
  mul(V, W, D_D);
  add(V, V, ONE_ONE);
  sqr(W, V);
  mul(W, W, V); // v^3
  mul(X, U, W); // u v^3
  sqr(W, W);
  mul(W, W, V);
  mul(W, W, U); // u v^7
}

/** X = u v^3 (u v^7)^((p - 5) / 8), which is x up to a square root of -1; zero in V or W says which. */
function rootEnd(): void {
  mul(X, X, XI);
  mul(XI, X, I_I);
  sqr(W, X);
  mul(W, W, V);
  sub(V, W, U);
  add(W, W, U);
}

const ENCODED: usize = memory.data(32, 8);

function decodeLane(out: usize, lane: usize, bytes: usize): u32 {
  if (!isCanonical(bytes)) return 0;
  let x = X;
  if (!isZeroLane(V, lane)) {
    if (!isZeroLane(W, lane)) return 0;
    x = XI;
  }
  const sign = load<u8>(bytes, 31) >> 7;
  if (sign != 0 && isZeroLane(x, lane)) return 0;
  toBytes(ENCODED, x, lane);
  copyLane(out, 0, x, lane);
  copyLane(out, 1, Y, lane);
  if ((load<u8>(ENCODED) & 1) != sign) negateLane(out, 0);
  return 1;
}

/** Whether y, the lower 255 bits, is below p = 2^255 - 19. */
function isCanonical(bytes: usize): bool {
  if ((load<u64>(bytes, 24) & 0x7fffffffffffffff) != 0x7fffffffffffffff) return true;
  if ((load<u64>(bytes, 16) & load<u64>(bytes, 8)) != 0xffffffffffffffff) return true;
  return load<u64>(bytes) < 0xffffffffffffffed;
}
