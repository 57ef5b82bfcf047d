import { codeAt, countDigits, isBlank, isHyphen } from '../chars.ts';
import { DOCUMENTATION_CONFIDENCE, isWithdrawnSsn } from './documentation.ts';
import { numberCandidate } from './number.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** United States social security number: `123-45-6789`, one separator used twice. Bare digits are too weak. */
export const ssn: Recognizer = {
  type: 'ssn',
  rule: 'pii/ssn',
  anchors: '0',
  runs: [3],
  separators: ' -.',
  opens: ({ second }) => second === 2,
  find,
};

function find(text: string, at: number, floor: number): Candidate | undefined {
  if (countDigits(text, at + 4, 3) !== 2 || countDigits(text, at + 7, 5) !== 4) {
    return undefined;
  }
  const separator = codeAt(text, at + 3);
  if (separator !== codeAt(text, at + 6)) return undefined;
  const confidence = confidenceOf(separator);
  if (confidence === 0 || !isIssued(text, at)) return undefined;
  const digits = text.slice(at, at + 3) + text.slice(at + 4, at + 6) + text.slice(at + 7, at + 11);
  const sure = isWithdrawnSsn(digits) ? DOCUMENTATION_CONFIDENCE : confidence;
  return numberCandidate(text, at, at + 11, sure, floor, ':');
}

function confidenceOf(separator: number): number {
  if (isHyphen(separator)) return 0.9;
  if (isBlank(separator)) return 0.7;
  return separator === 0x2e ? 0.6 : 0;
}

/** SSA POMS RM 10201.035: area not 000, 666 or 900 to 999; group not 00; serial not 0000. */
function isIssued(text: string, at: number): boolean {
  const area = text.slice(at, at + 3);
  if (area === '000' || area === '666' || area >= '900') return false;
  return !text.startsWith('00', at + 4) && !text.startsWith('0000', at + 7);
}
