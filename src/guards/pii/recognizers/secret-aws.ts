import { codeAt } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { isIn } from './secret-alphabets.ts';
import { isMixed, isPlaceholderBody } from './secret-doubt.ts';

const LENGTH = 40;
/** Forty characters of base64 may be anything: only a word near them makes them a key. */
const BASE = 0.1;
const EQUALS = 0x3d;

/**
 * What stands around a word may be a secret access key of Amazon Web Services: forty characters of base64, not hexadecimal,
 * with nothing of the kind beside them. It counts near `secret access key`, in the text or as the JSON key.
 */
export function awsSecretAround(text: string, start: number, end: number, floor: number): Candidate | undefined {
  let from = start;
  while (from > floor && start - from <= LENGTH && isBody(codeAt(text, from - 1))) from--;
  let to = end;
  while (to - from <= LENGTH && isBody(codeAt(text, to))) to++;
  if (to - from !== LENGTH) return undefined;
  const body = text.slice(from, to);
  if (!/[a-z]/.test(body) || !/[A-Z]/.test(body) || !isMixed(body) || isPlaceholderBody(body)) return undefined;
  return { start: from, end: to, confidence: BASE };
}

function isBody(code: number): boolean {
  return code !== EQUALS && isIn(code, 'base64');
}
