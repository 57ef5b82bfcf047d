import { codeAt } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { isIn } from './secret-alphabets.ts';
import { isMixed, isPlaceholderBody, PLACEHOLDER, passwordConfidence } from './secret-doubt.ts';

/** `b64token`, RFC 6750 section 2.1. */
const TOKEN = /[A-Za-z0-9._~+/-]{20,4096}={0,2}/y;
const SHORTEST_TOKEN = 20;
const CREDENTIALS = /[A-Za-z0-9+/]{6,1024}={0,2}/y;
const PAIR = /^([\x20-\x39\x3b-\x7e]*):([\x20-\x7e\x80-\xff]+)$/;

/**
 * What follows `Bearer ` (RFC 6750), if it looks drawn by lot, or `Basic ` (RFC 7617), if it is base64 of a name and a
 * password.
 */
export function authorizationAt(text: string, start: number, floor: number): Candidate | undefined {
  if (follows(text, 'bearer ', start, floor)) return bearerAt(text, start);
  return follows(text, 'basic ', start, floor) ? basicAt(text, start) : undefined;
}

function follows(text: string, scheme: string, start: number, floor: number): boolean {
  const from = start - scheme.length;
  if (from < floor || text.slice(from, start).toLowerCase() !== scheme) return false;
  return from === floor || !/\w/.test(text.charAt(from - 1));
}

function bearerAt(text: string, start: number): Candidate | undefined {
  TOKEN.lastIndex = start;
  const token = TOKEN.exec(text)?.[0].replace(/[.]+$/, '');
  if (token === undefined || token.length < SHORTEST_TOKEN) return undefined;
  const confidence = isPlaceholderBody(token) ? PLACEHOLDER : 0.85;
  return { start, end: start + token.length, confidence, spoiled: !isMixed(token) };
}

function basicAt(text: string, start: number): Candidate | undefined {
  CREDENTIALS.lastIndex = start;
  const found = CREDENTIALS.exec(text)?.[0];
  if (found === undefined) return undefined;
  const end = start + found.length;
  const confidence = pairConfidence(found.replace(/=+$/, ''));
  const goesOn = isIn(codeAt(text, end), 'base64') || isIn(codeAt(text, end), 'url');
  return { start, end: goesOn ? end + 1 : end, confidence, spoiled: goesOn || confidence === 0 };
}

/** How much base64 is that of a name, a colon and a password; 0 if it is not. */
function pairConfidence(base64: string): number {
  const pair = base64.length % 4 === 1 ? null : PAIR.exec(atob(base64));
  return pair === null ? 0 : Math.max(PLACEHOLDER, passwordConfidence(pair[1]!, pair[2]!));
}
