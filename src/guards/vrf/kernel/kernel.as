// Verification of ECVRF-EDWARDS25519-SHA512-TAI and -ELL2 (RFC 9381 section 5.3). Everything here is public and takes variable
// time; nothing here takes a secret, and nothing may.
//
// The caller writes to and reads from the area at `io`, whose layout src/guards/vrf/kernel.ts repeats.

import { PAIR, copy, copyLane, fromBytes, mul, negateLane, swap, toBytes } from './field';
import { hashBack, hashByte, hashBytes, hashEnd, hashKeep, hashStart } from './sha512';
import { invertBytes } from './invert';
import { mapEnd, mapStart } from './elligator';
import { decodeOneBeside, decodeTwo, fromAffine, hasZeroX, setBase, setIdentity, timesEight } from './point';
import {
  BASE_WINDOW,
  DIGITS,
  KEY_TABLE,
  addBySparse,
  addOneSparse,
  addByTable,
  buildTable,
  isBelowOrder,
  oddMultiples,
  sparseDigits,
} from './scalar';

/** 0: key, 32. 32: Gamma, c and s, 80. 112: beta, 64. 176: H, U, V and 8 Gamma, 128. 304: minus the key, 80. 384: chunk. */
export const io: usize = memory.data(384 + 4096, 16);
export const chunk: i32 = 4096;
export const tableBytes: usize = KEY_TABLE;

const KEY: usize = io;
const GAMMA: usize = io + 32;
const C: usize = io + 64;
const SCALAR: usize = io + 80;
const BETA: usize = io + 112;
const ENCODED: usize = io + 176;
const MINUS_KEY: usize = io + 304;
const CHUNK: usize = io + 384;

const VALID: i32 = 0;
const GAMMA_ENCODING: i32 = 1;
const S_RANGE: i32 = 2;
const NO_HASH_POINT: i32 = 3;
const CHALLENGE: i32 = 4;

const TRY_AND_INCREMENT: u32 = 3;
/** suite_string of the proof at hand. */
const SUITE: usize = memory.data(4, 4);
/** `ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_`, the suite, and their length. */
const TAG: usize = memory.data<u8>([69, 67, 86, 82, 70, 95, 101, 100, 119, 97, 114, 100, 115, 50, 53, 53, 49, 57, 95, 88, 77, 68, 58, 83, 72, 65, 45, 53, 49, 50, 95, 69, 76, 76, 50, 95, 78, 85, 95, 4, 40]);

/** The first address that no static data uses: tables of keys go there. */
export function heap(): usize {
  return (__heap_base + 15) & ~15;
}

/** H, U, V and 8 Gamma, in the order of their encodings. */
const POINTS: usize = memory.data(640, 16);
const H: usize = POINTS;
const U: usize = POINTS + 160;
const V: usize = POINTS + 320;
const CLEARED: usize = POINTS + 480;
const POINT_GAMMA: usize = memory.data(160, 16);
const AFFINE: usize = memory.data(160, 16);
const HASHES: usize = memory.data(128, 16);
const S_DIGITS: usize = memory.data(272, 16);
const C_DIGITS: usize = memory.data(272, 16);
const H_ODD: usize = memory.data(1280, 16);
const OTHER_ODD: usize = memory.data(640, 16);
const BASE: usize = memory.data(130560, 16);
/** Windows of its table that are there, and the point of the next. */
const BASE_BUILT: usize = memory.data(4, 4);
const BASE_NEXT: usize = memory.data(160, 16);
const BASE_WINDOWS: u32 = 51;
/** Windows that one verification builds: a divisor of all. */
const BASE_SHARE: u32 = 3;

/** Decodes the key at `io` and leaves its negative there: 0, 1 for no canonical point, 2 for one of small order. */
export function decodeKey(): i32 {
  if (decodeTwo(AFFINE, KEY, AFFINE + PAIR, KEY) == 0) return 1;
  fromAffine(U, AFFINE);
  timesEight(V, U);
  if (hasZeroX(V)) return 2;
  negateLane(AFFINE, 0);
  copy(MINUS_KEY, AFFINE);
  return 0;
}

/** Builds the table of minus the key, `tableBytes` bytes aligned to 16. */
export function buildKeyTable(table: usize): void {
  fromAffine(U, MINUS_KEY);
  buildTable(table, U, 33, 4);
}

/** Starts the hash of alpha, which comes in chunks. `suite` is 3 or 4. */
export function begin(suite: u32): void {
  store<u32>(SUITE, suite);
  hashStart();
  if (suite == TRY_AND_INCREMENT) {
    hashByte(suite);
    hashByte(1);
  } else {
    // A block of zeros begins expand_message_xmd (RFC 9380 section 5.3.1).
    for (let at = 0; at < 128; at++) hashByte(0);
  }
  hashBytes(KEY, 32);
}

export function absorb(count: usize): void {
  hashBytes(CHUNK, count);
}

/**
 * Verifies the proof at `io` for the alpha that was absorbed; `table` is that of minus the key, or 0. Where the answer is 0 or
 * 4, the encodings of H, U, V and 8 Gamma are at `io`; where it is 0, beta is too.
 */
export function verify(table: usize): i32 {
  if (!isBelowOrder(SCALAR)) return S_RANGE;
  const code = load<u32>(SUITE) == TRY_AND_INCREMENT ? tryAndIncrement() : elligator();
  if (code != VALID) return code;
  sparseDigits(S_DIGITS, SCALAR, 256, 5);
  sparseDigits(C_DIGITS, C, 128, 4);
  multiplyKeyAndBase(table);
  oddMultiples(H_ODD, H, 8);
  oddMultiples(OTHER_ODD, POINT_GAMMA, 4);
  addBySparse(V, S_DIGITS, H_ODD, C_DIGITS, OTHER_ODD);
  timesEight(CLEARED, POINT_GAMMA);
  encode();
  hashStart();
  hashByte(load<u32>(SUITE));
  hashByte(2);
  hashBytes(KEY, 32);
  hashBytes(ENCODED, 32);
  hashBytes(GAMMA, 32);
  hashBytes(ENCODED + 32, 64);
  hashByte(0);
  hashEnd(HASHES);
  if (load<u64>(HASHES) != load<u64>(C) || load<u64>(HASHES, 8) != load<u64>(C, 8)) return CHALLENGE;
  hashStart();
  hashByte(load<u32>(SUITE));
  hashByte(3);
  hashBytes(ENCODED + 96, 32);
  hashByte(0);
  hashEnd(BETA);
  return VALID;
}

/** Gamma and H, whose first candidate is decoded beside Gamma. */
function tryAndIncrement(): i32 {
  hashKeep();
  candidate(0, HASHES);
  const found = decodeTwo(AFFINE, GAMMA, AFFINE + PAIR, HASHES);
  if ((found & 1) == 0) return GAMMA_ENCODING;
  fromAffine(POINT_GAMMA, AFFINE);
  if ((found & 2) != 0 && isHashPoint(AFFINE + PAIR)) return VALID;
  // 255 is the last counter; its neighbour wraps to 0, which has been refused already.
  for (let counter: u32 = 1; counter < 256; counter += 2) {
    if (tryTwo(counter)) return VALID;
  }
  return NO_HASH_POINT;
}

/** Gamma and H by Elligator 2, with one power for both. */
function elligator(): i32 {
  // The message ends with the 48 bytes asked for and a zero; the tag closes each of the two hashes.
  hashByte(0);
  hashByte(48);
  hashByte(0);
  hashBytes(TAG, 41);
  hashEnd(HASHES);
  hashStart();
  hashBytes(HASHES, 64);
  hashByte(1);
  hashBytes(TAG, 41);
  hashEnd(HASHES);
  mapStart(INVERSE, HASHES);
  if (!decodeOneBeside(AFFINE, GAMMA, INVERSE)) return GAMMA_ENCODING;
  fromAffine(POINT_GAMMA, AFFINE);
  mapEnd(H, INVERSE);
  timesEight(H, H);
  return VALID;
}

/** U = s B - c Y, by tables where they are there. */
function multiplyKeyAndBase(table: usize): void {
  if (load<u32>(BASE_BUILT) < BASE_WINDOWS) {
    buildBaseShare();
    multiplyWithoutTables();
    return;
  }
  if (table != 0) {
    setIdentity(U);
    addByTable(U, table, C, 128, 33, 4);
  } else {
    fromAffine(V, MINUS_KEY);
    oddMultiples(OTHER_ODD, V, 4);
    addOneSparse(U, C_DIGITS, OTHER_ODD);
  }
  addByTable(U, BASE, SCALAR, 256, BASE_WINDOWS, 5);
}

/** The whole table takes milliseconds in code that is not optimized yet, so the first verifications build a part each. */
function buildBaseShare(): void {
  const built = load<u32>(BASE_BUILT);
  if (built == 0) setBase(BASE_NEXT);
  memory.copy(U, BASE_NEXT, 160);
  buildTable(BASE + built * BASE_WINDOW, U, BASE_SHARE, 5);
  // Both only now: a stack overflow may have ended it before.
  memory.copy(BASE_NEXT, U, 160);
  store<u32>(BASE_BUILT, built + BASE_SHARE);
}

function multiplyWithoutTables(): void {
  setBase(U);
  oddMultiples(H_ODD, U, 8);
  copy(AFFINE, MINUS_KEY);
  negateLane(AFFINE, 0);
  fromAffine(U, AFFINE);
  oddMultiples(OTHER_ODD, U, 4);
  addBySparse(U, S_DIGITS, H_ODD, C_DIGITS, OTHER_ODD);
}

/** The hash value for one counter: only its first half becomes a point. */
function candidate(counter: u32, out: usize): void {
  hashBack();
  hashByte(counter);
  hashByte(0);
  hashEnd(out);
}

function tryTwo(counter: u32): bool {
  candidate(counter, HASHES);
  candidate(counter + 1, HASHES + 64);
  return usable(HASHES, HASHES + 64);
}

/** Whether one of two hash values is a usable point; H is 8 times the first that is. */
export function usable(first: usize, second: usize): bool {
  const found = decodeTwo(AFFINE, first, AFFINE + PAIR, second);
  return ((found & 1) != 0 && isHashPoint(AFFINE)) || ((found & 2) != 0 && isHashPoint(AFFINE + PAIR));
}

/** H = 8 times a decoded point, unless that is the identity. */
function isHashPoint(xy: usize): bool {
  fromAffine(H, xy);
  timesEight(H, H);
  return !hasZeroX(H);
}

const Z_FIRST: usize = memory.data(80, 16);
const Z_LAST: usize = memory.data(80, 16);
const PRODUCT: usize = memory.data(80, 16);
const SWAPPED: usize = memory.data(80, 16);
const INVERSE: usize = memory.data(80, 16);
const ONE_Z: usize = memory.data(80, 16);

/** Encodes H, U, V and 8 Gamma with one inversion for their four Z. No Z is zero: the formulas are complete. */
function encode(): void {
  copyLane(Z_FIRST, 0, H + PAIR, 0);
  copyLane(Z_FIRST, 1, U + PAIR, 0);
  copyLane(Z_LAST, 0, V + PAIR, 0);
  copyLane(Z_LAST, 1, CLEARED + PAIR, 0);
  mul(PRODUCT, Z_FIRST, Z_LAST);
  swap(SWAPPED, PRODUCT);
  mul(INVERSE, PRODUCT, SWAPPED);
  toBytes(ENCODED, INVERSE, 0);
  invertBytes(ENCODED);
  fromBytes(INVERSE, 0, ENCODED);
  fromBytes(INVERSE, 1, ENCODED);
  mul(INVERSE, INVERSE, SWAPPED);
  mul(Z_LAST, Z_LAST, INVERSE);
  mul(Z_FIRST, Z_FIRST, INVERSE);
  encodeOne(ENCODED, H, Z_LAST, 0);
  encodeOne(ENCODED + 32, U, Z_LAST, 1);
  encodeOne(ENCODED + 64, V, Z_FIRST, 0);
  encodeOne(ENCODED + 96, CLEARED, Z_FIRST, 1);
}

function encodeOne(out: usize, point: usize, inverses: usize, lane: usize): void {
  copyLane(ONE_Z, 0, inverses, lane);
  copyLane(ONE_Z, 1, inverses, lane);
  mul(ONE_Z, point, ONE_Z);
  toBytes(out, ONE_Z, 0);
  const sign = load<u8>(out) << 7;
  toBytes(out, ONE_Z, 1);
  store<u8>(out, load<u8>(out, 31) | sign, 31);
}

// For tests of the parts; addresses are the caller's.
export { mul, sqr, fromBytes, toBytes } from './field';
export { invertBytes } from './invert';
export { decodeTwo } from './point';
export { isBelowOrder } from './scalar';
