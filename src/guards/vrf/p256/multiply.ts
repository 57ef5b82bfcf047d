import { add, double, INFINITY, type Jacobian, negate, normalize } from './jacobian.ts';

/** Width of a window of a long scalar, in bits: 8 odd multiples. */
const LONG_WINDOW = 5;
/** Width of a window of a challenge: 4 odd multiples. */
const SHORT_WINDOW = 4;
/** Bits from which the wider window pays for its table. */
const LONG_BITS = 160;

/** A point as a table that multiplies it by public scalars. */
export type Multiplier = (scalar: bigint) => Jacobian;

/**
 * The sum of points, each times a public scalar of any size from 0: one chain of doublings for all of them, with
 * digits in the width-w non-adjacent form, and tables that share one inversion. Variable time.
 */
export function sumOfProducts(terms: readonly (readonly [point: Jacobian, scalar: bigint])[]): Jacobian {
  const widths = terms.map(([, scalar]) => (scalar >> BigInt(LONG_BITS) === 0n ? SHORT_WINDOW : LONG_WINDOW));
  const digits = terms.map(([, scalar], i) => nonAdjacentForm(scalar, widths[i]!));
  const flat = normalize(terms.flatMap(([point], i) => oddMultiples(point, 2 ** (widths[i]! - 2))));
  let end = 0;
  const tables = widths.map((width) => {
    const start = end;
    end += 2 ** (width - 2);
    return flat.slice(start, end);
  });

  let sum = INFINITY;
  for (let at = Math.max(0, ...digits.map(({ length }) => length)) - 1; at >= 0; at--) {
    sum = double(sum);
    for (const [i, table] of tables.entries()) {
      const digit = digits[i]![at] ?? 0;
      if (digit > 0) sum = add(sum, table[digit >> 1]!);
      else if (digit < 0) sum = add(sum, negate(table[-digit >> 1]!));
    }
  }
  return sum;
}

/** 1, 3, 5 … times a point. */
function oddMultiples(point: Jacobian, count: number): Jacobian[] {
  const twice = double(point);
  const out = [point];
  while (out.length < count) out.push(add(out.at(-1)!, twice));
  return out;
}

/** Digits from the lowest on, each 0 or odd and below 2^(width − 1) in size; between two odd ones are width − 1 zeros. */
export function nonAdjacentForm(scalar: bigint, width: number): Int8Array {
  const bits = scalar.toString(2);
  const digits = new Int8Array(bits.length + 1);
  const bitAt = (place: number): number => (bits.charCodeAt(bits.length - 1 - place) === 49 ? 1 : 0);
  let carry = 0;
  for (let place = 0; place < digits.length; ) {
    const low = bitAt(place) + carry;
    if (low !== 1) {
      carry = low >> 1;
      place++;
      continue;
    }
    let digit = 1;
    for (let i = 1; i < width; i++) digit += bitAt(place + i) << i;
    carry = digit >> (width - 1);
    digits[place] = digit - (carry << width);
    place += width;
  }
  return digits;
}

/**
 * Precomputes a point for scalars below 2^bits: windows of 1 to 2^(width − 1) times 2^(width·window), so that a product
 * is an addition a window and no doubling. Variable time: public scalars only.
 */
export function fixedMultiplier(point: Jacobian, bits: number, width: number): Multiplier {
  const half = 2 ** (width - 1);
  const points: Jacobian[] = [];
  let base = point;
  // One window more, for the carry of the last.
  for (let window = 0; window <= Math.ceil(bits / width); window++) {
    let multiple = base;
    for (let digit = 1; digit < half; digit++) {
      points.push(multiple);
      multiple = add(multiple, base);
    }
    points.push(multiple);
    base = double(multiple);
  }
  const table = normalize(points);
  const mask = (1n << BigInt(width)) - 1n;
  const shift = BigInt(width);
  return (scalar) => {
    let rest = scalar;
    let sum = INFINITY;
    for (let start = 0; rest !== 0n; start += half) {
      const digit = Number(rest & mask);
      rest >>= shift;
      if (digit > half) {
        sum = add(sum, negate(table[start + 2 * half - digit - 1]!));
        rest += 1n;
      } else if (digit > 0) {
        sum = add(sum, table[start + digit - 1]!);
      }
    }
    return sum;
  };
}
