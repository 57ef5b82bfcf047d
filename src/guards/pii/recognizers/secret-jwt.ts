import { codeAt } from '../chars.ts';
import { bodyEnd } from './secret-alphabets.ts';

/** Characters of a payload or a signature; longer ones fit into no header. */
const LONGEST_PART = 8192;
/** Of `{"alg":""}` in base64. */
const SHORTEST_HEADER = 14;
const LONGEST_HEADER = 4096;
const DOT = 0x2e;

/** Where a token ends, and how sure that is. */
export interface TokenEnd {
  readonly end: number;
  readonly confidence: number;
}

/**
 * The JSON Web Token (RFC 7519) whose header stands between `start` and `headerEnd`: three parts, the first of them a JSON
 * object with `alg`; the third is empty in one that is unsecured. Five parts, if it is encrypted (RFC 7516).
 */
export function jwtAt(text: string, start: number, headerEnd: number): TokenEnd | undefined {
  const length = headerEnd - start;
  if (codeAt(text, headerEnd) !== DOT || length < SHORTEST_HEADER || length > LONGEST_HEADER) return undefined;
  const header = decodeHeader(text.slice(start, headerEnd));
  if (header === undefined) return undefined;
  let end = headerEnd;
  let parts = 1;
  const most = isEncrypted(header) ? 5 : 3;
  while (parts < most && codeAt(text, end) === DOT) {
    end = bodyEnd(text, end + 1, 'url', LONGEST_PART);
    // What is signed is not there: this is no token to get in with.
    if (parts === 1 && most === 3 && end === headerEnd + 1) return undefined;
    parts++;
  }
  if (parts < most) return undefined;
  return { end, confidence: most === 5 || isJsonObject(text, headerEnd + 1) ? 0.95 : 0.5 };
}

/** `{"` or `{` and white space, in base64. */
export function isJsonObject(text: string, at: number): boolean {
  if (codeAt(text, at) !== 0x65) return false;
  const second = codeAt(text, at + 1);
  return second === 0x79 || second === 0x77;
}

function decodeHeader(part: string): string | undefined {
  // Words may hold letters beyond ASCII, which `atob` throws at.
  if (part.length % 4 === 1 || !/^[\w-]+$/.test(part)) return undefined;
  const json = atob(part.replaceAll('_', '/').replaceAll('-', '+'));
  const isObject = json.startsWith('{') && json.trimEnd().endsWith('}');
  return isObject && /"alg"\s{0,9}:\s{0,9}"/.test(json) ? json : undefined;
}

function isEncrypted(header: string): boolean {
  return /"enc"\s{0,9}:\s{0,9}"/.test(header);
}
