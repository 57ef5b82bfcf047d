import { codeAt, EDGE, isWordPart } from '../chars.ts';
import type { Candidate, Recognizer } from './recognizer.ts';
import { bodyEnd, isIn } from './secret-alphabets.ts';
import { authorizationAt } from './secret-authorization.ts';
import { awsSecretAround } from './secret-aws.ts';
import { connectionAt } from './secret-connection.ts';
import { PLACEHOLDER } from './secret-doubt.ts';
import { SHORTEST_UNMARKED, unmarkedEnd } from './secret-forms.ts';
import { isJsonObject, jwtAt } from './secret-jwt.ts';
import { LONGEST_PEM, PEM_OPENER, pemEnd } from './secret-pem.ts';
import { closed, tokenAt } from './secret-token.ts';
import { AUTHORITY_PARTS, urlAt } from './secret-url.ts';
import { braintreeAt, telegramAt, webhookAt } from './secret-web.ts';

/**
 * What opens a door: keys with the prefix or the form of their provider, JSON Web Tokens, private keys in PEM, passwords in
 * URLs and connection strings, and the values of `Authorization`. Each form is in a file of its own.
 */
export const secret: Recognizer = {
  type: 'secret',
  rule: 'pii/secret',
  anchors: '@=-',
  // What is before `@` is part of a password; armour begins with five hyphens.
  preceded: { '@': AUTHORITY_PARTS },
  followed: { '-': '-' },
  reachesBack: true,
  find,
  initials: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0',
  findWord,
  reach: LONGEST_PEM + 2_048,
  context: {
    words: ['secret access key', 'aws secret access key', 'aws secret key', 'aws secret'],
    confidence: 0.95,
  },
  // Below is what only such a word makes a key.
  threshold: 0.15,
  opensLines: PEM_OPENER,
};

const HYPHEN = 0x2d;
const DOT = 0x2e;
const AT = 0x40;

function find(text: string, at: number, floor: number, back: number): Candidate | undefined {
  const anchor = codeAt(text, at);
  if (anchor === AT) return urlAt(text, at, back);
  if (anchor !== HYPHEN) return connectionAt(text, at, floor) ?? assignedAt(text, at + 1, floor);
  if (codeAt(text, at + 5) !== 0x42 || !text.startsWith(PEM_OPENER, at)) return undefined;
  const end = pemEnd(text, at);
  return end < 0 ? undefined : { start: at, end, confidence: 0.99 };
}

/** Keys are met at their first digit; one in thirty access key ids of AWS has none, but most are written behind a `=`. */
function assignedAt(text: string, at: number, floor: number): Candidate | undefined {
  const code = codeAt(text, at);
  const token = tokenAt(text, code === 0x22 || code === 0x27 ? at + 1 : at, floor);
  if (token === undefined || token.confidence <= PLACEHOLDER) return undefined;
  return token.spoiled ? { ...token, start: at - 1 } : token;
}

function findWord(text: string, start: number, end: number, floor: number): Candidate | undefined {
  return markedAt(text, start, end, floor) ?? awsSecretAround(text, start, end, floor);
}

/** A key that its form makes one, at a word or at what goes on in it. */
function markedAt(text: string, start: number, end: number, floor: number): Candidate | undefined {
  const own = keyAt(text, start, end, floor);
  if (start === floor || (own !== undefined && !own.spoiled)) return own;
  const last = codeAt(text, start - 1);
  if (last !== HYPHEN && last !== DOT) return after(text, start, last, floor) ?? own;
  const first = runStart(text, start, floor);
  if (first === start) return own;
  const found = startsAt(text, first, floor);
  return found !== undefined && found.end > start ? found : own;
}

/** A key whose first word stands between `start` and `end`. */
function keyAt(text: string, start: number, end: number, floor: number): Candidate | undefined {
  if (codeAt(text, end) === DOT && isJsonObject(text, start)) {
    const found = jwtAt(text, start, end);
    if (found !== undefined) return { start, ...found };
  }
  const token = tokenAt(text, start, floor);
  if (token !== undefined || end - start < SHORTEST_UNMARKED) return token;
  const unmarked = unmarkedEnd(text, start, end);
  return unmarked < 0 ? undefined : closed(text, { start, end: unmarked, confidence: 0.9 });
}

/**
 * Keys go on over hyphens and dots, and what comes first may hold no digit: `sk-proj-a1…`. Goes back to where that begins,
 * or, if a digit stands before it, which has been asked about, not at all.
 */
function runStart(text: string, start: number, floor: number): number {
  let first = start - 1;
  let code = EDGE;
  while (first > floor) {
    code = codeAt(text, first - 1);
    if (code >= 0x30 && code <= 0x39) return start;
    if (!isIn(code, 'run')) break;
    first--;
  }
  while (first < start && !isWordPart(codeAt(text, first))) first++;
  return first;
}

/** A key that begins with a word without a digit. */
function startsAt(text: string, first: number, floor: number): Candidate | undefined {
  const own = tokenAt(text, first, floor);
  if (own !== undefined) return own;
  const isHeader = isJsonObject(text, first);
  if (isHeader || codeAt(text, first + SHORTEST_UNMARKED) === DOT) {
    const found = keyAt(text, first, bodyEnd(text, first, 'word', text.length), floor);
    if (found !== undefined) return found;
  }
  return first === floor ? undefined : after(text, first, codeAt(text, first - 1), floor);
}

/** What `start` may be the begin of because of what comes before it. */
function after(text: string, start: number, last: number, floor: number): Candidate | undefined {
  if (last === 0x20) {
    const scheme = codeAt(text, start - 2) | 0x20;
    return scheme === 0x72 || scheme === 0x63 ? authorizationAt(text, start, floor) : undefined;
  }
  if (last === 0x3a) return telegramAt(text, start, floor);
  if (last === 0x2f) return webhookAt(text, start, floor);
  return last === 0x24 ? braintreeAt(text, start, floor) : undefined;
}
