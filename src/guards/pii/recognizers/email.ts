import { codeAt, FIRST_UNSPACED, isAsciiLocal, isForeignLetter, LETTERS_AND_DIGITS } from '../chars.ts';
import { DOCUMENTATION_CONFIDENCE, isReservedDomain } from './documentation.ts';
import { type Domain, parseDomain } from './domain.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** E-mail address, internationalised too (RFC 5321, RFC 6531), without quoted local parts and domain literals. */
export const email: Recognizer = {
  type: 'email',
  rule: 'pii/email',
  anchors: '@',
  preceded: { '@': `${LETTERS_AND_DIGITS}_.%+-'` },
  followed: { '@': LETTERS_AND_DIGITS },
  reachesBack: true,
  find,
};

/** Octets of a local part, RFC 5321 section 4.5.3.1.1; counted in code units, because text is scanned, not sent. */
const LONGEST_LOCAL = 64;

function find(text: string, at: number, floor: number, back: number): Candidate | undefined {
  const local = localStart(text, at, back);
  if (local < 0) return undefined;
  const domain = parseDomain(text, at + 1);
  if (domain.read === at + 1) return undefined;
  const start = domain.end < 0 ? local : local + emphasis(text, local, at, domain.end);
  const spoiled =
    domain.end < 0 ||
    isUserInfo(text, start, floor) ||
    isScpPath(text, start, at, domain.end) ||
    FILE_OR_UNIT.test(text.slice(at + 1, domain.end));
  return { start, end: spoiled ? domain.read : domain.end, confidence: confidenceOf(text, at, domain), spoiled };
}

function confidenceOf(text: string, at: number, { end, isAscii }: Domain): number {
  if (end > 0 && isReservedDomain(text.slice(at + 1, end))) return DOCUMENTATION_CONFIDENCE;
  return isAscii ? 0.95 : 0.85;
}

/** How many underscores at `start` close again at `end`: `_a@b.com_`, `__a@b.com__` in Markdown. */
function emphasis(text: string, start: number, at: number, end: number): number {
  let count = 0;
  while (count < 2 && codeAt(text, start + count) === UNDERSCORE && codeAt(text, end + count) === UNDERSCORE) count++;
  return start + count < at ? count : 0;
}

/**
 * What files and systemd units end with, and no top-level domain is called: `getty@tty1.service`, `logo@dark.png`. After
 * a whole domain, as in `me@example.com.png`, it changes nothing.
 */
const FILE_OR_UNIT =
  /^[^.]*\.(?:service|socket|timer|slice|scope|mount|png|jpe?g|gif|webp|svg|[jt]sx?|json|html|css|xml|ya?ml|txt|log)$/i;

/** Where the local part that ends before `at` begins, or -1 if there is none. */
function localStart(text: string, at: number, back: number): number {
  const last = codeAt(text, at - 1);
  if (at <= back || last === DOT) return -1;
  // Beside Thai or Han text, an address in ASCII begins where ASCII begins.
  const stop = last < FIRST_UNSPACED ? FIRST_UNSPACED : 0xffff;
  let start = at;
  while (start > back) {
    const code = codeAt(text, start - 1);
    if (!isAsciiLocal(code) && !(code < stop && isForeignLetter(code))) break;
    if (code === DOT && codeAt(text, start) === DOT) {
      // An ellipsis ends a sentence; two dots are no address.
      if (start - 2 < back || codeAt(text, start - 2) !== DOT) return -1;
      break;
    }
    if (at - --start > LONGEST_LOCAL) return -1;
  }
  while (start < at && isLeadingMark(codeAt(text, start))) start++;
  return start < at ? start : -1;
}

const DOT = 0x2e;
const UNDERSCORE = 0x5f;

/** `.`, `%`, `+`, `-` and `'` are more likely around an address than its first character. */
function isLeadingMark(code: number): boolean {
  return code === DOT || code === 0x25 || code === 0x2b || code === 0x2d || code === 0x27;
}

/** Characters of userinfo that are looked back over. */
const LONGEST_USERINFO = 512;

/** `https://user@host`: what is before the `@` names an account, and the host is no mail domain. */
function isUserInfo(text: string, start: number, floor: number): boolean {
  let at = start;
  const first = Math.max(floor, start - LONGEST_USERINFO);
  while (at > first && isAuthorityPart(codeAt(text, at - 1))) at--;
  const scheme = at - 3;
  return scheme >= floor && text.startsWith('//', at - 2) && isSchemeEnd(text, scheme, floor);
}

/** Letters of the longest scheme that is looked for. */
const LONGEST_SCHEME = 16;

/** RFC 3986 section 3.1: a scheme begins with a letter. `1://jane@example.org` holds an address. */
function isSchemeEnd(text: string, colon: number, floor: number): boolean {
  const first = Math.max(floor, colon - LONGEST_SCHEME);
  return codeAt(text, colon) === 0x3a && /[a-z][a-z0-9+.-]*$/i.test(text.slice(first, colon));
}

const NOT_AUTHORITY = /[\s/?#@"'<>()[\]{}\\^`|,]/;

function isAuthorityPart(code: number): boolean {
  return !NOT_AUTHORITY.test(String.fromCharCode(code));
}

/** `git@host:group/project` and `me@host:/path` are places, not persons. */
function isScpPath(text: string, start: number, at: number, end: number): boolean {
  if (codeAt(text, end) !== 0x3a) return false;
  const next = codeAt(text, end + 1);
  return next === 0x2f || next === 0x7e || (at - start === 3 && text.startsWith('git', start));
}
