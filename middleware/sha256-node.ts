import { createHash, createHmac, createSecretKey } from 'node:crypto';

/** What src/sha256.ts does, by Node's own cryptography: several times as fast. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** The same as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** HMAC-SHA256 (RFC 2104) with a key that has been taken in once. */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const secret = createSecretKey(key);
  return (message) => createHmac('sha256', secret).update(message).digest();
}
