import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/** Longest name that stands in a key as it is, in characters once it is encoded. */
export const MAX_NAME_CHARACTERS = 200;

/**
 * A name as a part of a Redis key. It holds letters, digits and `-_.!~*'()%` only, so nothing in it can end the part or begin another one; of
 * what is too long or no Unicode, `#` and the SHA-256 stand for it. Different names never give the same part.
 *
 * @example
 * keyPart('acme|12ab'); // 'acme%7C12ab'
 */
export function keyPart(name: string): string {
  if (name.length <= MAX_NAME_CHARACTERS && !/\p{Cs}/u.test(name)) {
    const encoded = encodeURIComponent(name);
    if (encoded.length <= MAX_NAME_CHARACTERS) return encoded;
  }
  return `#${createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex')}`;
}
