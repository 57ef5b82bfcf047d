/** Questions about UTF-16 code units. `NaN`, what `charCodeAt` gives outside a text, is none of these. */

const DIGIT = 1;
const LETTER = 2;
const HEX = 4;
const WORD = 8;
const LOCAL = 16;

const CLASSES: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  const mark = (chars: string, bits: number): void => {
    for (const char of chars) table[char.charCodeAt(0)]! |= bits;
  };
  mark('0123456789', DIGIT | HEX | WORD | LOCAL);
  mark('abcdefghijklmnopqrstuvwxyz', LETTER | WORD | LOCAL);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', LETTER | WORD | LOCAL);
  mark('abcdefABCDEF', HEX);
  mark('_', WORD | LOCAL);
  mark(".%+-'", LOCAL);
  return table;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHex(code: number): boolean {
  return code < 128 && (CLASSES[code]! & HEX) !== 0;
}

export function isAsciiLetter(code: number): boolean {
  return code < 128 && (CLASSES[code]! & LETTER) !== 0;
}

/**
 * Part of a word or an identifier: ASCII letter, digit, underscore; Latin, Greek and Cyrillic letters. Scripts that
 * are written without spaces, or that take ASCII values in without one, are not: a value may stand right beside them.
 */
export function isWordPart(code: number): boolean {
  if (code < 128) return (CLASSES[code]! & WORD) !== 0;
  if (code < 0xc0 || code >= 0x530 || code === 0xd7 || code === 0xf7) return false;
  // Modifier letters and combining marks: one behind a value must not hide it.
  return code < 0x2b0 || code > 0x36f;
}

/** May stand in the local part of an e-mail address, as far as ASCII goes. */
export function isAsciiLocal(code: number): boolean {
  return code < 128 && (CLASSES[code]! & LOCAL) !== 0;
}

const LETTER_OR_MARK = /[\p{L}\p{M}\p{N}]/u;

/** A letter, mark or number beyond ASCII, in the basic plane. */
export function isForeignLetter(code: number): boolean {
  return code >= 0x80 && (code < 0xd800 || code > 0xdfff) && LETTER_OR_MARK.test(String.fromCharCode(code));
}

/** First code of the scripts that border on ASCII text without a space: Hebrew, Arabic, Thai, Han and so on. */
export const FIRST_UNSPACED = 0x590;

const HYPHEN = 0x2d;
const DOT = 0x2e;

/** Hyphen-minus, hyphen, non-breaking hyphen, figure dash, en dash, minus sign. */
export function isHyphen(code: number): boolean {
  return code === HYPHEN || (code >= 0x2010 && code <= 0x2013) || code === 0x2212;
}

/** Space, no-break space, narrow no-break space. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x202f;
}

/** May stand between two groups of digits: blank, hyphen, `.`, `/`, `(`, `)`. */
export function isGroupEnd(code: number): boolean {
  return isBlank(code) || isHyphen(code) || code === DOT || code === 0x2f || code === 0x28 || code === 0x29;
}

/** The code unit before `at`, or `NaN` where what is before belongs to a value already found. */
export function before(text: string, at: number, floor: number): number {
  return at > floor ? text.charCodeAt(at - 1) : Number.NaN;
}

/** First position from `at` that holds no digit. */
export function digitsEnd(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** How many digits stand from `at` on, counted up to `most`. */
export function countDigits(text: string, at: number, most: number): number {
  let count = 0;
  while (count < most && isDigit(text.charCodeAt(at + count))) count++;
  return count;
}

/** First position from `at` that is no part of a word. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  while (isWordPart(text.charCodeAt(end))) end++;
  return end;
}

/**
 * Whether a number may begin at `at`: not after a letter, a sign, or the digits before a decimal point, and not in the
 * middle of an identifier that hyphens hold together.
 */
export function opensNumber(text: string, at: number, floor: number): boolean {
  const last = before(text, at, floor);
  if (isWordPart(last) || last === 0x2b) return false;
  if (isHyphen(last)) return !isWordPart(before(text, at - 1, floor));
  if (last === DOT) return !isDigit(before(text, at - 1, floor));
  return true;
}

/** Whether a number may end before `end`. */
export function closesNumber(text: string, end: number): boolean {
  const next = text.charCodeAt(end);
  if (isWordPart(next)) return false;
  if (isHyphen(next)) return !isWordPart(text.charCodeAt(end + 1));
  if (next === DOT || next === 0x3a) return !isDigit(text.charCodeAt(end + 1));
  return true;
}
