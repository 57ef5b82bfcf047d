import { closesNumber } from '../chars.ts';
import { ibanAround } from './iban.ts';
import type { Candidate } from './recognizer.ts';

/** A candidate made of digits: spoiled where something follows that makes it part of more, and inside an IBAN. */
export function numberCandidate(
  text: string,
  start: number,
  end: number,
  confidence: number,
  floor: number,
): Candidate {
  const iban = ibanAround(text, start, floor);
  if (iban >= 0) return { start, end: Math.max(end, iban), confidence, spoiled: true };
  return { start, end, confidence, spoiled: !closesNumber(text, end) };
}
