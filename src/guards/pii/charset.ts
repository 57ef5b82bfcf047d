import { claimsUtf8, parseMediaType } from '../../media-type.ts';

/** `utf-8`: claimed, or nothing is. `other`: claimed, and decoded alike everywhere. `unknown`: all else. */
export type Charset = 'utf-8' | 'other' | 'unknown';

/** The text of bytes in the charset that their content type claims. */
export interface Claim {
  readonly charset: Charset;
  /** Only for `other`. */
  readonly text?: string;
}

/**
 * Charsets in which decoders agree where ASCII stands. `utf-16` and its aliases are little-endian to some, guessed by
 * others; in East Asian charsets it depends on the decoder whether an ASCII byte belongs to the character before it.
 */
const AGREED = /^(?:(?:us-)?ascii|latin1|iso-8859-(?:[1-9]|10|13|14|15)|windows-125[0-8]|koi8-[ru]|utf-16[bl]e)$/;

const UTF_8: Claim = Object.freeze({ charset: 'utf-8' });
const UNKNOWN: Claim = Object.freeze({ charset: 'unknown' });

/** What the content type says of the bytes. A content type that parsers disagree about says nothing that holds. */
export function claimOf(bytes: Uint8Array, contentType: string | undefined): Claim {
  if (!contentType || bytes.length === 0) return UTF_8;
  const media = parseMediaType(contentType);
  if (media === undefined) return UNKNOWN;
  if (claimsUtf8(media)) return UTF_8;
  const label = media.parameters.get('charset')!.toLowerCase();
  if (!AGREED.test(label)) return UNKNOWN;
  try {
    const decoder = new TextDecoder(label);
    const text = decoder.decode(bytes);
    // Some runtimes decode windows-1252 as ISO-8859-1; of the characters that differ, the en dash separates digits.
    return { charset: 'other', text: decoder.encoding === 'windows-1252' ? text.replaceAll('\x96', '\u2013') : text };
  } catch {
    return UNKNOWN;
  }
}

/**
 * Every text that the bytes may come to be read as, the likeliest first, each made when it is asked for. In UTF-16 and
 * UTF-32, whatever has ASCII in it has NULs. At most five, each linear in the bytes.
 */
export function* readingsOf(
  bytes: Uint8Array,
  claimed: string | undefined,
  utf8: string | undefined,
): Generator<string> {
  if (claimed !== undefined) yield claimed;
  const text = utf8 ?? new TextDecoder('utf-8').decode(bytes);
  yield text;
  if (!bytes.includes(0)) return;
  yield new TextDecoder('utf-16le').decode(bytes);
  yield new TextDecoder('utf-16be').decode(bytes);
  yield text.replaceAll('\0', '');
}
