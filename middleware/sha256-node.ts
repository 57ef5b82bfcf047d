import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** What src/sha256.ts does, by Node's own cryptography: several times as fast, and without an object for each message. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** The same, of bytes or of a text in UTF-8, as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** Bytes that SHA-256 works on at a time, and bytes of what it makes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * Verifies HMAC-SHA256 (RFC 2104) with a key that has been taken in once. Takes the same time wherever two differ. Two hashes
 * of joined bytes: `createHmac` makes an object that takes longer than both. Hashes as text of one character a byte: a buffer
 * takes longer than the hash.
 */
export function hmacVerifier(key: Uint8Array): (mac: Uint8Array, message: Uint8Array) => boolean {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.byteLength > BLOCK_BYTES ? sha256(key) : key);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  outer.set(block.map((byte) => byte ^ 0x5c));
  return (mac, message) => {
    const first = Buffer.allocUnsafe(BLOCK_BYTES + message.byteLength);
    first.set(inner);
    first.set(message, BLOCK_BYTES);
    outer.write(hash('sha256', first, 'binary'), BLOCK_BYTES, 'binary');
    const expected = hash('sha256', outer, 'binary');
    let difference = mac.byteLength ^ DIGEST_BYTES;
    for (let at = 0; at < DIGEST_BYTES; at++) difference |= expected.charCodeAt(at) ^ mac[at]!;
    return difference === 0;
  };
}
