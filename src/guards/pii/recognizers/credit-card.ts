import { countDigits, isBlank, isDigit, isHyphen } from '../chars.ts';
import { luhn } from '../validators/luhn.ts';
import { isIssuedDigit, issuedLengths } from './issuers.ts';
import { numberCandidate } from './number.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * Payment card number (ISO/IEC 7812-1): 12 to 19 digits, bare or in the groups that cards are printed in, of an
 * issuer's range and length, with a Luhn check digit.
 */
export const creditCard: Recognizer = { type: 'credit_card', rule: 'pii/credit-card', anchors: '0', find };

const SHORTEST = 12;
const LONGEST = 19;

/** Group lengths as printed, one hexadecimal digit a group. */
const PRINTED: ReadonlySet<number> = new Set([
  0x444, 0x4441, 0x4442, 0x4443, 0x4444, 0x445, 0x4446, 0x44441, 0x44442, 0x44443, 0x465, 0x464, 0x6d, 0x88,
]);

function find(text: string, at: number, floor: number): Candidate | undefined {
  if (!isIssuedDigit(text.charCodeAt(at) - 0x30)) return undefined;
  const run = countDigits(text, at, LONGEST + 1);
  if (run >= SHORTEST) return run > LONGEST ? undefined : check(text, at, at + run, run, floor);
  if (run !== 4 && run !== 6 && run !== 8) return undefined;
  return findGrouped(text, at, run, floor);
}

/** The longest row of groups that is a card number: a number may be followed by a security code or a date. */
function findGrouped(text: string, at: number, run: number, floor: number): Candidate | undefined {
  const separator = text.charCodeAt(at + run);
  if (!isBlank(separator) && !isHyphen(separator) && separator !== 0x2e) return undefined;
  let best: Candidate | undefined;
  let shape = run;
  let digits = run;
  for (let end = at + run; text.charCodeAt(end) === separator; ) {
    const group = countDigits(text, end + 1, LONGEST + 1 - digits);
    digits += group;
    shape = shape * 16 + group;
    end += 1 + group;
    if (group === 0 || group > 13 || digits > LONGEST) break;
    const candidate = PRINTED.has(shape) ? check(text, at, end, digits, floor) : undefined;
    if (candidate && (best === undefined || best.spoiled || !candidate.spoiled)) best = candidate;
  }
  return best;
}

function check(text: string, start: number, end: number, digits: number, floor: number): Candidate | undefined {
  if ((issuedLengths(firstSix(text, start)) & (1 << digits)) === 0) return undefined;
  if (!luhn(text, start, end)) return undefined;
  return numberCandidate(text, start, end, 0.95, floor);
}

function firstSix(text: string, start: number): number {
  let value = 0;
  for (let at = start, count = 0; count < 6; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) continue;
    value = value * 10 + code - 0x30;
    count++;
  }
  return value;
}
