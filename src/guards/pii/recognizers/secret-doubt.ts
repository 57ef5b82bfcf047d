import { isAsciiLetter, isDigit } from '../chars.ts';

/** Confidence of what has the form of a secret and is meant to be read: an example, a row of `x`. */
export const PLACEHOLDER = 0.2;

const MEANT_TO_BE_READ =
  /example|placeholder|changeme|redacted|sample|dummy|fake|your|insert|[_-]here|abcdefgh|12345678|0123456|deadbeef/i;
/** The same character so often in a row is no chance. */
const ROW = 6;

/** Whether the body of a key, in ASCII, is one that stands in for another. Linear. */
export function isPlaceholderBody(body: string): boolean {
  const seen = new Int32Array(4);
  let distinct = 0;
  let row = 0;
  let last = -1;
  for (let i = 0; i < body.length; i++) {
    const code = body.charCodeAt(i) & 127;
    row = code === last ? row + 1 : 1;
    if (row === ROW) return true;
    last = code;
    const bit = 1 << (code & 31);
    if ((seen[code >> 5]! & bit) === 0) distinct++;
    seen[code >> 5]! |= bit;
  }
  return distinct < Math.min(6, body.length / 2) || MEANT_TO_BE_READ.test(body);
}

/** Of characters drawn by lot, how many follow one of another kind: small letter, capital or digit. 0.62 on average. */
const CHANGES = 0.45;

/** Whether a body looks drawn by lot, unlike a name that somebody gave. It holds letters and digits. */
export function isMixed(body: string): boolean {
  let digits = 0;
  let letters = 0;
  let changes = 0;
  let last = 0;
  for (let i = 0; i < body.length; i++) {
    const kind = kindOf(body.charCodeAt(i));
    if (kind === 0) continue;
    if (kind === DIGIT) digits++;
    else letters++;
    if (last !== 0 && kind !== last) changes++;
    last = kind;
  }
  if (digits === 0 || letters === 0) return false;
  return (digits >= 3 && changes >= 3) || digits >= 8 || changes >= CHANGES * (digits + letters);
}

const DIGIT = 1;

function kindOf(code: number): number {
  if (isDigit(code)) return DIGIT;
  if (!isAsciiLetter(code)) return 0;
  return code < 0x61 ? 2 : 3;
}

const PASSWORD_WORD =
  /^(?:(?:my|your|the|some|db|database|user|account)[-_ ]?)?(?:pass(?:word|wd|phrase)?|pwd|pw)(?:[-_ ]?here)?$/i;
const STAND_IN =
  /^(?:[*x.•_#-]+|\$\w+|[%\ufffd]\w+%?|:\w+|change[-_]?(?:me|it|this)|redacted|removed|hidden|masked|null|undefined|none|nil|true|false)$/i;
const USER_WORD = /^(?:(?:my|your|the|some|db)[-_ ]?)?(?:user(?:[-_ ]?name|[-_ ]?id)?|usr|login|name|account|u)?$/i;

/** How much a password in a URL or a connection string is one: 0 for `user:password`, `${PASS}` and `***`. */
export function passwordConfidence(user: string, password: string): number {
  if (STAND_IN.test(password)) return 0;
  if (PASSWORD_WORD.test(password)) return USER_WORD.test(user) ? 0 : PLACEHOLDER;
  return password === user || password.length < 4 || /^(?:secret|token|test|example)$/i.test(password) ? 0.4 : 0.95;
}
