/** A `CryptoKey`: not everybody's types have that name, but all know what signs. */
export type SigningKey = Parameters<typeof crypto.subtle.sign>[1];

/** Bytes of a private seed (RFC 8032 section 5.1.5), and of a public key. */
export const ED25519_KEY_BYTES = 32;
/** Bytes of a signature. */
export const ED25519_SIGNATURE_BYTES = 64;

/** PKCS #8 wrapping of a raw seed (RFC 8410 section 7), which WebCrypto cannot import bare. */
const PKCS8 = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

/** Makes a key that signs from the 32 bytes of a private seed. `extractable` lets its public half be read out. */
export function importEd25519Seed(seed: Uint8Array, extractable = false): Promise<SigningKey> {
  const wrapped = new Uint8Array(PKCS8.length + seed.length);
  wrapped.set(PKCS8);
  wrapped.set(seed, PKCS8.length);
  return crypto.subtle.importKey('pkcs8', wrapped, 'Ed25519', extractable, ['sign']);
}
