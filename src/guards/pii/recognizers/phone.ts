import { before, closesNumber, codeAt, countDigits, isBlank, isDigit, isWordPart } from '../chars.ts';
import { DOCUMENTATION_CONFIDENCE, isFictionNumber } from './documentation.ts';
import { numberCandidate } from './number.ts';
import {
  extensionEnd,
  internationalEnd,
  isHexDump,
  type NumberEnd,
  nationalEnd,
  parenthesizedEnd,
  trunkEnd,
} from './phone-forms.ts';
import { labelledEnd } from './phone-label.ts';
import type { Candidate, NumberShape, Recognizer } from './recognizer.ts';

/** Telephone number: E.164 (`+` and digits), or a national form that separators mark as one. Bare digits are no number. */
export const phone: Recognizer = {
  type: 'phone',
  rule: 'pii/phone',
  anchors: '+0',
  opens,
  followed: { '+': '0123456789' },
  find,
};

/** Any with a trunk prefix or in a parenthesis, the forms of `nationalEnd`, `tel:` and bare digits, or what a label may precede. */
function opens({ run, separator, second, isZero, isInRow }: NumberShape): boolean {
  if (isZero) return run > 1;
  // `8(9123)`, `1 (415)`, `1-415-`.
  if (run === 1) return second === 0 || (second >= 3 && second <= 5);
  if (run >= 7) return true;
  if (separator === ')') return run <= 5;
  const isLabelled = !isInRow && run <= 4 && second >= 2 && second <= 4;
  return (
    isLabelled ||
    (run === 2 && second === 5) ||
    (run === 3 && (second === 3 || second === 4)) ||
    (run === 4 && second === 3)
  );
}

const PLUS = 0x2b;
const ZERO = 0x30;
const OPEN = 0x28;
const DOT = 0x2e;
const COLON = 0x3a;

function find(text: string, at: number, floor: number, _back: number, run: number): Candidate | undefined {
  if (run === 0) return findInternational(text, at, floor);
  const isOpen = before(text, at, floor) === OPEN;
  return (isOpen ? findParenthesized(text, at, floor) : undefined) ?? findPlain(text, at, floor, run);
}

function findInternational(text: string, plus: number, floor: number): Candidate | undefined {
  const isOpen = before(text, plus, floor) === OPEN && isParenthesized(text, plus + 1);
  const start = isOpen ? plus - 1 : plus;
  const last = before(text, start, floor);
  if (isWordPart(last) || last === PLUS) return undefined;
  return finish(text, start, internationalEnd(text, plus + 1, isOpen), floor);
}

/** `(+44) 20 7946 0958`: the parenthesis belongs to the number if it closes after the calling code. */
function isParenthesized(text: string, at: number): boolean {
  return codeAt(text, at + countDigits(text, at, 4)) === 0x29;
}

function findParenthesized(text: string, at: number, floor: number): Candidate | undefined {
  if (isDigit(before(text, at - 1, floor))) return undefined;
  return finish(text, at - 1, parenthesizedEnd(text, at - 1), floor);
}

function findPlain(text: string, at: number, floor: number, run: number): Candidate | undefined {
  const found =
    codeAt(text, at) === ZERO
      ? isPartOfMore(text, at, run, floor)
        ? undefined
        : trunkEnd(text, at, run)
      : (nationalEnd(text, at, run) ?? afterTelScheme(text, at, floor, run) ?? labelledEnd(text, at, run, floor));
  if (found === undefined || isParcelNumber(text, at, floor)) return undefined;
  if (found.spoiled || isHexDump(text, at, found.end, floor)) {
    return { start: at, end: found.end, confidence: 0, spoiled: true };
  }
  return finish(text, at, found, floor);
}

/** The last groups of a row (`2024 01 15 10 30 00`, `12 045 300 000`), or digits after a point that stands alone. */
function isPartOfMore(text: string, at: number, run: number, floor: number): boolean {
  const last = before(text, at, floor);
  const previous = before(text, at - 1, floor);
  return isBlank(last) ? isDigit(previous) && isBlank(codeAt(text, at + run)) : last === DOT && !isWordPart(previous);
}

/** UPS prints its numbers in groups: `1Z 999 AA1 01 2345 6784`. */
function isParcelNumber(text: string, at: number, floor: number): boolean {
  if (at - 11 < floor || codeAt(text, at - 1) !== 0x20 || !text.startsWith('1Z ', at - 11)) return false;
  return /^[0-9A-Z]{3} [0-9A-Z]{3} $/.test(text.slice(at - 8, at));
}

/** RFC 3966: what follows `tel:` is a number, with separators or without. */
function afterTelScheme(text: string, at: number, floor: number, run: number): NumberEnd | undefined {
  if (codeAt(text, at - 1) !== COLON || at - 4 < floor) return undefined;
  if (text.slice(at - 4, at).toLowerCase() !== 'tel:') return undefined;
  if (isWordPart(before(text, at - 4, floor))) return undefined;
  return run >= 7 && run <= 15 ? { end: at + run, confidence: 0.8 } : undefined;
}

function finish(text: string, start: number, found: NumberEnd | undefined, floor: number): Candidate | undefined {
  if (found === undefined) return undefined;
  let end = extensionEnd(text, found.end);
  if (!closesNumber(text, end) && closesNumber(text, found.end)) end = found.end;
  const isFiction = isFictionNumber(text.slice(start, found.end));
  return numberCandidate(text, start, end, isFiction ? DOCUMENTATION_CONFIDENCE : found.confidence, floor);
}
