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
 * HMAC-SHA256 (RFC 2104) with a key that has been taken in once. Two hashes of joined bytes: `createHmac` makes an object that
 * takes longer than both.
 */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.byteLength > BLOCK_BYTES ? sha256(key) : key);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  return (message) => {
    const first = Buffer.allocUnsafe(BLOCK_BYTES + message.byteLength);
    first.set(inner);
    first.set(message, BLOCK_BYTES);
    const second = Buffer.allocUnsafe(BLOCK_BYTES + DIGEST_BYTES);
    second.set(outer);
    // One character a byte: quicker than a buffer that is thrown away at once.
    second.write(hash('sha256', first, 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', second, 'buffer');
  };
}
