// One inversion modulo p = 2^255 - 19 by division steps (Bernstein and Yang), 30 steps at a time on the low words.
// Variable time: its input comes from public points.
//
// Numbers are nine limbs of 30 bits in 64-bit words, least first; the highest limb is signed. p is -19 in the first and
// 2^15 in the last.

const F: usize = memory.data(72, 8);
const G: usize = memory.data(72, 8);
const D: usize = memory.data(72, 8);
const E: usize = memory.data(72, 8);
/** The transition matrix [u v; q r] of 30 steps. */
const MATRIX: usize = memory.data(32, 8);
const BYTES: usize = memory.data(40, 8);

const MASK: i64 = 0x3fffffff;
const LAST: usize = 64;
const P_FIRST: i64 = -19;
const P_LAST: i64 = 32768;
/** 1 / p modulo 2^30. */
const P_INVERSE: i64 = 395589093;

/** Replaces the 32 bytes of a residue by those of its inverse, and 0 by 0. */
export function invertBytes(bytes: usize): void {
  memory.fill(F, 0, 72);
  memory.fill(D, 0, 72);
  memory.fill(E, 0, 72);
  store<i64>(F, P_FIRST);
  store<i64>(F, P_LAST, LAST);
  store<i64>(E, 1);
  memory.copy(BYTES, bytes, 32);
  for (let i: usize = 0; i < 9; i++) {
    const bit = 30 * i;
    store<i64>(G + i * 8, (load<i64>(BYTES + (bit >> 3)) >> <i64>(bit & 7)) & MASK);
  }
  let eta = -1;
  // Limbs that f and g still need: both shrink by about half a limb in 30 steps.
  let limbs: usize = 9;
  while (!isZero(G, limbs)) {
    eta = divisionSteps(eta, load<u32>(F), load<u32>(G));
    updateDE();
    updateFG(limbs);
    limbs = shorten(limbs);
  }
  // f is now 1 or -1, and d its product with the inverse, between -2p and p.
  const top = (limbs - 1) * 8;
  if (load<i64>(D, LAST) < 0) addP();
  if (load<i64>(F + top) < 0) negate();
  if (load<i64>(D, LAST) < 0) addP();
  let word: u64 = 0;
  let held: u64 = 0;
  for (let i: usize = 0; i < 9; i++) {
    const limb = load<u64>(D + i * 8);
    word |= limb << held;
    held += 30;
    if (held < 64) continue;
    store<u64>(bytes, word);
    bytes += 8;
    held -= 64;
    word = limb >> (30 - held);
  }
  store<u64>(bytes, word);
}

/** 30 division steps on the low words; leaves their matrix, scaled by 2^30. */
function divisionSteps(eta: i32, f: u32, g: u32): i32 {
  let u: u32 = 1;
  let v: u32 = 0;
  let q: u32 = 0;
  let r: u32 = 1;
  let left: u32 = 30;
  while (true) {
    // All halvings up to the next odd g at once.
    const zeros = ctz<u32>(g | (0xffffffff << left));
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) break;
    if (eta < 0) {
      eta = -eta;
      let t = f;
      f = g;
      g = 0 - t;
      t = u;
      u = q;
      q = 0 - t;
      t = v;
      v = r;
      r = 0 - t;
    }
    // f (f f - 2) is -1/f modulo 64: a multiple of f clears up to six bits of g, as many as may be cleared before a swap.
    const limit = min<u32>(<u32>eta + 1, left);
    const w = (f * g * (f * f - 2)) & (0xffffffff >> (32 - limit)) & 63;
    g += f * w;
    q += u * w;
    r += v * w;
  }
  store<i64>(MATRIX, <i64><i32>u);
  store<i64>(MATRIX, <i64><i32>v, 8);
  store<i64>(MATRIX, <i64><i32>q, 16);
  store<i64>(MATRIX, <i64><i32>r, 24);
  return eta;
}

/** [f g] = matrix [f g] / 2^30, which is exact. */
function updateFG(limbs: usize): void {
  const u = load<i64>(MATRIX);
  const v = load<i64>(MATRIX, 8);
  const q = load<i64>(MATRIX, 16);
  const r = load<i64>(MATRIX, 24);
  let f = load<i64>(F);
  let g = load<i64>(G);
  let cf = (u * f + v * g) >> 30;
  let cg = (q * f + r * g) >> 30;
  const end = (limbs - 1) * 8;
  for (let at: usize = 0; at < end; at += 8) {
    f = load<i64>(F + at, 8);
    g = load<i64>(G + at, 8);
    cf += u * f + v * g;
    cg += q * f + r * g;
    store<i64>(F + at, cf & MASK);
    store<i64>(G + at, cg & MASK);
    cf >>= 30;
    cg >>= 30;
  }
  store<i64>(F + end, cf);
  store<i64>(G + end, cg);
}

/** [d e] = matrix [d e] / 2^30 modulo p, between -2p and p: a multiple of p makes the division exact. */
function updateDE(): void {
  const u = load<i64>(MATRIX);
  const v = load<i64>(MATRIX, 8);
  const q = load<i64>(MATRIX, 16);
  const r = load<i64>(MATRIX, 24);
  let d = load<i64>(D);
  let e = load<i64>(E);
  const dNegative = load<i64>(D, LAST) >> 63;
  const eNegative = load<i64>(E, LAST) >> 63;
  let md = (u & dNegative) + (v & eNegative);
  let me = (q & dNegative) + (r & eNegative);
  let cd = u * d + v * e;
  let ce = q * d + r * e;
  md -= (P_INVERSE * (cd & MASK) + md) & MASK;
  me -= (P_INVERSE * (ce & MASK) + me) & MASK;
  cd = (cd + P_FIRST * md) >> 30;
  ce = (ce + P_FIRST * me) >> 30;
  for (let at: usize = 0; at < LAST; at += 8) {
    d = load<i64>(D + at, 8);
    e = load<i64>(E + at, 8);
    cd += u * d + v * e;
    ce += q * d + r * e;
    if (at == LAST - 8) {
      cd += P_LAST * md;
      ce += P_LAST * me;
    }
    store<i64>(D + at, cd & MASK);
    store<i64>(E + at, ce & MASK);
    cd >>= 30;
    ce >>= 30;
  }
  store<i64>(D, cd, LAST);
  store<i64>(E, ce, LAST);
}

function isZero(x: usize, limbs: usize): bool {
  let all: i64 = 0;
  for (let at: usize = 0; at < limbs * 8; at += 8) all |= load<i64>(x + at);
  return all == 0;
}

/** Drops the highest limb of f and g where it is no more than a sign, which moves into the limb below. */
function shorten(limbs: usize): usize {
  if (limbs < 2) return limbs;
  const top = (limbs - 1) * 8;
  const f = load<i64>(F + top);
  const g = load<i64>(G + top);
  if ((f ^ (f >> 63)) != 0 || (g ^ (g >> 63)) != 0) return limbs;
  store<i64>(F + top - 8, load<i64>(F + top - 8) | (f << 30));
  store<i64>(G + top - 8, load<i64>(G + top - 8) | (g << 30));
  return limbs - 1;
}

function addP(): void {
  store<i64>(D, load<i64>(D) + P_FIRST);
  store<i64>(D, load<i64>(D, LAST) + P_LAST, LAST);
  settle();
}

function negate(): void {
  for (let at: usize = 0; at < 72; at += 8) store<i64>(D + at, -load<i64>(D + at));
  settle();
}

/** Limbs of d back to 30 bits, the sign in the highest. */
function settle(): void {
  let spill: i64 = 0;
  for (let at: usize = 0; at < LAST; at += 8) {
    spill += load<i64>(D + at);
    store<i64>(D + at, spill & MASK);
    spill >>= 30;
  }
  store<i64>(D, load<i64>(D, LAST) + spill, LAST);
}
