import { isDate } from '../validators/calendar.ts';
import { monthOf } from './month-names.ts';

type Place = readonly [start: number, end: number];

/** Years in which a person of whom something is written may be born. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2049;

const HYPHEN = '[-\\u2010-\\u2013\\u2212]';
const BLANK = '[ \\u00a0\\u202f]';
const MONTH = '[A-Za-z\\u00c0-\\u017f]{3,12}';

/** `1980-03-12`, `1980. 3. 12.` */
const YEAR_FIRST = new RegExp(`(\\d{4})(${HYPHEN}|/|\\.${BLANK}?)(\\d{1,2})\\2(\\d{1,2})(?!\\d)`, 'y');
/** `12.03.1980`, `3/12/80`, `12 03 1980` */
const YEAR_LAST = new RegExp(`(\\d{1,2})(${HYPHEN}|/|\\.${BLANK}?|${BLANK})(\\d{1,2})\\2(\\d{4}|\\d{2})(?!\\d)`, 'y');
/** `12 March 1980`, `12th of March, 1980`, `12-Mar-80`, `12. März 1980`, `1er janvier 1980`, `12 de marzo de 1980` */
const NAMED = new RegExp(
  `(\\d{1,2})(?:st|nd|rd|th|er|º|ª)?\\.?(?:${BLANK}|${HYPHEN}|/)?(?:of${BLANK}|de${BLANK})?(${MONTH})\\.?,?(?:${BLANK}|${HYPHEN}|/)?(?:de${BLANK}|del${BLANK})?(\\d{4}|\\d{2})(?!\\d)`,
  'y',
);
/** `19800312`, `12031980` */
const BARE = /(\d{2})(\d{2})(\d{2})(\d{2})(?!\d)/y;

/** The date that begins at `at`. */
export function dateAt(text: string, at: number): Place | undefined {
  const yearFirst = match(YEAR_FIRST, text, at);
  if (yearFirst !== null) {
    const [whole, year, , month, day] = yearFirst;
    return isBirthDate(year!, Number(month), Number(day)) ? [at, at + whole.length] : undefined;
  }
  const yearLast = match(YEAR_LAST, text, at);
  if (yearLast !== null) {
    const [whole, first, , second, year] = yearLast;
    return isEitherOrder(year!, Number(first), Number(second)) ? [at, at + whole.length] : undefined;
  }
  const named = match(NAMED, text, at);
  if (named !== null) {
    const [whole, day, month, year] = named;
    return isBirthDate(year!, monthOf(month!), Number(day)) ? [at, at + whole.length] : undefined;
  }
  const bare = match(BARE, text, at);
  if (bare === null) return undefined;
  const [whole, a, b, c, d] = bare;
  const isBare = isBirthDate(a! + b!, Number(c), Number(d)) || isEitherOrder(c! + d!, Number(a), Number(b));
  return isBare ? [at, at + whole.length] : undefined;
}

/** After the day: `, 1980`, `th 1980`. */
const DAY_YEAR = new RegExp(`(\\d{1,2})(?:st|nd|rd|th)?(?:,${BLANK}?|${BLANK}|${HYPHEN})(\\d{4})(?!\\d)`, 'y');
/** Before it: `March `, `Mar. `, `Mar-`. */
const MONTH_BEFORE = new RegExp(`(?<![A-Za-z\\u00c0-\\u017f\\d_])(${MONTH})\\.?(?:${BLANK}|${HYPHEN})$`);
const LONGEST_MONTH = 15;

/** The date whose day begins at `at`, after its month: `March 12, 1980`. */
export function dateAround(text: string, at: number, floor: number): Place | undefined {
  const dayYear = match(DAY_YEAR, text, at);
  if (dayYear === null) return undefined;
  const before = MONTH_BEFORE.exec(text.slice(Math.max(floor, at - LONGEST_MONTH), at));
  if (before === null) return undefined;
  const [whole, day, year] = dayYear;
  return isBirthDate(year!, monthOf(before[1]!), Number(day)) ? [at - before[0].length, at + whole.length] : undefined;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isEitherOrder(year: string, first: number, second: number): boolean {
  return isBirthDate(year, first, second) || isBirthDate(year, second, first);
}

/** A year of two digits may be of either century. */
function isBirthDate(year: string, month: number, day: number): boolean {
  const value = Number(year);
  if (year.length === 2) return isDate(2000 + value, month, day) || isDate(1900 + value, month, day);
  return value >= FIRST_YEAR && value <= LAST_YEAR && isDate(value, month, day);
}
