import { codeAt, FIRST_UNSPACED, isAsciiLetter, isDigit, isForeignLetter } from '../chars.ts';

/** Octets of a domain, RFC 5321 section 4.5.3.1.2, less the `@` and brackets; and of one label, RFC 1035. */
const LONGEST_DOMAIN = 253;
const LONGEST_LABEL = 63;
const FEWEST_TOP_LETTERS = 2;

export interface Domain {
  /** Where the domain ends, or -1 if what stands there is none. */
  readonly end: number;
  /** How far it was looked at. */
  readonly read: number;
  readonly isAscii: boolean;
}

const DOT = 0x2e;
const HYPHEN = 0x2d;

/**
 * Reads the domain of a mailbox at `start`: two or more labels, the last one letters, or a hyphen after letters where
 * text goes on. Looks at {@link LONGEST_DOMAIN} characters and one label at most.
 */
export function parseDomain(text: string, start: number): Domain {
  let end = -1;
  let labels = 0;
  let isAscii = true;
  let at = start;
  let read = start;
  for (;;) {
    const label = labelEnd(text, at, labels > 0);
    read = label;
    if (label === at || label - at > LONGEST_LABEL || codeAt(text, at) === HYPHEN) break;
    if (label - start > LONGEST_DOMAIN) return { end: -1, read, isAscii };
    const isLast = codeAt(text, label) !== DOT;
    const top = labels > 0 ? topLevelEnd(text, at, label) : -1;
    if (top === label || (top > 0 && isLast)) end = top;
    else if (!isNumber(text, at, label)) end = -1;
    if (isAscii) isAscii = !hasForeign(text, at, label);
    labels++;
    at = label;
    if (isLast) break;
    at++;
  }
  return { end: isVersionOrFile(text, start) ? -1 : end, read, isAscii };
}

/** The end of the label at `at`. After the first label, text in Thai or Han may begin without a space: it ends ASCII. */
function labelEnd(text: string, at: number, isLater: boolean): number {
  const beginsAscii = codeAt(text, at) < FIRST_UNSPACED;
  let end = at;
  while (end - at <= LONGEST_LABEL) {
    const code = codeAt(text, end);
    const isPart =
      code < 0x80
        ? isAsciiLetter(code) || isDigit(code) || code === HYPHEN
        : !(isLater && beginsAscii && code >= FIRST_UNSPACED) && isForeignLetter(code);
    if (!isPart) break;
    end++;
  }
  return end;
}

/** The end of a top-level label that begins at `at`, or -1: letters only, or `xn--` and so on. */
function topLevelEnd(text: string, at: number, label: number): number {
  if (/^xn--/i.test(text.slice(at, at + 4)) && codeAt(text, label - 1) !== HYPHEN) return label;
  let end = at;
  while (end < label && isLetter(codeAt(text, end))) end++;
  if (end - at < FEWEST_TOP_LETTERS) return -1;
  return end === label || codeAt(text, end) === HYPHEN ? end : -1;
}

function isLetter(code: number): boolean {
  return code < 0x80 ? isAsciiLetter(code) : isForeignLetter(code);
}

function isNumber(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (!isDigit(codeAt(text, i))) return false;
  return true;
}

function hasForeign(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (codeAt(text, i) >= 0x80) return true;
  return false;
}

/** `name@1.2.3-beta.one`, `icon@2x.png`. */
const VERSION_OR_FILE =
  /\d{1,9}(?:(?:\.\d{1,9}){1,3}(?:[-+][\w.+-]{0,64})?|(?:\.\d)?x\.(?:png|jpe?g|gif|webp|svg|avif|bmp))(?![\w-]|\.\w)/iy;

function isVersionOrFile(text: string, start: number): boolean {
  if (!isDigit(codeAt(text, start))) return false;
  VERSION_OR_FILE.lastIndex = start;
  return VERSION_OR_FILE.test(text);
}
