import {
  before,
  closesNumber,
  codeAt,
  countDigits,
  isAsciiLetter,
  isDigit,
  isHex,
  isHyphen,
  isWordPart,
} from '../chars.ts';
import type { Codes } from '../codes.ts';
import { DOCUMENTATION_CONFIDENCE, isDocumentationAddress } from './documentation.ts';
import { parseIpv4, parseIpv6, suffixEnd } from './ip-syntax.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** IPv4 and IPv6 addresses (RFC 4291 section 2.2, RFC 4007 section 11 for zones), with a prefix length if one follows. */
export const ipAddress: Recognizer = {
  type: 'ip_address',
  rule: 'pii/ip-address',
  anchors: '0:',
  runs: [1, 2, 3],
  separators: '.',
  opens: ({ second }) => second >= 1 && second <= 3,
  followed: { ':': ':0123456789abcdefABCDEF' },
  // Without a group before it, an address begins with two.
  followedApart: { ':': ':' },
  glances: { ':': mayOpen },
  find,
};

/**
 * Whether an address may begin with the colon at `at` or the hex digits before it. Amid colons one is under way; and without
 * a gap or an IPv4 address at its end, one has seven of them.
 */
function mayOpen(codes: Codes, at: number, floor: number, end: number): boolean {
  let start = at;
  while (start > floor && start > at - 4 && isHex(codes[start - 1]!)) start--;
  if (start - 1 > floor && codes[start - 1] === COLON) {
    const previous = codes[start - 2]!;
    // `ip6:` may stand before one.
    if (previous !== SIX && (start === at || previous === COLON || isHex(previous))) return false;
  }
  let colons = 0;
  const last = at + LONGEST_GROUPS < end ? at + LONGEST_GROUPS : end;
  for (let i = at; i < last; i++) {
    const code = codes[i]!;
    if (code === DOT || (code === COLON && codes[i - 1] === COLON)) return true;
    if (code === COLON) colons++;
    else if (!isHex(code)) break;
  }
  return colons >= 7;
}

/** Seven groups of four, a colon before each. */
const LONGEST_GROUPS = 35;

function find(text: string, at: number, floor: number): Candidate | undefined {
  return codeAt(text, at) === COLON ? findIpv6(text, at, floor) : findIpv4(text, at, floor);
}

const COLON = 0x3a;
const SIX = 0x36;
const DOT = 0x2e;
const SLASH = 0x2f;

function findIpv4(text: string, at: number, floor: number): Candidate | undefined {
  const address = parseIpv4(text, at);
  if (address < 0 || isVersion(text, at, floor)) return undefined;
  const end = suffixEnd(text, address, 32);
  return {
    start: at,
    end,
    confidence: confidenceOf(text, at, address, hasShortOctets(text, at, address) ? 0.4 : 0.85),
    spoiled: !closesAddress(text, end),
  };
}

function confidenceOf(text: string, start: number, end: number, otherwise: number): number {
  return isDocumentationAddress(text.slice(start, end)) ? DOCUMENTATION_CONFIDENCE : otherwise;
}

/** `1.2.3.4` may as well number a chapter. */
function hasShortOctets(text: string, start: number, end: number): boolean {
  return end - start === 7 && codeAt(text, start) !== 0x30;
}

/** A range `10.0.0.1-10.0.0.9` is two addresses; `1.2.3.4-beta` is none. */
function closesAddress(text: string, end: number): boolean {
  if (isHyphen(codeAt(text, end)) && isDigit(codeAt(text, end + 1))) return true;
  return codeAt(text, end) === COLON ? isPort(text, end + 1) : closesNumber(text, end);
}

/** Nothing, or up to five decimal digits that are not the beginning of a word. */
function isPort(text: string, at: number): boolean {
  return !isWordPart(codeAt(text, at + countDigits(text, at, 5)));
}

const VERSION_WORD =
  /^(?:v|ver|versions|release|rev|revision|build|firmware|semver|oid|chapter|section|clause|article|paragraph|kapitel|abschnitt|artikel|ziffer|absatz|capitolo|articolo|[a-z]*version)$/i;
const LONGEST_WORD = 16;
/** Between such a word and the number, in characters: `": "`. */
const LONGEST_GAP = 4;

/** `Chrome/120.0.0.0`, `version 1.2.3.4`, `"version": "1.2.3.4"`, `AssemblyVersion("1.2.3.4")`. */
function isVersion(text: string, at: number, floor: number): boolean {
  if (before(text, at, floor) === SLASH) return isWordPart(before(text, at - 1, floor));
  let end = at;
  while (end > floor && end > at - LONGEST_GAP && isWordGap(codeAt(text, end - 1))) end--;
  let start = end;
  while (start > floor && start > end - LONGEST_WORD && isAsciiLetter(codeAt(text, start - 1))) start--;
  return start < end && VERSION_WORD.test(text.slice(start, end));
}

function isWordGap(code: number): boolean {
  return (
    code === 0x20 || code === COLON || code === 0x3d || code === 0x2e || code === 0x22 || code === 0x27 || code === 0x28
  );
}

function findIpv6(text: string, at: number, floor: number): Candidate | undefined {
  const next = codeAt(text, at + 1);
  const last = before(text, at, floor);
  // Amid colons an address is under way, but for `ip6:::1`.
  if (last === COLON && before(text, at - 1, floor) !== SIX) return undefined;
  if (last === 0x5b && isBracketedGap(text, at, floor))
    return { start: at, end: at + 2, confidence: DOCUMENTATION_CONFIDENCE };
  let start = at;
  while (start > floor && start > at - 4 && isHex(codeAt(text, start - 1))) start--;
  if (start === at && next !== COLON) return undefined;
  if (!opensAddress(text, start, floor)) return undefined;
  const address = parseIpv6(text, start);
  if (address < 0) return { start, end: -1 - address, confidence: 0, spoiled: true };
  const end = suffixEnd(text, address, 128);
  const confidence = confidenceOf(text, start, address, 0.9);
  return { start, end, confidence, spoiled: !closesNumber(text, end) || closesAmidColons(text, end) };
}

/** `[::]` is the unspecified address, unless it takes a slice of what stands before. */
function isBracketedGap(text: string, at: number, floor: number): boolean {
  if (!text.startsWith('::]', at)) return false;
  const last = before(text, at - 1, floor);
  return !isWordPart(last) && last !== 0x29 && last !== 0x5d;
}

/** `IPv6:` in mail headers, `ip6:` in SPF records: RFC 5321, RFC 7208. */
function followsFamily(text: string, start: number, floor: number): boolean {
  return (
    start - 4 >= floor &&
    codeAt(text, start - 2) === SIX &&
    /(?:^|[^a-z])ipv?6:$/i.test(text.slice(Math.max(floor, start - 6), start))
  );
}

/** After `addr:` an address may begin; after any other colon one is already under way. */
function opensAddress(text: string, start: number, floor: number): boolean {
  const last = before(text, start, floor);
  if (isWordPart(last) || last === 0x2e) return false;
  const previous = before(text, start - 1, floor);
  if (isHyphen(last)) return !isWordPart(previous);
  if (last === COLON && followsFamily(text, start, floor)) return true;
  return last !== COLON || !(codeAt(text, start) === COLON || isHex(previous) || previous === COLON);
}

function closesAmidColons(text: string, end: number): boolean {
  if (codeAt(text, end) !== COLON) return false;
  const next = codeAt(text, end + 1);
  return next === COLON || isWordPart(next);
}
