/** Decimals that the numbers of a record are rounded to. */
export const NANO_DIGITS = 9;

/** The shortest decimal text of a double, taken apart: `0.d1d2d3…` is written as `d1.d2d3… × 10^exponent`. */
export interface ShortestDecimal {
  readonly negative: boolean;
  /** Significant digits without leading or trailing zeros; `'0'` for zero. */
  readonly digits: string;
  /** Power of ten of the first digit. */
  readonly exponent: number;
}

/**
 * Takes apart the shortest decimal text that reads back as the same double (ECMA-262 Number::toString; Python's
 * `repr` picks the same digits). `x` must be finite.
 *
 * @example
 * shortestDecimal(-0.00125); // { negative: true, digits: '125', exponent: -3 }
 */
export function shortestDecimal(x: number): ShortestDecimal {
  const text = Math.abs(x).toExponential();
  const e = text.indexOf('e');
  return {
    negative: x < 0 || Object.is(x, -0),
    digits: text[0] + text.slice(2, e),
    exponent: Number(text.slice(e + 1)),
  };
}

/**
 * The number in whole nano-units (1e-9), rounded half up in decimal: from the shortest decimal text, ties away from
 * zero, as Python's `ROUND_HALF_UP` does. Differences of such integers are exact, so a boundary is a boundary:
 * 1.15 - 1 is 0.1499… in doubles and 150,000,000 here. `x` must be finite; the work is bounded by the 308 decades
 * of a double.
 *
 * @throws {RangeError} if `x` is not finite.
 *
 * @example
 * toNano(1.15) - toNano(1); // 150000000n
 */
export function toNano(x: number): bigint {
  const small = smallNano(x);
  return small === undefined ? decimalNano(x) : BigInt(small);
}

/** {@link toNano} by the decimal text, digit by digit: for every finite double. */
export function decimalNano(x: number): bigint {
  if (!Number.isFinite(x)) throw new RangeError('toNano needs a finite number');
  const { negative, digits, exponent } = shortestDecimal(x);
  const kept = exponent + 1 + NANO_DIGITS;
  let magnitude: bigint;
  if (kept >= digits.length) magnitude = BigInt(digits.padEnd(kept, '0'));
  else if (kept < 0) magnitude = 0n;
  else magnitude = BigInt(digits.slice(0, kept) || '0') + (digits.charAt(kept) >= '5' ? 1n : 0n);
  return negative ? -magnitude : magnitude;
}

const NANO = 1e9;
/** Nano-units up to which {@link smallNano} is sure: less than half a unit apart, products are off by 1/512 at most. */
const SURE = 2 ** 43;
/** How near to a half a product must not come, for that, and for the shortest text to round as the double itself. */
const DOUBT = 1 / 64;

/**
 * The same as a double, for numbers that a record has; `undefined` where only the decimal text can tell. Exact: a product
 * that is not near a half rounds as the number does, since neither the multiplication nor the shortest text moves it that far.
 */
function smallNano(x: number): number | undefined {
  const product = Math.abs(x) * NANO;
  // Also false for what is not finite.
  if (!(product < SURE)) return undefined;
  const whole = Math.floor(product);
  const rest = product - whole;
  if (Math.abs(rest - 0.5) < DOUBT) return undefined;
  const nano = rest > 0.5 ? whole + 1 : whole;
  return x < 0 ? -nano : nano;
}

/**
 * The double nearest to `x` rounded to nine decimals (half up in decimal, ties away from zero). Keeps the sign of a
 * zero. `x` must be finite.
 *
 * @throws {RangeError} if `x` is not finite.
 *
 * @example
 * roundNano(0.5283208335730189); // 0.528320834
 */
export function roundNano(x: number): number {
  const small = smallNano(x);
  // One division of two exact numbers rounds once, as reading the decimal text does.
  if (small !== undefined && small !== 0) return small / NANO;
  const nano = decimalNano(x);
  if (nano === 0n) return x < 0 || Object.is(x, -0) ? -0 : 0;
  // Reading decimal text rounds correctly; a division of large integers would round twice.
  return Number(`${nano}e-${NANO_DIGITS}`);
}

/**
 * The number as decimal text with nine decimals, rounded as {@link toNano} rounds. `x` must be finite.
 *
 * @throws {RangeError} if `x` is not finite.
 *
 * @example
 * nanoText(-1.5); // '-1.500000000'
 */
export function nanoText(x: number): string {
  const nano = toNano(x);
  const digits = String(nano < 0n ? -nano : nano).padStart(NANO_DIGITS + 1, '0');
  return `${nano < 0n ? '-' : ''}${digits.slice(0, -NANO_DIGITS)}.${digits.slice(-NANO_DIGITS)}`;
}

/** Whether two numbers differ by at most `tolerance`, all three in nano-units; inclusive. */
export function isWithin(a: number, b: number, tolerance: number): boolean {
  return isAtMost(difference(a, b), tolerance);
}

function difference(a: number, b: number): number | bigint {
  const [first, second] = [smallNano(a), smallNano(b)];
  if (first !== undefined && second !== undefined) return Math.abs(first - second);
  const apart = toNano(a) - toNano(b);
  return apart < 0n ? -apart : apart;
}

/** JavaScript compares a double with a BigInt exactly. */
function isAtMost(nano: number | bigint, most: number): boolean {
  return nano <= (smallNano(most) ?? toNano(most));
}
