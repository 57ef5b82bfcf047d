import { decodeBase64, encodeBase64 } from '../../base64.ts';
import { ED25519_KEY_BYTES, importEd25519Seed, type SigningKey } from '../../ed25519.ts';
import { ConfigError } from '../../errors.ts';
import { knownOptions, wordOption } from '../../options.ts';
import { PCS_PROFILES, type PcsProfile, type SignedFields, signedInputs } from '../canonical.ts';

/** The profile that our SDK signs with: ECMAScript number text, MAC over the text itself. */
export const DEFAULT_PROFILE: PcsProfile = 'js-direct';

export interface SignOptions {
  readonly alg: 'hmac' | 'ed25519';
  /**
   * For `hmac` the secret as text (its UTF-8 bytes count) or bytes; for `ed25519` the 32-byte private seed (RFC 8032
   * section 5.1.5), as bytes or base64. Or a `CryptoKey` that may sign.
   */
  readonly key: string | Uint8Array | SigningKey;
  /** Default {@link DEFAULT_PROFILE}. */
  readonly profile?: PcsProfile;
}

/**
 * Signs a record and returns it with `sig` set. Through WebCrypto; the key is imported on every call, so give a
 * `CryptoKey` to sign many records.
 *
 * @throws {ConfigError} for an unknown option or a malformed key (the promise rejects). Names no key.
 *
 * @example
 * const signed = await signPcs(body, { alg: 'hmac', key: 'testsecret' });
 */
export async function signPcs<T extends SignedFields>(body: T, options: SignOptions): Promise<T & { sig: string }> {
  knownOptions('signPcs', options, ['alg', 'key', 'profile']);
  if (options.alg === undefined) throw new ConfigError('PTC_E001', 'signPcs.alg', undefined, 'use hmac or ed25519');
  const alg = wordOption('signPcs.alg', options.alg, 'hmac', ['hmac', 'ed25519']);
  const profile = wordOption('signPcs.profile', options.profile, DEFAULT_PROFILE, PCS_PROFILES);
  const key = await importKey(alg, options.key);
  const [input] = signedInputs(body, [profile]);
  const bytes = (alg === 'hmac' ? input!.hmac : input!.ed25519) as Uint8Array<ArrayBuffer>;
  const signature = await crypto.subtle.sign(alg === 'hmac' ? 'HMAC' : 'Ed25519', key, bytes);
  return { ...body, sig: encodeBase64(new Uint8Array(signature)) };
}

async function importKey(alg: SignOptions['alg'], key: SignOptions['key']): Promise<SigningKey> {
  if (typeof key === 'object' && !(key instanceof Uint8Array) && key !== null) return key;
  if (alg === 'hmac') {
    const secret = typeof key === 'string' ? new TextEncoder().encode(key) : key;
    if (!(secret instanceof Uint8Array) || secret.length === 0) throw malformed(key, 'give text or bytes, not empty');
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    return crypto.subtle.importKey('raw', secret as Uint8Array<ArrayBuffer>, algorithm, false, ['sign']);
  }
  const seed = typeof key === 'string' ? decodeBase64(key) : key;
  if (seed?.length !== ED25519_KEY_BYTES) throw malformed(key, 'give 32 bytes, or 32 bytes in base64');
  return importEd25519Seed(seed);
}

function malformed(key: unknown, remedy: string): ConfigError {
  return new ConfigError('PTC_E008', 'signPcs.key', key, remedy);
}
