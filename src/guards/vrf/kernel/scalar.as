// Scalars as bytes, little-endian: their range, their signed digits, and products by tables.

import { POINT, addEntry, double, setIdentity, subEntry, toEntry } from './point';

const ORDER: usize = memory.data<u64>([0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000]);

/** Whether 32 bytes are below the group order. */
export function isBelowOrder(bytes: usize): bool {
  for (let at: usize = 24; at <= 24; at -= 8) {
    const word = load<u64>(bytes + at);
    const limit = load<u64>(ORDER + at);
    if (word != limit) return word < limit;
  }
  return false;
}

/** One digit a bit of position: signed, odd or zero, and with at least `width - 1` zeros after each that is not zero. */
export function sparseDigits(digits: usize, scalar: usize, bits: u32, width: u32): void {
  memory.fill(digits, 0, DIGITS);
  let carry: u32 = 0;
  let position: u32 = 0;
  while (position <= bits) {
    const window = bitsAt(scalar, bits, position);
    if ((window & 1) == carry) {
      position++;
      continue;
    }
    const word = (window & ((1 << width) - 1)) + carry;
    carry = (word >> (width - 1)) & 1;
    store<i8>(digits + position, <i32>word - <i32>(carry << width));
    position += width;
  }
}

/** Bytes that digits take: 256 bits, a carry, and slack. */
export const DIGITS: usize = 264;

/** Nine bits or more from a position on; zeros past the end. */
function bitsAt(scalar: usize, bits: u32, position: u32): u32 {
  if (position >= bits) return 0;
  const at = position >> 3;
  const low = <u32>load<u8>(scalar + at);
  const high = at + 1 < bits >> 3 ? <u32>load<u8>(scalar + at, 1) : 0;
  return (low | (high << 8)) >> (position & 7);
}

/** Bytes of a window of five bits in the table of the base point, which has 51 of them over 255 bits. */
export const BASE_WINDOW: usize = 16 * POINT;
/** Bytes of the table of a key: windows of four bits over 132. */
export const KEY_TABLE: usize = 33 * 8 * POINT;

const MULTIPLE: usize = memory.data(160, 16);
const STEP: usize = memory.data(160, 16);

/** Entries 1 to 2^(width - 1) of 2^(width window) times a point, for each window; leaves the point of the window after them. */
export function buildTable(table: usize, point: usize, windows: u32, width: u32): void {
  const entries: usize = 1 << (width - 1);
  for (let window: u32 = 0; window < windows; window++) {
    const first = table;
    memory.copy(MULTIPLE, point, POINT);
    toEntry(table, MULTIPLE);
    table += POINT;
    for (let entry: usize = 1; entry < entries; entry++) {
      addEntry(MULTIPLE, MULTIPLE, first);
      toEntry(table, MULTIPLE);
      table += POINT;
    }
    double(point, MULTIPLE);
  }
}

/** sum += scalar times the point of a table: an addition a window, and no doubling. The scalar is taken as it is. */
export function addByTable(sum: usize, table: usize, scalar: usize, bits: u32, windows: u32, width: u32): void {
  let carry: u32 = 0;
  const half: u32 = 1 << (width - 1);
  for (let window: u32 = 0; window < windows; window++) {
    const digit = (bitsAt(scalar, bits, window * width) & (half + half - 1)) + carry;
    carry = digit > half ? 1 : 0;
    if (carry != 0) {
      const magnitude = half + half - digit;
      if (magnitude != 0) subEntry(sum, sum, table + (magnitude - 1) * POINT);
    } else if (digit != 0) {
      addEntry(sum, sum, table + (digit - 1) * POINT);
    }
    table += half * POINT;
  }
}

/** Entries of 1, 3, 5, ... times a point. */
export function oddMultiples(table: usize, point: usize, count: usize): void {
  double(MULTIPLE, point);
  toEntry(STEP, MULTIPLE);
  memory.copy(MULTIPLE, point, POINT);
  toEntry(table, MULTIPLE);
  for (let entry: usize = 1; entry < count; entry++) {
    table += POINT;
    addEntry(MULTIPLE, MULTIPLE, STEP);
    toEntry(table, MULTIPLE);
  }
}

/** sum += digit times the point of a table of odd multiples. */
// @ts-ignore: decorator
@inline
function addDigit(sum: usize, table: usize, digit: i32): void {
  if (digit > 0) addEntry(sum, sum, table + (<usize>digit >> 1) * POINT);
  else if (digit < 0) subEntry(sum, sum, table + (<usize>-digit >> 1) * POINT);
}

/** sum = a A from sparse digits of at most 129 positions. */
export function addOneSparse(sum: usize, a: usize, table: usize): void {
  setIdentity(sum);
  let position: usize = 128;
  while (position > 0 && load<i8>(a + position) == 0) position--;
  while (true) {
    addDigit(sum, table, load<i8>(a + position));
    if (position == 0) break;
    position--;
    double(sum, sum);
  }
}

/** sum = a A - b B from sparse digits of a and b, most significant first; doublings shared. Digits of b end at bit 128. */
export function addBySparse(sum: usize, a: usize, tableA: usize, b: usize, tableB: usize): void {
  setIdentity(sum);
  let position: usize = 256;
  while (position > 0 && load<i8>(a + position) == 0 && load<i8>(b + position) == 0) position--;
  while (true) {
    addDigit(sum, tableA, load<i8>(a + position));
    addDigit(sum, tableB, -<i32>load<i8>(b + position));
    if (position == 0) break;
    position--;
    double(sum, sum);
  }
}
