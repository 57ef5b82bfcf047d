import { before, closesNumber, countDigits, isAsciiLetter, isDigit, isHex, isHyphen, isWordPart } from '../chars.ts';
import { parseIpv4, parseIpv6, suffixEnd } from './ip-syntax.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** IPv4 and IPv6 addresses (RFC 4291 section 2.2, RFC 4007 section 11 for zones), with a prefix length if one follows. */
export const ipAddress: Recognizer = { type: 'ip_address', rule: 'pii/ip-address', anchors: '0:', find };

function find(text: string, at: number, floor: number): Candidate | undefined {
  return text.charCodeAt(at) === COLON ? findIpv6(text, at, floor) : findIpv4(text, at, floor);
}

const COLON = 0x3a;
const SLASH = 0x2f;

function findIpv4(text: string, at: number, floor: number): Candidate | undefined {
  const address = parseIpv4(text, at);
  if (address < 0 || isVersion(text, at, floor)) return undefined;
  const end = suffixEnd(text, address, 32);
  return {
    start: at,
    end,
    confidence: hasShortOctets(text, at, address) ? 0.4 : 0.85,
    spoiled: !closesAddress(text, end),
  };
}

/** `1.2.3.4` may as well number a chapter. */
function hasShortOctets(text: string, start: number, end: number): boolean {
  return end - start === 7 && text.charCodeAt(start) !== 0x30;
}

/** A range `10.0.0.1-10.0.0.9` is two addresses; `1.2.3.4-beta` is none. */
function closesAddress(text: string, end: number): boolean {
  if (isHyphen(text.charCodeAt(end)) && isDigit(text.charCodeAt(end + 1))) return true;
  return text.charCodeAt(end) === COLON ? isPort(text, end + 1) : closesNumber(text, end);
}

/** Nothing, or up to five decimal digits that are not the beginning of a word. */
function isPort(text: string, at: number): boolean {
  return !isWordPart(text.charCodeAt(at + countDigits(text, at, 5)));
}

const VERSION_WORD =
  /^(?:v|ver|version|versions|release|rev|revision|build|firmware|semver|chapter|section|clause|oid)$/i;
const LONGEST_WORD = 12;

/** `Chrome/120.0.0.0`, `version 1.2.3.4`, `version: 1.2.3.4`. */
function isVersion(text: string, at: number, floor: number): boolean {
  if (before(text, at, floor) === SLASH) return isWordPart(before(text, at - 1, floor));
  let end = at;
  while (end > floor && end > at - 3 && isWordGap(text.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > floor && start > end - LONGEST_WORD && isAsciiLetter(text.charCodeAt(start - 1))) start--;
  return start < end && VERSION_WORD.test(text.slice(start, end));
}

function isWordGap(code: number): boolean {
  return code === 0x20 || code === COLON || code === 0x3d || code === 0x2e || code === 0x22 || code === 0x27;
}

function findIpv6(text: string, at: number, floor: number): Candidate | undefined {
  const next = text.charCodeAt(at + 1);
  if (next !== COLON && !isHex(next)) return undefined;
  let start = at;
  while (start > floor && start > at - 4 && isHex(text.charCodeAt(start - 1))) start--;
  if (start === at && next !== COLON) return undefined;
  if (!opensAddress(text, start, floor)) return undefined;
  const address = parseIpv6(text, start);
  if (address < 0) return { start, end: -1 - address, confidence: 0, spoiled: true };
  const end = suffixEnd(text, address, 128);
  return { start, end, confidence: 0.9, spoiled: !closesNumber(text, end) || closesAmidColons(text, end) };
}

/** After `addr:` an address may begin; after any other colon one is already under way. */
function opensAddress(text: string, start: number, floor: number): boolean {
  const last = before(text, start, floor);
  if (isWordPart(last) || last === 0x2e) return false;
  const previous = before(text, start - 1, floor);
  if (isHyphen(last)) return !isWordPart(previous);
  return last !== COLON || !(text.charCodeAt(start) === COLON || isHex(previous) || previous === COLON);
}

function closesAmidColons(text: string, end: number): boolean {
  if (text.charCodeAt(end) !== COLON) return false;
  const next = text.charCodeAt(end + 1);
  return next === COLON || isWordPart(next);
}
