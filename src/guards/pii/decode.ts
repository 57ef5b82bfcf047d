/** A text without its escapes, and the way back to where each character came from. */
export interface Decoded {
  readonly text: string;
  /** Position in the original of what stands at a position of `text`; its end for the end of `text`. */
  rawOffset(offset: number): number;
  /** The other way: where what stands at a position of the original begins; inside an escape, where its text does. */
  decodedStart(raw: number): number;
  /** Where what ends at a position of the original ends; inside an escape, where its text does. */
  decodedEnd(raw: number): number;
}

interface Decoder {
  /** Takes an escape at `raw`, `length` characters long, that stands for `text`. */
  add(raw: number, length: number, text: string): void;
  finish(): Decoded;
}

/** Takes escapes from left to right. */
export function decoder(source: string): Decoder {
  const parts: string[] = [];
  /** Where an escape began and ended in the decoded text, and where it ended in the source. */
  const decodedStarts: number[] = [];
  const decodedEnds: number[] = [];
  const rawEnds: number[] = [];
  let decoded = 0;
  let raw = 0;
  return {
    add(start, length, text) {
      parts.push(source.slice(raw, start), text);
      decodedStarts.push(decoded + start - raw);
      decoded += start - raw + text.length;
      raw = start + length;
      decodedEnds.push(decoded);
      rawEnds.push(raw);
    },
    finish() {
      parts.push(source.slice(raw));
      const escapesBefore = (position: number): number => lastNotAfter(rawEnds, position) + 1;
      /** Where a position of the source is, if no escape holds it. */
      const plain = (position: number): number => {
        const last = escapesBefore(position) - 1;
        return last < 0 ? position : decodedEnds[last]! + position - rawEnds[last]!;
      };
      return {
        text: parts.join(''),
        rawOffset(offset) {
          const last = lastNotAfter(decodedEnds, offset);
          return last < 0 ? offset : rawEnds[last]! + offset - decodedEnds[last]!;
        },
        decodedStart(position) {
          return Math.min(plain(position), decodedStarts[escapesBefore(position)] ?? Number.POSITIVE_INFINITY);
        },
        decodedEnd(position) {
          const offset = plain(position);
          const next = escapesBefore(position);
          return offset > (decodedStarts[next] ?? offset) ? decodedEnds[next]! : offset;
        },
      };
    },
  };
}

/** Index of the last entry that is not greater than `value`, or -1. */
function lastNotAfter(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const PLAIN_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Decodes the escapes of JSON strings (RFC 8259 section 7) wherever they stand, and leaves what is none. Linear.
 *
 * @example
 * decodeJsonEscapes('bob\\u0040example.com').text; // 'bob@example.com'
 */
export function decodeJsonEscapes(source: string): Decoded {
  const decoded = decoder(source);
  for (const match of source.matchAll(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g)) {
    const [whole, hex, char = ''] = match;
    const text = hex === undefined ? (PLAIN_ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16));
    decoded.add(match.index, whole.length, text);
  }
  return decoded.finish();
}

/**
 * Decodes percent-encoding as forms and queries use it (WHATWG URL section 5.1): UTF-8, a plus sign for a space; bytes
 * that are no UTF-8 become U+FFFD. Linear.
 *
 * @param plus whether a plus sign stands for a space; in other text it is one
 *
 * @example
 * decodePercent('mail=bob%40example.com').text; // 'mail=bob@example.com'
 */
export function decodePercent(source: string, plus = true): Decoded {
  const decoded = decoder(source);
  const escapes = plus ? /\+|%[0-9a-fA-F]{2}/g : /%[0-9a-fA-F]{2}/g;
  for (let match = escapes.exec(source); match !== null; match = escapes.exec(source)) {
    if (match[0] === '+') {
      decoded.add(match.index, 1, ' ');
      continue;
    }
    const { text, length } = percentCharacter(source, match.index);
    decoded.add(match.index, length, text);
    escapes.lastIndex = match.index + length;
  }
  return decoded.finish();
}

const REPLACEMENT = '\ufffd';

function percentCharacter(source: string, at: number): { text: string; length: number } {
  const first = percentByte(source, at);
  const count = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return { text: REPLACEMENT, length: 3 };
  let code = count === 1 ? first : first & (0xff >> (count + 1));
  for (let i = 1; i < count; i++) {
    const next = percentByte(source, at + 3 * i);
    if (next < 0x80 || next > 0xbf) return { text: REPLACEMENT, length: 3 };
    code = (code << 6) | (next & 0x3f);
  }
  return { text: code > 0x10ffff ? REPLACEMENT : String.fromCodePoint(code), length: 3 * count };
}

/** The byte that `%XX` at `at` stands for, or -1. */
function percentByte(source: string, at: number): number {
  if (source.charCodeAt(at) !== 0x25) return -1;
  const hex = source.slice(at + 1, at + 3);
  return /^[0-9a-fA-F]{2}$/.test(hex) ? Number.parseInt(hex, 16) : -1;
}

/** The longest run of escapes that stands for one character. */
const LONGEST_ESCAPE = 12;

/**
 * Where the last characters of a text begin that may be part of an escape that the text does not hold in full; the text's
 * length, if there are none. What is before decodes by itself.
 */
export function wholeEscapesEnd(source: string): number {
  const from = Math.max(0, source.length - LONGEST_ESCAPE);
  let end = source.length;
  const escapes = /%[0-9a-fA-F]{2}/g;
  for (let match = escapes.exec(source); match !== null; match = escapes.exec(source)) {
    if (match.index >= from) {
      end = match.index;
      break;
    }
    escapes.lastIndex = match.index + percentCharacter(source, match.index).length;
  }
  const open = source.indexOf('%', Math.max(from, source.length - 2));
  return open < 0 ? end : Math.min(end, open);
}
