import { before, codeAt, countDigits, isDigit, isSeparator, isWordPart } from '../chars.ts';
import { luhn } from '../validators/luhn.ts';
import { DOCUMENTATION_CONFIDENCE } from './documentation.ts';
import { issuedLengths, possibleLengths } from './issuers.ts';
import { numberCandidate } from './number.ts';
import type { Candidate, Recognizer } from './recognizer.ts';
import { isTestCard } from './test-cards.ts';

/**
 * Payment card number (ISO/IEC 7812-1): 12 to 19 digits, bare or in the groups that cards are printed in, of an
 * issuer's range and length, with a Luhn check digit.
 */
export const creditCard: Recognizer = {
  type: 'credit_card',
  rule: 'pii/credit-card',
  anchors: '0',
  runs: [4, 6, 8, 12, 13, 14, 15, 16, 17, 18, 19],
  separators: ' -.',
  opens: ({ run, second }) => run >= SHORTEST || PRINTED_STARTS.includes(run * 16 + second),
  find,
  initials: 'B',
  findWord,
};

const SHORTEST = 12;
const LONGEST = 19;

/** Group lengths as printed, one hexadecimal digit a group. */
const PRINTED: ReadonlySet<number> = new Set([
  0x444, 0x4441, 0x4442, 0x4443, 0x4444, 0x445, 0x4446, 0x44441, 0x44442, 0x44443, 0x465, 0x464, 0x6d, 0x88,
]);

/** Their first two, the second counted up to nine digits. */
const PRINTED_STARTS: readonly number[] = [0x44, 0x46, 0x69, 0x88];

function find(text: string, at: number, floor: number, _back: number, run: number): Candidate | undefined {
  const lengths = possibleLengths(firstFour(text, at));
  if (lengths === 0) return undefined;
  if (run >= SHORTEST) {
    if (run > LONGEST || (lengths & (1 << run)) === 0) return undefined;
    return check(text, at, at + run, run, floor);
  }
  if (run !== 4 && run !== 6 && run !== 8) return undefined;
  return findGrouped(text, at, run, lengths, floor);
}

/** The first four digits as a number; 0, which nobody issues, where there are not so many. */
function firstFour(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const code = codeAt(text, i);
    if (!isDigit(code)) return 0;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** The longest row of groups that is a card number: a number may be followed by a security code or a date. */
function findGrouped(text: string, at: number, run: number, lengths: number, floor: number): Candidate | undefined {
  const separator = codeAt(text, at + run);
  if (!isSeparator(separator)) return undefined;
  let best: Candidate | undefined;
  let shape = run;
  let digits = run;
  for (let end = at + run; codeAt(text, end) === separator; ) {
    const group = countDigits(text, end + 1, LONGEST + 1 - digits);
    digits += group;
    shape = shape * 16 + group;
    end += 1 + group;
    if (group === 0 || group > 13 || digits > LONGEST) break;
    const isCard = (lengths & (1 << digits)) !== 0 && PRINTED.has(shape);
    const candidate = isCard ? check(text, at, end, digits, floor) : undefined;
    if (candidate && (best === undefined || best.spoiled || !candidate.spoiled)) best = candidate;
  }
  return best;
}

function check(text: string, start: number, end: number, digits: number, floor: number): Candidate | undefined {
  if (!luhn(text, start, end)) return undefined;
  if ((issuedLengths(firstSix(text, start)) & (1 << digits)) === 0) return undefined;
  const isTest = isTestCard(text.slice(start, end).replace(/\D/g, ''));
  const candidate = numberCandidate(text, start, end, isTest ? DOCUMENTATION_CONFIDENCE : 0.95, floor, ':');
  return candidate.spoiled && candidate.end === end && isWhole(text, end)
    ? { ...candidate, spoiled: false }
    : candidate;
}

/** `4111111111111111.0`: what tables make of numbers. */
function isWhole(text: string, end: number): boolean {
  return codeAt(text, end) === 0x2e && codeAt(text, end + 1) === 0x30 && !isNumberPart(codeAt(text, end + 2));
}

function isNumberPart(code: number): boolean {
  return isWordPart(code) || code === 0x2e;
}

/** ISO/IEC 7813, track 1 of a magnetic stripe: `%B`, the number, `^`. */
function findWord(text: string, start: number, end: number, floor: number): Candidate | undefined {
  if (codeAt(text, end) !== 0x5e || before(text, start, floor) !== 0x25) return undefined;
  const first = start + 1;
  const found = find(text, first, first, first, countDigits(text, first, LONGEST + 1));
  return found?.end === end ? found : undefined;
}

function firstSix(text: string, start: number): number {
  let value = 0;
  for (let at = start, count = 0; count < 6; at++) {
    const code = codeAt(text, at);
    if (!isDigit(code)) continue;
    value = value * 10 + code - 0x30;
    count++;
  }
  return value;
}
