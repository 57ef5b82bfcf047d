// Elligator 2 for edwards25519 (RFC 9380 appendix G.2), for ECVRF-EDWARDS25519-SHA512-ELL2. Both elements of every pair are the
// same. The power in the middle is left to the caller, who has another one to compute beside it.

import { PAIR, add, copyLane, fromBytes, isZeroLane, mul, negateLane, sqr, sub, toBytes } from './field';
import { I_I, ONE_ONE, setIdentity } from './point';

/** J of curve25519, its negative, 2^((p + 3) / 8), the even square root of -486664, and 2 and 19. */
const J: usize = memory.data<i32>([486662, 486662, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const MINUS_J: usize = memory.data<i32>([-486662, -486662, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const POWER_OF_2: usize = memory.data<i32>([-32595791, -32595791, -7943725, -7943725, 9377950, 9377950, 3500415, 3500415, 12389472, 12389472, -272473, -272473, -25146209, -25146209, -2005654, -2005654, 326686, 326686, 11406482, 11406482], 16);
const ROOT: usize = memory.data<i32>([-12222970, -12222970, -8312128, -8312128, -11511410, -11511410, 9067497, 9067497, -15300785, -15300785, -241793, -241793, 25456130, 25456130, 14121551, 14121551, -12187136, -12187136, 3972024, 3972024], 16);
const TWO: usize = memory.data<i32>([2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const NINETEEN: usize = memory.data<i32>([19, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);

const U: usize = memory.data(80, 16);
/** 2 u^2, the denominator of x and its cube, the numerator of g(x1), and gx1 gxd^3. */
const T: usize = memory.data(80, 16);
const XD: usize = memory.data(80, 16);
const GXD: usize = memory.data(80, 16);
const GX: usize = memory.data(80, 16);
const FACTOR: usize = memory.data(80, 16);
const XN: usize = memory.data(80, 16);
const Y: usize = memory.data(80, 16);
const W: usize = memory.data(80, 16);
const EDWARDS: usize = memory.data(160, 16);
const BYTES: usize = memory.data(48, 8);

/** u from 48 bytes, big-endian, modulo p. */
function setField(bytes: usize): void {
  for (let at: usize = 0; at < 48; at++) store<u8>(BYTES + at, load<u8>(bytes + 47 - at));
  fromBytes(U, 0, BYTES);
  // What is above 2^255 counts 19 times: 129 bits, of which the lowest is the highest of the first 32 bytes.
  const middle = load<u64>(BYTES, 32);
  const high = load<u64>(BYTES, 40);
  store<u64>(BYTES, (middle << 1) | (load<u64>(BYTES, 24) >> 63));
  store<u64>(BYTES, (high << 1) | (middle >> 63), 8);
  store<u64>(BYTES, high >> 63, 16);
  store<u64>(BYTES, 0, 24);
  fromBytes(W, 0, BYTES);
  mul(W, W, NINETEEN);
  add(U, U, W);
  copyLane(U, 1, U, 0);
}

/** Takes 48 bytes of a hash; out is what to raise to (p - 5) / 8. */
export function mapStart(out: usize, bytes: usize): void {
  setField(bytes);
  sqr(T, U);
  mul(T, T, TWO);
  add(XD, T, ONE_ONE); // not zero: -1 is a square, 2 is not
  sqr(W, XD);
  mul(GXD, W, XD);
  mul(GX, T, J);
  mul(GX, GX, MINUS_J);
  add(GX, GX, W);
  mul(GX, GX, MINUS_J);
  sqr(FACTOR, GXD);
  sqr(out, FACTOR);
  mul(FACTOR, FACTOR, GXD);
  mul(FACTOR, FACTOR, GX); // gx1 gxd^3
  mul(out, out, FACTOR); // gx1 gxd^7
}

/** The point, from the power. */
export function mapEnd(out: usize, power: usize): void {
  mul(Y, power, FACTOR);
  let sign: u32 = 1;
  if (isRoot()) {
    mul(XN, ONE_ONE, MINUS_J);
  } else {
    // g(x1) is no square, so g(x2) is, with x2 = 2 u^2 x1.
    sign = 0;
    mul(XN, T, MINUS_J);
    mul(Y, power, FACTOR);
    mul(Y, Y, U);
    mul(Y, Y, POWER_OF_2);
    mul(GX, GX, T);
    isRoot();
  }
  toBytes(BYTES, Y, 0);
  if ((load<u8>(BYTES) & 1) != sign) {
    negateLane(Y, 0);
    negateLane(Y, 1);
  }
  // From the Montgomery curve to the Edwards curve: x = root xn / (xd y), y = (xn - xd) / (xn + xd).
  mul(EDWARDS, XN, ROOT);
  mul(Y, XD, Y);
  sub(W, XN, XD);
  add(EDWARDS + PAIR, XN, XD);
  mul(GX, Y, EDWARDS + PAIR);
  if (isZeroLane(GX, 0)) {
    setIdentity(out);
    return;
  }
  mul(FACTOR, EDWARDS, W);
  mul(EDWARDS, EDWARDS, EDWARDS + PAIR);
  mul(Y, W, Y);
  copyLane(out, 0, EDWARDS, 0);
  copyLane(out, 1, Y, 0);
  copyLane(out + PAIR, 0, GX, 0);
  copyLane(out + PAIR, 1, FACTOR, 0);
}

/** Whether y^2 gxd = gx, for y or for y times a root of -1, which y then is. */
function isRoot(): bool {
  if (fits()) return true;
  mul(Y, Y, I_I);
  return fits();
}

function fits(): bool {
  sqr(W, Y);
  mul(W, W, GXD);
  sub(W, W, GX);
  return isZeroLane(W, 0);
}
