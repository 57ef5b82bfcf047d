import { type Decoded, decoder } from './decode.ts';

/** Digits that a value which is a number has at least, and at most. */
export const FEWEST_DIGITS = 7;
const MOST_DIGITS = 24;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The digits of a JSON number that is whole, however it is written: those that stand there, and those that a parser to doubles
 * makes of them, where these are others. `4.2e1` is 42, and so is 41.9999999999999999. Empty for any other number.
 */
export function integersOf(token: string): readonly string[] {
  // Most numbers have few digits before the point and no exponent: they are told from the rest by two looks.
  const point = token.indexOf('.');
  if (!/[eE]/.test(token)) {
    if (point < 0) return [token.startsWith('-') ? token.slice(1) : token];
    if (point < FEWEST_DIGITS) return [];
  }
  const match = NUMBER.exec(token);
  if (match === null) return [];
  const exact = wholeDigits(match[1]!, match[2] ?? '', Number(match[3] ?? 0));
  const value = Math.abs(Number(token));
  const rounded = Number.isInteger(value) && value < 1e21 ? String(BigInt(value)) : undefined;
  return [...new Set([exact, rounded])].filter((digits) => digits !== undefined);
}

function wholeDigits(whole: string, fraction: string, exponent: number): string | undefined {
  const digits = (whole + fraction).replace(/^0+/, '');
  const shift = exponent - fraction.length;
  if (shift >= 0) return digits.length + shift <= MOST_DIGITS ? digits + '0'.repeat(shift) : undefined;
  const end = digits.length + shift;
  if (end <= 0 || end > MOST_DIGITS || /[1-9]/.test(digits.slice(end))) return undefined;
  return digits.slice(0, end);
}

/** Numbers with a fraction or an exponent, not inside a word. They begin where digits do, so looking for them is linear. */
const WRITTEN = /(?<![\w.])\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![\w.])/g;

/**
 * A text with the whole numbers in it written as digits: JSON that no strict parser takes may be read by a laxer one.
 * Linear.
 */
export function decodeNumbers(source: string): Decoded | undefined {
  const decoded = decoder(source);
  let any = false;
  for (const match of source.matchAll(WRITTEN)) {
    const [digits] = integersOf(match[0]);
    if (digits === undefined) continue;
    any = true;
    decoded.add(match.index, match[0].length, digits);
  }
  return any ? decoded.finish() : undefined;
}
