import { FIRST_UNSPACED, isAsciiLocal, isForeignLetter } from '../chars.ts';
import { parseDomain } from './domain.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** E-mail address, internationalised too (RFC 5321, RFC 6531), without quoted local parts and domain literals. */
export const email: Recognizer = { type: 'email', rule: 'pii/email', anchors: '@', reachesBack: true, find };

/** Octets of a local part, RFC 5321 section 4.5.3.1.1; counted in code units, because text is scanned, not sent. */
const LONGEST_LOCAL = 64;

function find(text: string, at: number, floor: number, back: number): Candidate | undefined {
  const start = localStart(text, at, back);
  if (start < 0) return undefined;
  const domain = parseDomain(text, at + 1);
  if (domain.read === at + 1) return undefined;
  const spoiled = domain.end < 0 || isUserInfo(text, start, floor) || isScpPath(text, start, at, domain.end);
  return { start, end: spoiled ? domain.read : domain.end, confidence: domain.isAscii ? 0.95 : 0.85, spoiled };
}

/** Where the local part that ends before `at` begins, or -1 if there is none. */
function localStart(text: string, at: number, back: number): number {
  const last = text.charCodeAt(at - 1);
  if (at <= back || last === DOT) return -1;
  // Beside Thai or Han text, an address in ASCII begins where ASCII begins.
  const stop = last < FIRST_UNSPACED ? FIRST_UNSPACED : 0xffff;
  let start = at;
  while (start > back) {
    const code = text.charCodeAt(start - 1);
    if (!isAsciiLocal(code) && !(code < stop && isForeignLetter(code))) break;
    if (code === DOT && text.charCodeAt(start) === DOT) {
      // An ellipsis ends a sentence; two dots are no address.
      if (start - 2 < back || text.charCodeAt(start - 2) !== DOT) return -1;
      break;
    }
    if (at - --start > LONGEST_LOCAL) return -1;
  }
  while (start < at && isLeadingMark(text.charCodeAt(start))) start++;
  return start < at ? start : -1;
}

const DOT = 0x2e;

/** `.`, `%`, `+`, `-` and `'` are more likely around an address than its first character. */
function isLeadingMark(code: number): boolean {
  return code === DOT || code === 0x25 || code === 0x2b || code === 0x2d || code === 0x27;
}

/** `https://user@host`: what is before the `@` names an account, and the host is no mail domain. */
function isUserInfo(text: string, start: number, floor: number): boolean {
  let at = start;
  while (at > floor && isAuthorityPart(text.charCodeAt(at - 1))) at--;
  const scheme = at - 3;
  return scheme >= floor && text.startsWith('//', at - 2) && isSchemeEnd(text, scheme, floor);
}

function isSchemeEnd(text: string, colon: number, floor: number): boolean {
  return text.charCodeAt(colon) === 0x3a && colon > floor && /[a-z0-9]/i.test(text.charAt(colon - 1));
}

const NOT_AUTHORITY = /[\s/?#@"'<>()[\]{}\\^`|,]/;

function isAuthorityPart(code: number): boolean {
  return !NOT_AUTHORITY.test(String.fromCharCode(code));
}

/** `git@host:group/project` is a place, not a person. */
function isScpPath(text: string, start: number, at: number, end: number): boolean {
  return at - start === 3 && text.startsWith('git', start) && text.charCodeAt(end) === 0x3a;
}
