import { closesNumber, codeAt, isDigit } from '../chars.ts';
import { ibanAround } from './iban.ts';
import type { Candidate } from './recognizer.ts';

/**
 * A candidate made of digits: spoiled where something follows that makes it part of more, and inside an IBAN.
 *
 * @param mayPrecede characters that may follow with a digit after them: what the value is sure enough for
 */
export function numberCandidate(
  text: string,
  start: number,
  end: number,
  confidence: number,
  floor: number,
  mayPrecede = '',
): Candidate {
  const iban = ibanAround(text, start, floor);
  if (iban >= 0) return { start, end: Math.max(end, iban), confidence, spoiled: true };
  const closes = closesNumber(text, end) || (isDigit(codeAt(text, end + 1)) && mayPrecede.includes(text.charAt(end)));
  return { start, end, confidence, spoiled: !closes };
}
