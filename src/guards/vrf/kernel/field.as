// Arithmetic modulo p = 2^255 - 19, on two field elements a and b at a time.
//
// An element has ten signed limbs of 26 and 25 bits in turn. A pair is five vectors of four 32-bit lanes,
// [a0 b0 a1 b1] [a2 b2 a3 b3] ... [a8 b8 a9 b9]: 80 bytes, aligned to 16. An extended multiplication of the low
// lanes of two vectors multiplies even limbs, one of the high lanes odd limbs, each for both elements at once.
//
// r is the bound of a product's limbs: half of 2^26 or 2^25. Operands must stay within multiples of r, which
// docs/guards/vrf-kernel.md derives: the first operand of mul 4 r, the second 3 r, the operand of sqr 2 r.

/** Bytes of a pair. */
export const PAIR: usize = 80;

/** 19 y, then y: with an index that may be negative, a product modulo p is a plain convolution of vectors. */
const Y: usize = memory.data(160, 16);
/** The same for sums of the two limbs of a vector; the first half is used by squares only. */
const Y_SUM: usize = memory.data(160, 16);
/** Convolutions, five columns of two 64-bit integers each: of even limbs, of odd limbs, and of their sums. */
const EVEN: usize = memory.data(80, 16);
const ODD: usize = memory.data(80, 16);
const SUM: usize = memory.data(80, 16);
/** 2^26 - 1, 2^25 - 1 and half a limb, lane by lane. */
const LIMB_MASK: usize = memory.data<i32>([0x3ffffff, 0x3ffffff, 0x1ffffff, 0x1ffffff], 16);
const HALF_LIMB: usize = memory.data<i32>([0x2000000, 0x2000000, 0x1000000, 0x1000000], 16);
/** What column 0, the odd columns and the even ones get before their carry, so that a shift without sign rounds. */
const BIAS_FIRST: usize = memory.data<i64>([0x4000000002000000, 0x4000000002000000], 16);
const BIAS_ODD: usize = memory.data<i64>([0x3ffffff001000000, 0x3ffffff001000000], 16);
const BIAS_EVEN: usize = memory.data<i64>([0x3fffffe002000000, 0x3fffffe002000000], 16);
const BIAS_AGAIN: usize = memory.data<i64>([0x3ffffda000000000, 0x3ffffda000000000], 16);
const WIDE_MASK_26: usize = memory.data<i64>([0x3ffffff, 0x3ffffff], 16);
const WIDE_MASK_25: usize = memory.data<i64>([0x1ffffff, 0x1ffffff], 16);

/**
 * out = x y, both elements. `out` may be an operand. With even limbs e and odd limbs o of each operand, the odd columns are
 * (e + o)(e' + o') - e e' - o o': three convolutions of five instead of four.
 */
export function mul(out: usize, x: usize, y: usize): void {
  spread(y, 0);
  spread(y, 16);
  spread(y, 32);
  spread(y, 48);
  spread(y, 64);
  let x0 = v128.load(x);
  let x1 = v128.load(x, 16);
  let x2 = v128.load(x, 32);
  let x3 = v128.load(x, 48);
  let x4 = v128.load(x, 64);
  columns(0, x0, x1, x2, x3, x4);
  columns(16, x0, x1, x2, x3, x4);
  columns(32, x0, x1, x2, x3, x4);
  columns(48, x0, x1, x2, x3, x4);
  columns(64, x0, x1, x2, x3, x4);
  x0 = addSwapped(x0);
  x1 = addSwapped(x1);
  x2 = addSwapped(x2);
  x3 = addSwapped(x3);
  x4 = addSwapped(x4);
  // A sum of limbs of 3 r times 19 has no room in 32 bits: columns from the fifth on are scaled as a whole.
  let z = i64x2.add(low(x1, Y_SUM + 144), low(x2, Y_SUM + 128));
  z = times19(i64x2.add(i64x2.add(z, low(x3, Y_SUM + 112)), low(x4, Y_SUM + 96)));
  v128.store(SUM, i64x2.add(z, low(x0, Y_SUM + 80)));
  z = times19(i64x2.add(i64x2.add(low(x2, Y_SUM + 144), low(x3, Y_SUM + 128)), low(x4, Y_SUM + 112)));
  v128.store(SUM, i64x2.add(i64x2.add(z, low(x0, Y_SUM + 96)), low(x1, Y_SUM + 80)), 16);
  z = times19(i64x2.add(low(x3, Y_SUM + 144), low(x4, Y_SUM + 128)));
  z = i64x2.add(i64x2.add(z, low(x0, Y_SUM + 112)), low(x1, Y_SUM + 96));
  v128.store(SUM, i64x2.add(z, low(x2, Y_SUM + 80)), 32);
  z = i64x2.add(times19(low(x4, Y_SUM + 144)), low(x0, Y_SUM + 128));
  z = i64x2.add(i64x2.add(z, low(x1, Y_SUM + 112)), low(x2, Y_SUM + 96));
  v128.store(SUM, i64x2.add(z, low(x3, Y_SUM + 80)), 48);
  z = i64x2.add(i64x2.add(low(x0, Y_SUM + 144), low(x1, Y_SUM + 128)), low(x2, Y_SUM + 112));
  v128.store(SUM, i64x2.add(i64x2.add(z, low(x3, Y_SUM + 96)), low(x4, Y_SUM + 80)), 64);
  carry(out);
}

/** Writes one vector of the second operand, 19 times it, and the sum of its limbs. */
// @ts-ignore: decorator
@inline
function spread(y: usize, at: usize): void {
  const v = v128.load(y + at);
  v128.store(Y + 80 + at, v);
  v128.store(Y + at, i32x4.mul(v, i32x4.splat(19)));
  v128.store(Y_SUM + 80 + at, addSwapped(v));
}

/** Even plus odd limb, in all lanes of each element. */
// @ts-ignore: decorator
@inline
function addSwapped(x: v128): v128 {
  return i32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
}

/** Column `at / 16` of even limbs and of odd ones. */
// @ts-ignore: decorator
@inline
function columns(at: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): void {
  let z = i64x2.add(low(x0, Y + 80 + at), low(x1, Y + 64 + at));
  z = i64x2.add(z, low(x2, Y + 48 + at));
  z = i64x2.add(z, low(x3, Y + 32 + at));
  v128.store(EVEN + at, i64x2.add(z, low(x4, Y + 16 + at)));
  z = i64x2.add(high(x0, Y + 80 + at), high(x1, Y + 64 + at));
  z = i64x2.add(z, high(x2, Y + 48 + at));
  z = i64x2.add(z, high(x3, Y + 32 + at));
  v128.store(ODD + at, i64x2.add(z, high(x4, Y + 16 + at)));
}

// @ts-ignore: decorator
@inline
function low(x: v128, y: usize): v128 {
  return i64x2.extmul_low_i32x4_s(x, v128.load(y));
}

// @ts-ignore: decorator
@inline
function high(x: v128, y: usize): v128 {
  return i64x2.extmul_high_i32x4_s(x, v128.load(y));
}

// @ts-ignore: decorator
@inline
function times19(x: v128): v128 {
  return i64x2.add(i64x2.add(i64x2.shl(x, 4), i64x2.shl(x, 1)), x);
}

/** out = x x, both elements. `out` may be `x`. Products of two different vectors are made once and doubled. */
export function sqr(out: usize, x: usize): void {
  const x0 = v128.load(x);
  const x1 = v128.load(x, 16);
  const x2 = v128.load(x, 32);
  const x3 = v128.load(x, 48);
  const x4 = v128.load(x, 64);
  spread(x, 0);
  spread(x, 16);
  spread(x, 32);
  spread(x, 48);
  spread(x, 64);
  v128.store(Y_SUM + 48, addSwapped(v128.load(Y + 48)));
  v128.store(Y_SUM + 64, addSwapped(v128.load(Y + 64)));
  squares(x0, x1, x2, x3, x4);
  const s0 = addSwapped(x0);
  const s1 = addSwapped(x1);
  const s2 = addSwapped(x2);
  const s3 = addSwapped(x3);
  const s4 = addSwapped(x4);
  const t0 = i32x4.add(s0, s0);
  const t1 = i32x4.add(s1, s1);
  const t2 = i32x4.add(s2, s2);
  const t3 = i32x4.add(s3, s3);
  v128.store(SUM, i64x2.add(i64x2.add(low(s0, Y_SUM + 80), low(t1, Y_SUM + 64)), low(t2, Y_SUM + 48)));
  v128.store(SUM, i64x2.add(i64x2.add(low(s3, Y_SUM + 48), low(t0, Y_SUM + 96)), low(t2, Y_SUM + 64)), 16);
  v128.store(SUM, i64x2.add(i64x2.add(low(s1, Y_SUM + 96), low(t0, Y_SUM + 112)), low(t3, Y_SUM + 64)), 32);
  v128.store(SUM, i64x2.add(i64x2.add(low(s4, Y_SUM + 64), low(t0, Y_SUM + 128)), low(t1, Y_SUM + 112)), 48);
  v128.store(SUM, i64x2.add(i64x2.add(low(s2, Y_SUM + 112), low(t0, Y_SUM + 144)), low(t1, Y_SUM + 128)), 64);
  carry(out);
}

/** Squares of even limbs and of odd ones. */
// @ts-ignore: decorator
@inline
function squares(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): void {
  const t0 = i32x4.add(x0, x0);
  const t1 = i32x4.add(x1, x1);
  const t2 = i32x4.add(x2, x2);
  const t3 = i32x4.add(x3, x3);
  v128.store(EVEN, i64x2.add(i64x2.add(low(x0, Y + 80), low(t1, Y + 64)), low(t2, Y + 48)));
  v128.store(ODD, i64x2.add(i64x2.add(high(x0, Y + 80), high(t1, Y + 64)), high(t2, Y + 48)));
  v128.store(EVEN, i64x2.add(i64x2.add(low(x3, Y + 48), low(t0, Y + 96)), low(t2, Y + 64)), 16);
  v128.store(ODD, i64x2.add(i64x2.add(high(x3, Y + 48), high(t0, Y + 96)), high(t2, Y + 64)), 16);
  v128.store(EVEN, i64x2.add(i64x2.add(low(x1, Y + 96), low(t0, Y + 112)), low(t3, Y + 64)), 32);
  v128.store(ODD, i64x2.add(i64x2.add(high(x1, Y + 96), high(t0, Y + 112)), high(t3, Y + 64)), 32);
  v128.store(EVEN, i64x2.add(i64x2.add(low(x4, Y + 64), low(t0, Y + 128)), low(t1, Y + 112)), 48);
  v128.store(ODD, i64x2.add(i64x2.add(high(x4, Y + 64), high(t0, Y + 128)), high(t1, Y + 112)), 48);
  v128.store(EVEN, i64x2.add(i64x2.add(low(x2, Y + 112), low(t0, Y + 144)), low(t1, Y + 128)), 64);
  v128.store(ODD, i64x2.add(i64x2.add(high(x2, Y + 112), high(t0, Y + 144)), high(t1, Y + 128)), 64);
}

/**
 * Convolutions to limbs. Two odd limbs count twice, because their weights are half a bit short each, and belong one column
 * up. Then one chain of carries, rounded to the nearest so that limbs are signed: 2^62 on top of each column keeps it
 * positive, and what that adds to the next column is taken off in the next constant.
 */
function carry(out: usize): void {
  const wide26 = v128.load(WIDE_MASK_26);
  const limbMask = v128.load(LIMB_MASK);
  const half = v128.load(HALF_LIMB);
  const biasOdd = v128.load(BIAS_ODD);
  const biasEven = v128.load(BIAS_EVEN);
  const h0 = i64x2.add(i64x2.add(v128.load(EVEN), twice(times19(v128.load(ODD, 64)))), v128.load(BIAS_FIRST));
  const h1 = i64x2.add(i64x2.add(oddColumn(0), biasOdd), i64x2.shr_u(h0, 26));
  const h2 = i64x2.add(i64x2.add(evenColumn(16), biasEven), i64x2.shr_u(h1, 25));
  const h3 = i64x2.add(i64x2.add(oddColumn(16), biasOdd), i64x2.shr_u(h2, 26));
  v128.store(out, narrow(h2, h3, limbMask, half), 16);
  const h4 = i64x2.add(i64x2.add(evenColumn(32), biasEven), i64x2.shr_u(h3, 25));
  const h5 = i64x2.add(i64x2.add(oddColumn(32), biasOdd), i64x2.shr_u(h4, 26));
  v128.store(out, narrow(h4, h5, limbMask, half), 32);
  const h6 = i64x2.add(i64x2.add(evenColumn(48), biasEven), i64x2.shr_u(h5, 25));
  const h7 = i64x2.add(i64x2.add(oddColumn(48), biasOdd), i64x2.shr_u(h6, 26));
  v128.store(out, narrow(h6, h7, limbMask, half), 48);
  const h8 = i64x2.add(i64x2.add(evenColumn(64), biasEven), i64x2.shr_u(h7, 25));
  const h9 = i64x2.add(i64x2.add(oddColumn(64), biasOdd), i64x2.shr_u(h8, 26));
  v128.store(out, narrow(h8, h9, limbMask, half), 64);
  // 2^255 = 19: the last carry goes round to limb 0, and what limb 0 then spills to limb 1.
  const top = i64x2.shr_u(h9, 25);
  const again = i64x2.add(i64x2.add(v128.and(h0, wide26), v128.load(BIAS_AGAIN)), times19(top));
  const limb1 = i64x2.add(v128.and(h1, v128.load(WIDE_MASK_25)), i64x2.shr_u(again, 26));
  const limb0 = v128.and(again, wide26);
  v128.store(out, i32x4.sub(v128.shuffle<i32>(limb0, limb1, 0, 2, 4, 6), half));
}

/** Column 2k of the product from convolution k of even limbs and k - 1 of odd ones. */
// @ts-ignore: decorator
@inline
function evenColumn(at: usize): v128 {
  return i64x2.add(v128.load(EVEN + at), twice(v128.load(ODD + at - 16)));
}

/** Column 2k + 1 of the product: e o' + o e'. */
// @ts-ignore: decorator
@inline
function oddColumn(at: usize): v128 {
  return i64x2.sub(i64x2.sub(v128.load(SUM + at), v128.load(EVEN + at)), v128.load(ODD + at));
}

// @ts-ignore: decorator
@inline
function twice(x: v128): v128 {
  return i64x2.add(x, x);
}

// @ts-ignore: decorator
@inline
function narrow(even: v128, odd: v128, mask: v128, half: v128): v128 {
  return i32x4.sub(v128.and(v128.shuffle<i32>(even, odd, 0, 2, 4, 6), mask), half);
}

/** out = x^(2^times). */
export function sqrTimes(out: usize, x: usize, times: i32): void {
  sqr(out, x);
  while (--times > 0) sqr(out, out);
}

/** out = x + y; limbs are not carried. */
export function add(out: usize, x: usize, y: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(out + at, i32x4.add(v128.load(x + at), v128.load(y + at)));
}

/** out = x - y; limbs are not carried. */
export function sub(out: usize, x: usize, y: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(out + at, i32x4.sub(v128.load(x + at), v128.load(y + at)));
}

/** out = [x.b, x.a]. */
export function swap(out: usize, x: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    const v = v128.load(x + at);
    v128.store(out + at, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
  }
}

export function copy(out: usize, x: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(out + at, v128.load(x + at));
}

/** Element `lane` of `x` becomes element `to` of `out`. */
export function copyLane(out: usize, to: usize, x: usize, lane: usize): void {
  for (let at: usize = 0; at < PAIR; at += 8) store<i32>(out + at + to * 4, load<i32>(x + at + lane * 4));
}

export function negateLane(x: usize, lane: usize): void {
  for (let at: usize = lane * 4; at < PAIR; at += 8) store<i32>(x + at, -load<i32>(x + at));
}

/** Limbs of one element on their way to or from bytes. */
const LIMBS: usize = memory.data(80, 16);

/** Reads 255 bits, little-endian, into one element; the highest bit of the 32 bytes is not looked at. */
export function fromBytes(out: usize, lane: usize, bytes: usize): void {
  let bit: usize = 0;
  let spill = 0;
  for (let i: usize = 0; i < 10; i++) {
    const width = 26 - (<i32>i & 1);
    // Four bytes hold a limb wherever it starts: no limb of 26 bits starts above bit 6 of a byte.
    const limb = <i32>(load<u32>(bytes + (bit >> 3)) >> <u32>(bit & 7)) & ((1 << width) - 1);
    bit += width;
    const signed = limb + spill;
    spill = (signed + (1 << (width - 1))) >> width;
    store<i32>(out + (i >> 1) * 16 + (i & 1) * 8 + lane * 4, signed - (spill << width));
  }
  const first = out + lane * 4;
  store<i32>(first, load<i32>(first) + spill * 19);
}

/** Writes one element as the 32 bytes of its least residue. Limbs may be up to 8 r. */
export function toBytes(bytes: usize, x: usize, lane: usize): void {
  for (let i: usize = 0; i < 10; i++) {
    store<i64>(LIMBS + i * 8, load<i32>(x + (i >> 1) * 16 + (i & 1) * 8 + lane * 4));
  }
  // Twice round brings any element into 0 .. 2^255 - 1; the third round settles a borrow of the second.
  normalize(19 * normalize(19 * normalize(0)));
  // x >= p exactly where x + 19 reaches 2^255; otherwise the 19 is taken back.
  if (normalize(19) == 0) normalize(-19);
  let word: u64 = 0;
  let bit: usize = 0;
  for (let i: usize = 0; i < 10; i++) {
    const limb = load<u64>(LIMBS + i * 8);
    const width = 26 - (i & 1);
    word |= limb << bit;
    bit += width;
    if (bit < 64) continue;
    store<u64>(bytes, word);
    bytes += 8;
    bit -= 64;
    word = limb >> (width - bit);
  }
  store<u64>(bytes, word);
}

/** Whether one element is zero modulo p. */
export function isZeroLane(x: usize, lane: usize): bool {
  toBytes(RESIDUE, x, lane);
  return (load<u64>(RESIDUE) | load<u64>(RESIDUE, 8) | load<u64>(RESIDUE, 16) | load<u64>(RESIDUE, 24)) == 0;
}

const RESIDUE: usize = memory.data(32, 8);

/** Adds to limb 0 and carries upwards; what leaves the top is returned, not added. */
function normalize(carried: i64): i64 {
  for (let i: usize = 0; i < 10; i++) {
    const width = <i64>(26 - (i & 1));
    const limb = load<i64>(LIMBS + i * 8) + carried;
    carried = limb >> width;
    store<i64>(LIMBS + i * 8, limb & ((<i64>1 << width) - 1));
  }
  return carried;
}

const POWERS: usize = memory.data(240, 16);

/** out = x^((p - 5) / 8), which every square root needs: the exponent is 2^252 - 3. `out` is not `x`. */
export function power(out: usize, x: usize): void {
  const a = POWERS;
  const b = POWERS + 80;
  const c = POWERS + 160;
  sqr(a, x);
  sqrTimes(b, a, 2);
  mul(b, b, x); // x^9
  mul(a, a, b); // x^11
  sqr(a, a);
  mul(a, a, b); // x^(2^5 - 1)
  sqrTimes(b, a, 5);
  mul(a, b, a); // x^(2^10 - 1)
  sqrTimes(b, a, 10);
  mul(b, b, a); // x^(2^20 - 1)
  sqrTimes(c, b, 20);
  mul(b, c, b); // x^(2^40 - 1)
  sqrTimes(b, b, 10);
  mul(a, b, a); // x^(2^50 - 1)
  sqrTimes(b, a, 50);
  mul(b, b, a); // x^(2^100 - 1)
  sqrTimes(c, b, 100);
  mul(b, c, b); // x^(2^200 - 1)
  sqrTimes(b, b, 50);
  mul(a, b, a); // x^(2^250 - 1)
  sqrTimes(a, a, 2);
  mul(out, a, x);
}
