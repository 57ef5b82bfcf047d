import {
  before,
  closesNumber,
  codeAt,
  countDigits,
  isBlank,
  isDigit,
  isHex,
  isHyphen,
  isSeparator,
  isWordPart,
} from '../chars.ts';
import { callingCode, isNationalLength } from './calling-codes.ts';

/** Where a number in some form ends, before any extension. */
export interface NumberEnd {
  readonly end: number;
  readonly confidence: number;
  /** What follows makes it part of a longer row of groups. */
  readonly spoiled?: boolean;
}

const ZERO = 0x30;
const ONE = 0x31;
const TWO = 0x32;
const EIGHT = 0x38;
const OPEN = 0x28;
const CLOSE = 0x29;
const DOT = 0x2e;
const SLASH = 0x2f;

/** Digits of an international number, ITU-T E.164. */
const MOST_DIGITS = 15;
/** Countries that dial the leading zero from abroad too. */
const KEEPS_ZERO: ReadonlySet<number> = new Set([39, 225, 241, 242, 378, 379]);
const NORTH_AMERICA = 1;

/**
 * The end of the international number whose calling code begins at `at`: groups of digits as long as the country's
 * plan allows, one separator between two groups, `(0)` not counted. `isOpen`: a parenthesis stands before the plus
 * sign. Looks at some 60 characters at most.
 */
export function internationalEnd(text: string, at: number, isOpen = false): NumberEnd | undefined {
  const code = callingCode(text, at);
  if (code === 0) return undefined;
  const run = countDigits(text, at, MOST_DIGITS + 1);
  if (run > MOST_DIGITS) return undefined;
  const codeLength = code < 10 ? 1 : code < 100 ? 2 : 3;
  let end = at + run;
  /** Digits of the national number so far, and where it begins. */
  let national = run - codeLength;
  let first = at + codeLength;
  let open = isOpen;
  let best = -1;
  for (let gaps = 0; gaps < MOST_DIGITS; gaps++) {
    // `+35236450.61` is an amount; `+1.4155552671` is not, for its point stands after the calling code.
    const isDecimal = gaps === 1 && run > codeLength && codeAt(text, at + run) === DOT;
    const isEnd = !isDecimal && national > 0 && isNational(text, code, first, national);
    if (isEnd && (best < 0 || !closesNumber(text, best) || closesNumber(text, end))) best = end;
    const closes = codeAt(text, end) === CLOSE;
    if (closes && !open) break;
    const next = nextGroup(text, end);
    const opens = codeAt(text, next - 1) === OPEN;
    open = opens || (open && !closes);
    const group = countDigits(text, next, MOST_DIGITS + 1);
    if (group === 0 || codeLength + national + group > MOST_DIGITS + 1) break;
    end = next + group;
    if (opens && group === 1 && codeAt(text, next) === ZERO) continue;
    if (national === 0) first = next;
    national += group;
  }
  return best < 0 ? undefined : { end: best, confidence: code === 1 ? 0.9 : 0.85 };
}

/** Whether so many digits from `first` on, separators not counted, may be a number of the country. */
function isNational(text: string, code: number, first: number, digits: number): boolean {
  const isZero = codeAt(text, first) === ZERO;
  if (code === NORTH_AMERICA && !isAtLeastTwo(codeAt(text, first))) return false;
  if (!isZero) return isNationalLength(code, digits);
  let second = first + 1;
  while (digits > 1 && !isDigit(codeAt(text, second))) second++;
  if (digits > 1 && codeAt(text, second) === ZERO) return false;
  return isNationalLength(code, KEEPS_ZERO.has(code) ? digits : digits - 1);
}

function isAtLeastTwo(code: number): boolean {
  return isDigit(code) && code >= TWO;
}

/** Where the next group may begin: after one separator, a parenthesis, or both. */
function nextGroup(text: string, end: number): number {
  let at = end;
  if (codeAt(text, at) === CLOSE) {
    at++;
    if (isBlank(codeAt(text, at)) || isHyphen(codeAt(text, at))) at++;
    return at;
  }
  if (isSeparator(codeAt(text, at)) || codeAt(text, at) === SLASH) at++;
  if (codeAt(text, at) === OPEN) at++;
  return at;
}

/** Blanks and hyphens of every kind, as {@link isBlank} and {@link isHyphen} know them, for a class. */
const BLANKS = ' \\u00a0\\u202f';
const HYPHENS = '\\u2010-\\u2013\\u2212-';
const SEP = `[.${BLANKS}${HYPHENS}]`;
const GAP = `[${BLANKS}${HYPHENS}]`;
/** North American plan: `415-555-2671`, `1 (415) 555-2671`. */
const NANP = new RegExp(
  `(?:1${SEP}?(?=\\()|1${SEP})?(?:\\((\\d{3})\\)${SEP}{0,2}|(\\d{3})(?:${SEP}|/))(\\d{3})(${SEP})\\d{4}(?!\\d)`,
  'y',
);
/** China: `138-1234-5678`. */
const CHINA = new RegExp(`1[3-9]\\d(${GAP})\\d{4}\\1\\d{4}(?!\\d)`, 'y');
/** Brazil: `11 91234-5678`. */
const BRAZIL = new RegExp(`[1-9]\\d[${BLANKS}]9\\d{4}[${HYPHENS}]\\d{4}(?!\\d)`, 'y');

/** Australia: `1800 975 707`, `1300-975-707`; not `1800 200 000`, a year and a round number. */
const AUSTRALIA = new RegExp(`1[38]00(${GAP})\\d{3}\\1(?!000)\\d{3}(?!\\d)`, 'y');
/** Russia, with its trunk prefix: `8 (912) 345-67-89`, `8-800-200-12-34`. */
const RUSSIA = new RegExp(
  `8${GAP}?(?:\\(\\d{3,5}\\)${GAP}?\\d{1,3}|\\d{3}${GAP}\\d{3})[${HYPHENS}]\\d{2}[${HYPHENS}]\\d{2}(?!\\d)`,
  'y',
);

/** The end of a national number that begins with neither zero nor a parenthesis, or `undefined`. */
export function nationalEnd(text: string, at: number, run: number): NumberEnd | undefined {
  // The lengths of the first two groups say which form it can be; most texts with digits have none of these.
  if (run > 4) return undefined;
  if (run === 1) {
    if (codeAt(text, at) === EIGHT) return formEnd(text, at, RUSSIA);
    return mayFollowOne(text, at) ? northAmericanEnd(text, at) : undefined;
  }
  const second = countDigits(text, at + run + 1, 6);
  if (run === 2 && second === 5) return formEnd(text, at, BRAZIL);
  if (run === 4 && second === 3) return formEnd(text, at, AUSTRALIA);
  if (run !== 3) return undefined;
  if (second === 4) return formEnd(text, at, CHINA);
  return second === 3 && countDigits(text, at + 8, 5) === 4 ? northAmericanEnd(text, at) : undefined;
}

/** `1-800-…`, `1(800)…`, `1 (800)…`. */
function mayFollowOne(text: string, at: number): boolean {
  if (codeAt(text, at) !== ONE) return false;
  return codeAt(text, at + 1) === OPEN || codeAt(text, at + 2) === OPEN || countDigits(text, at + 2, 4) === 3;
}

function formEnd(text: string, at: number, form: RegExp): NumberEnd | undefined {
  form.lastIndex = at;
  return form.test(text) ? { end: form.lastIndex, confidence: 0.7 } : undefined;
}

function northAmericanEnd(text: string, at: number): NumberEnd | undefined {
  NANP.lastIndex = at;
  const match = NANP.exec(text);
  if (match === null) return undefined;
  // `429-970.2816` are three numbers of a drawing, and so are `277.764 1035`.
  const isPointFirst = match[2] !== undefined && text.charAt(at + match[0].length - 9) === '.';
  if (match[4] === '.' && match[2] !== undefined && !isPointFirst) return undefined;
  if (isPointFirst && isBlank((match[4] ?? '').charCodeAt(0))) return undefined;
  const confidence = confidenceOfNanp(match[1] ?? match[2] ?? '', match[3] ?? '', match[4] ?? '');
  return confidence === 0 ? undefined : { end: at + match[0].length, confidence };
}

/** Area and exchange begin with 2 to 9; people make up numbers that do not, and print them as examples. */
function confidenceOfNanp(area: string, exchange: string, separator: string): number {
  if (area >= '200') return exchange >= '200' ? 0.85 : 0.7;
  return area === '000' || isBlank(separator.charCodeAt(0)) ? 0 : 0.5;
}

/** The end of a number with its area code in the parenthesis at `at`: `(415) 555-2671`, `(030) 123456`. */
export function parenthesizedEnd(text: string, at: number): NumberEnd | undefined {
  const north = northAmericanEnd(text, at);
  if (north !== undefined) return north;
  const area = countDigits(text, at + 1, 6);
  if (area < 2 || area > 5 || codeAt(text, at + 1 + area) !== CLOSE) return undefined;
  const close = at + 2 + area;
  const first = isBlank(codeAt(text, close)) ? close + 1 : close;
  const run = countDigits(text, first, 9);
  if (run < 2 || run > 8) return undefined;
  return groupsEnd(text, first + run, area + run, run);
}

/** The end of a national number with its trunk prefix: `020 7946 0958`, `0171/1234567`, or `00` and a country. */
export function trunkEnd(text: string, at: number, run: number): NumberEnd | undefined {
  const second = codeAt(text, at + 1);
  if (second === ZERO) {
    const found = codeAt(text, at + 2) === ZERO ? undefined : internationalEnd(text, at + 2);
    return found && { end: found.end, confidence: 0.7 };
  }
  if (run < 2 || run > 6) return undefined;
  const next = codeAt(text, at + run);
  if ((!isSeparator(next) && next !== SLASH) || isDate(text, at)) return undefined;
  // `069 / 90009 123`: Germany and Austria write blanks around the slash.
  const then = at + run + (run > 2 && text.startsWith(' / ', at + run) ? 3 : 1);
  const group = countDigits(text, then, 9);
  if (group < 2 || group > 8 || (run === 5 && group === 4)) return undefined; // 02110-1301 is a postal code.
  // `078-05-1120` is a social security number.
  if (run === 3 && group === 2 && isHyphen(next) && countDigits(text, then + 3, 5) === 4) return undefined;
  return groupsEnd(text, then + group, run + group, group, codeAt(text, at + 1) === EIGHT ? 12 : MOST_NATIONAL);
}

const LEAST_NATIONAL = 9;
const MOST_NATIONAL = 11;

/** Goes on over groups with one kind of separator, to the last one at which a national number may end. */
function groupsEnd(
  text: string,
  from: number,
  digitsBefore: number,
  groupBefore: number,
  most = MOST_NATIONAL,
): NumberEnd | undefined {
  const separator = codeAt(text, from);
  let end = from;
  let digits = digitsBefore;
  let group = groupBefore;
  let previous = 0;
  let best = -1;
  for (;;) {
    const isEnd = digits >= LEAST_NATIONAL && (group > 2 || (group === 2 && previous <= 3 && previous > 0));
    if (isEnd && (best < 0 || !closesNumber(text, best) || closesNumber(text, end))) best = end;
    if (codeAt(text, end) !== separator || !isSeparator(separator)) break;
    previous = group;
    group = countDigits(text, end + 1, most);
    digits += group;
    if (group === 0 || digits > most) break;
    end += 1 + group;
  }
  return best < 0 ? undefined : { end: best, confidence: 0.65 };
}

/** `05 12 2024`: a day or a month, the other, and a year of this century or the last. */
const DATE = /0[1-9]([-./ ])(?:0[1-9]|[12]\d|3[01])\1(?:19|20)\d\d(?!\d)/y;

function isDate(text: string, at: number): boolean {
  DATE.lastIndex = at;
  return DATE.test(text);
}

/** `01 02 03`: bytes, counted up. */
const COUNTED = /0\d([-. ])0\d(?:\1)0\d/y;

/** Whether pairs of digits from `start` to `end` are bytes in hexadecimal: other bytes stand beside them. */
export function isHexDump(text: string, start: number, end: number, floor: number): boolean {
  if (countDigits(text, start, 3) !== 2 || countDigits(text, start + 3, 3) !== 2) return false;
  COUNTED.lastIndex = start;
  if (COUNTED.test(text)) return true;
  const separator = codeAt(text, start + 2);
  if (codeAt(text, end) === separator && isPair(text, end + 1, floor)) return true;
  return before(text, start, floor) === separator && isPair(text, start - 3, floor);
}

function isPair(text: string, at: number, floor: number): boolean {
  if (at < floor || !isHex(codeAt(text, at)) || !isHex(codeAt(text, at + 1))) return false;
  return !isWordPart(before(text, at, floor)) && !isWordPart(codeAt(text, at + 2));
}

/** RFC 3966 `;ext=`, and what people write: `x12`, `ext. 12`, `extension 12`, `#12`. */
const EXTENSION = /(?:[ \u00a0]?;ext=|,?[ \u00a0]{0,2}(?:ext(?:ension|n)?\.?|x|#)[ \u00a0:.]{0,2})\d{1,7}(?!\d)/iy;

/** The end of an extension at `end`, or `end`. */
export function extensionEnd(text: string, end: number): number {
  const next = codeAt(text, end);
  if (!isBlank(next) && !isExtensionStart(next)) return end;
  EXTENSION.lastIndex = end;
  return EXTENSION.test(text) ? EXTENSION.lastIndex : end;
}

/** `,` `;` `#` `e` `x`, either case. */
function isExtensionStart(code: number): boolean {
  return code === 0x2c || code === 0x3b || code === 0x23 || (code | 0x20) === 0x65 || (code | 0x20) === 0x78;
}
