import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { utf8 } from './utf8.ts';

/**
 * SHA-256 of what a request holds, at once: WebCrypto hands each message to another thread and waits for it, which takes
 * longer than the work. Built, the package takes middleware/sha256-node.ts in place of this file where Node's modules are.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** The same, of bytes or of a text in UTF-8, as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(nobleSha256(typeof data === 'string' ? utf8(data) : data));
}

/** Verifies HMAC-SHA256 (RFC 2104) with a key that has been taken in once. Takes the same time wherever two differ. */
export function hmacVerifier(key: Uint8Array): (mac: Uint8Array, message: Uint8Array) => boolean {
  const keyed = hmac.create(nobleSha256, key);
  return (mac, message) => {
    const expected = keyed.clone().update(message).digest();
    let difference = mac.byteLength ^ expected.byteLength;
    for (let at = 0; at < expected.byteLength; at++) difference |= expected[at]! ^ mac[at]!;
    return difference === 0;
  };
}
