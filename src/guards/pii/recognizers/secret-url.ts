import { codeAt, isWordPart } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { passwordConfidence } from './secret-doubt.ts';

/** Characters of a name and a password that are looked at. */
const LONGEST_USERINFO = 512;
const LONGEST_SCHEME = 32;
const LONGEST_HOST = 255;

const SLASH = 0x2f;
const AT = 0x40;

/**
 * A URL with a password, up to the end of its host (RFC 3986 section 3.2): `postgres://jo:s3cr3t@db.example.org`; or the
 * data source name of a Go driver, `jo:s3cr3t@tcp(db:3306)`. Passwords of which everybody sees that they are none, like
 * `${PASSWORD}` and `user:password`, do not count.
 */
export function urlAt(text: string, at: number, back: number): Candidate | undefined {
  const first = Math.max(back, at - LONGEST_USERINFO);
  let from = at;
  while (from > first && isAuthorityPart(codeAt(text, from - 1))) from--;
  if (from === at) return undefined;
  const start = schemeStart(text, from, back);
  if (start < 0) return goSource(text, from, at);
  const last = lastAt(text, at);
  return candidate(text, start, from, last, hostEnd(text, last + 1));
}

function candidate(text: string, start: number, from: number, at: number, end: number): Candidate | undefined {
  const userInfo = text.slice(from, at);
  const colon = userInfo.indexOf(':');
  if (colon < 0 || colon === userInfo.length - 1) return undefined;
  const user = userInfo.slice(0, colon);
  const password = userInfo.slice(colon + 1);
  // A host and its port before an `@` that belongs to something else.
  if (/[.]|^localhost$/.test(user) && /^[0-9]{1,5}$/.test(password)) return undefined;
  const confidence = passwordConfidence(user, password);
  return confidence === 0 ? undefined : { start, end, confidence };
}

/** The begin of the scheme whose `://` ends at `from`, or -1. */
function schemeStart(text: string, from: number, back: number): number {
  const colon = from - 3;
  if (colon <= back || codeAt(text, from - 1) !== SLASH || !text.startsWith('://', colon)) return -1;
  const first = Math.max(back, colon - LONGEST_SCHEME);
  let start = colon;
  while (start > first && isSchemePart(codeAt(text, start - 1))) start--;
  // What begins in the middle of a word leaves a part of it that could be a value.
  if (start > back && isSchemePart(codeAt(text, start - 1))) return from;
  // Digits that the scheme grew together with go with it.
  while (start < colon && !isWordPart(codeAt(text, start))) start++;
  return /[a-z]/i.test(text.slice(start, colon)) ? start : -1;
}

/** People write `@` into passwords as it is: the last one before the host counts. */
function lastAt(text: string, at: number): number {
  let last = at;
  for (let i = at + 1; i < at + LONGEST_USERINFO; i++) {
    const code = codeAt(text, i);
    if (code === AT) last = i;
    else if (!isAuthorityPart(code)) break;
  }
  return last;
}

function hostEnd(text: string, from: number): number {
  if (codeAt(text, from) === 0x5b) {
    const literal = /\[[0-9a-fA-F:.]{2,45}(?:%[\w.-]{1,20})?\]/y;
    literal.lastIndex = from;
    return literal.test(text) ? literal.lastIndex : from;
  }
  let end = from;
  while (end < from + LONGEST_HOST && isHostPart(codeAt(text, end))) end++;
  while (end > from && !isWordPart(codeAt(text, end - 1))) end--;
  return end;
}

const GO_ADDRESS = /@(?:tcp|unix)\([^\s()"'[\]]{0,255}\)/y;

function goSource(text: string, from: number, at: number): Candidate | undefined {
  const network = codeAt(text, at + 1);
  if (network !== 0x74 && network !== 0x75) return undefined;
  GO_ADDRESS.lastIndex = at;
  return GO_ADDRESS.test(text) ? candidate(text, from, from, at, GO_ADDRESS.lastIndex) : undefined;
}

/** ASCII characters that may be part of an authority: not what people put around URLs and placeholders. */
export const AUTHORITY_PARTS: string = Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 0x21))
  .filter((char) => !'@/?#"\'<>[]{}\\`'.includes(char))
  .join('');

const AUTHORITY: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  AUTHORITY_PARTS.includes(String.fromCharCode(code)) ? 1 : 0,
);

function isAuthorityPart(code: number): boolean {
  return code < 128 ? AUTHORITY[code] === 1 : isWordPart(code);
}

function isHostPart(code: number): boolean {
  return isWordPart(code) || code === 0x2d || code === 0x2e;
}

/** RFC 3986 has `-` and `.` too; they are likelier to part it from what is before. */
function isSchemePart(code: number): boolean {
  return code < 128 && (isWordPart(code) || code === 0x2b);
}
