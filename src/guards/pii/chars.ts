import { lazy } from '../../lazy.ts';

/** Questions about UTF-16 code units. {@link EDGE}, what is outside a text, is none of these. */

/** Stands for what is outside a text: U+FFFF is no character. */
export const EDGE = 0xffff;

/**
 * The code unit at `at`, or {@link EDGE} outside the text. `charCodeAt` gives `NaN` there, and where it has once done so, the
 * engine calculates with floating point numbers ever after.
 */
export function codeAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? text.charCodeAt(at) : EDGE;
}

const DIGIT = 1;
const LETTER = 2;
const HEX = 4;
const LOCAL = 8;
/** Part of a word: see {@link isWordPart}. */
export const WORD = 16;
export const HYPHEN = 32;
/** Says nothing of a number after it. */
export const NEUTRAL = 64;
/** From this bit on: which of {@link SEPARATORS} a character is, counted from 1; 0 for any other. */
const SEPARATOR_SHIFT = 8;

/** What may stand between two groups of digits, a blank and a hyphen for all of their kind. */
export const SEPARATORS = ' -./()';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const LETTERS_AND_DIGITS: string = `0123456789${LETTERS}`;

const CLASSES: Uint16Array = classes();

function classes(): Uint16Array {
  const table = new Uint16Array(128).fill(NEUTRAL);
  const mark = (chars: string, bits: number): void => {
    for (let at = 0; at < chars.length; at++) table[chars.charCodeAt(at)]! |= bits;
  };
  mark('0123456789', DIGIT | HEX | WORD | LOCAL);
  mark(LETTERS, LETTER | WORD | LOCAL);
  mark('abcdefABCDEF', HEX);
  mark('_', WORD | LOCAL);
  mark(".%+-'", LOCAL);
  mark('-', HYPHEN);
  const notNeutral = `${LETTERS_AND_DIGITS}_+-.`;
  for (let at = 0; at < notNeutral.length; at++) table[notNeutral.charCodeAt(at)]! &= ~NEUTRAL;
  for (let at = 0; at < SEPARATORS.length; at++) mark(SEPARATORS.charAt(at), (at + 1) << SEPARATOR_SHIFT);
  return table;
}

/** What a code unit is, as bits: {@link WORD}, {@link HYPHEN}, {@link NEUTRAL}, and what {@link separatorOf} reads. */
export function classOf(code: number): number {
  if (code < 128) return CLASSES[code]!;
  if (isBlank(code)) return CLASSES[BLANK]!;
  if (isHyphen(code)) return CLASSES[HYPHEN_MINUS]!;
  return isWordPart(code) ? WORD : NEUTRAL;
}

/** The place of a class among {@link SEPARATORS}, counted from 1; 0 for none of them. */
export function separatorOf(charClass: number): number {
  return charClass >> SEPARATOR_SHIFT;
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

const LETTER_OR_MARK = lazy(() => /[\p{L}\p{M}\p{N}]/u);

/** A letter, mark or number beyond ASCII, in the basic plane. */
export function isForeignLetter(code: number): boolean {
  return code >= 0x80 && (code < 0xd800 || code > 0xdfff) && LETTER_OR_MARK().test(String.fromCharCode(code));
}

/** First code of the scripts that border on ASCII text without a space: Hebrew, Arabic, Thai, Han and so on. */
export const FIRST_UNSPACED = 0x590;

const BLANK = 0x20;
const HYPHEN_MINUS = 0x2d;
const DOT = 0x2e;

/** Hyphen-minus, hyphen, non-breaking hyphen, figure dash, en dash, minus sign. */
export function isHyphen(code: number): boolean {
  return code === HYPHEN_MINUS || (code >= 0x2010 && code <= 0x2013) || code === 0x2212;
}

/** Space, no-break space, narrow no-break space. */
export function isBlank(code: number): boolean {
  return code === BLANK || code === 0xa0 || code === 0x202f;
}

/** Blank, hyphen or point: what stands between the groups of a number that is printed in groups. */
export function isSeparator(code: number): boolean {
  return code === DOT || isBlank(code) || isHyphen(code);
}

/** The code unit before `at`, or {@link EDGE} where what is before belongs to a value already found. */
export function before(text: string, at: number, floor: number): number {
  return at > floor ? codeAt(text, at - 1) : EDGE;
}

/** How many digits stand from `at` on, counted up to `most`. */
export function countDigits(text: string, at: number, most: number): number {
  let count = 0;
  while (count < most && isDigit(codeAt(text, at + count))) count++;
  return count;
}

/** First position from `at` that is no part of a word. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  while (isWordPart(codeAt(text, end))) end++;
  return end;
}

/**
 * Whether a number may begin at `at`: not after a letter, a sign, or the digits before a decimal point, and not in the
 * middle of an identifier that hyphens hold together.
 */
export function opensNumber(text: string, at: number, floor: number): boolean {
  const last = before(text, at, floor);
  if (last < 128 && (CLASSES[last]! & NEUTRAL) !== 0) return true;
  if (isWordPart(last) || last === 0x2b) return false;
  if (isHyphen(last)) return !isWordPart(before(text, at - 1, floor));
  if (last === DOT) return !isDigit(before(text, at - 1, floor));
  return true;
}

/** Whether a number may end before `end`. */
export function closesNumber(text: string, end: number): boolean {
  const next = codeAt(text, end);
  if (isWordPart(next)) return false;
  if (isHyphen(next)) return !isWordPart(codeAt(text, end + 1));
  if (next === DOT || next === 0x3a) return !isDigit(codeAt(text, end + 1));
  return true;
}
