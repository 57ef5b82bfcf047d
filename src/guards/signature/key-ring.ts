import { decodeBase64 } from '../../base64.ts';
import { ConfigError } from '../../errors.ts';
import { lazy } from '../../lazy.ts';
import { knownOptions } from '../../options.ts';
import { isDateTime } from '../../rfc3339.ts';
import { hmacVerifier } from '../../sha256.ts';
import { isSoundPublicKey } from './ed25519-key.ts';

/** Keys that a ring may hold: each one active costs a verification per request and profile. */
export const MAX_RING_KEYS = 16;

/** `hmac` is HMAC-SHA256 (RFC 2104), `ed25519` is pure Ed25519 (RFC 8032). */
export type KeyAlgorithm = 'hmac' | 'ed25519';

/** A key as configuration writes it. */
export interface KeySpec {
  /** 1 to 64 of `A-Z a-z 0-9 . _ : -`; goes into facts and records. */
  readonly id: string;
  readonly alg: KeyAlgorithm;
  /** `hmac`: the secret, whose UTF-8 bytes are the key. `ed25519`: the 32 bytes of the public key in standard base64. */
  readonly key: string;
  /** First moment at which the key counts: milliseconds since the epoch or RFC 3339. Default: always. */
  readonly notBefore?: number | string;
  /** Last moment at which the key counts, inclusive. Default: for ever. */
  readonly notAfter?: number | string;
}

/** A checked key. Its material is not a property, so no log and no JSON can show it. */
export interface RingKey {
  readonly id: string;
  readonly alg: KeyAlgorithm;
  /** Milliseconds since the epoch; `-Infinity` if open. */
  readonly notBefore: number;
  /** Milliseconds since the epoch, inclusive; `Infinity` if open. */
  readonly notAfter: number;
  /** Whether the signature is this key's for the message, in constant time for HMAC. */
  verify(signature: Uint8Array, message: Uint8Array): boolean | Promise<boolean>;
}

/** The keys of one tenant; two whose times overlap are a rotation. */
export interface KeyRing {
  readonly keys: readonly RingKey[];
}

const MATERIAL = new WeakMap<RingKey, Uint8Array>();
const ID = /^[A-Za-z0-9._:-]{1,64}$/;
const LONE_SURROGATE = lazy(() => /\p{Surrogate}/u);

/**
 * Checks keys and makes a ring of them; `option` is what errors call the list. Nothing is imported yet: each key is made ready when it is first needed.
 *
 * @throws {ConfigError} `PTC_E008` for a key that cannot work, naming the key's id and never the key: an empty
 * secret, a public key that is not a curve point or is one of small order (which anybody can sign for), a time that is
 * none, two keys with one id, an empty ring.
 *
 * @example
 * const ring = createKeyRing([
 *   { id: '2030-01', alg: 'hmac', key: oldSecret, notAfter: '2030-02-07T00:00:00Z' },
 *   { id: '2030-02', alg: 'hmac', key: newSecret, notBefore: '2030-02-01T00:00:00Z' },
 * ]);
 */
export function createKeyRing(specs: readonly KeySpec[], option = 'keys'): KeyRing {
  if (!Array.isArray(specs)) throw new ConfigError('PTC_E008', option, specs, 'give an array of keys');
  if (specs.length === 0 || specs.length > MAX_RING_KEYS) {
    throw new ConfigError('PTC_E008', option, specs, `give 1 to ${MAX_RING_KEYS} keys`);
  }
  const keys = specs.map((spec, at) => createKey(spec, `${option}[${at}]`));
  keys.forEach(({ id }, at) => {
    if (keys.findIndex((key) => key.id === id) !== at) {
      throw new ConfigError(
        'PTC_E008',
        `${option}[${at}]: key ${id}`,
        specs[at],
        'give every key of a ring an id of its own',
      );
    }
  });
  return Object.freeze({ keys: Object.freeze(keys) });
}

/** Whether a key counts at a time; both ends inclusive. */
export function isActive({ notBefore, notAfter }: RingKey, now: number): boolean {
  return notBefore <= now && now <= notAfter;
}

/** The bytes of a key made by {@link createKeyRing}; for comparison only, never to be shown. */
export function materialOf(key: RingKey): Uint8Array | undefined {
  return MATERIAL.get(key);
}

/** Checks one key and makes it ready; see {@link createKeyRing}. */
export function createKey(spec: KeySpec, option: string): RingKey {
  if (typeof spec !== 'object' || spec === null) {
    throw new ConfigError('PTC_E008', option, hidden(spec), 'give { id, alg, key }');
  }
  const { id, alg } = spec;
  // An id that is not one may be a key in the wrong place, so it is not named.
  if (typeof id !== 'string' || !ID.test(id) || id === 'none') {
    const remedy = 'give 1 to 64 letters, digits, dots, dashes, underscores or colons, and not none';
    throw new ConfigError('PTC_E008', `${option}.id`, hidden(id), remedy);
  }
  const where = `${option}: key ${id}`;
  knownOptions(where, spec, ['id', 'alg', 'key', 'notBefore', 'notAfter']);
  if (alg !== 'hmac' && alg !== 'ed25519') {
    throw new ConfigError('PTC_E008', `${where}: alg`, hidden(alg), 'use hmac or ed25519');
  }
  const bytes = alg === 'hmac' ? secretBytes(where, spec.key) : publicKeyBytes(where, spec.key);
  const notBefore = timeOf(`${where}: notBefore`, spec.notBefore, -Infinity);
  const notAfter = timeOf(`${where}: notAfter`, spec.notAfter, Infinity);
  if (notAfter < notBefore) {
    throw new ConfigError('PTC_E008', `${where}: notAfter`, spec.notAfter, 'give a time that is not before notBefore');
  }
  const key: RingKey = Object.freeze({ id, alg, notBefore, notAfter, verify: verifier(alg, bytes) });
  MATERIAL.set(key, bytes);
  return key;
}

function secretBytes(where: string, key: unknown): Uint8Array<ArrayBuffer> {
  if (typeof key !== 'string' || key === '') {
    throw new ConfigError('PTC_E008', `${where}: key`, hidden(key), 'give the secret as text, at least one character');
  }
  // Every lone surrogate encodes as the same three bytes, so different secrets would be one.
  if (LONE_SURROGATE().test(key)) {
    throw new ConfigError('PTC_E008', `${where}: key`, hidden(key), 'give well-formed Unicode');
  }
  return new TextEncoder().encode(key);
}

function publicKeyBytes(where: string, key: unknown): Uint8Array<ArrayBuffer> {
  const bytes = typeof key === 'string' ? decodeBase64(key) : undefined;
  if (bytes?.length !== 32) {
    throw new ConfigError('PTC_E008', `${where}: key`, hidden(key), 'give 32 bytes in standard base64 with padding');
  }
  if (!isSoundPublicKey(bytes)) {
    const remedy = 'give an Ed25519 public key: these 32 bytes are not one, or one that anybody can sign for';
    throw new ConfigError('PTC_E008', `${where}: key`, hidden(key), remedy);
  }
  return bytes;
}

function timeOf(option: string, time: unknown, fallback: number): number {
  if (time === undefined) return fallback;
  const ms = typeof time === 'string' ? instantOf(time) : time;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  throw new ConfigError('PTC_E008', option, time, 'give milliseconds since the epoch, or RFC 3339 with an offset');
}

/** `Date.parse` alone takes February 30 for March 2; it knows no leap second, which is then refused. */
function instantOf(text: string): number | undefined {
  return isDateTime(text) ? Date.parse(text.toUpperCase()) : undefined;
}

/** A number would be shown by its value, and it may be a secret that lost its quotes. */
function hidden(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? Object(value) : value;
}

/**
 * Bytes up to which an HMAC is computed here: WebCrypto hands each message to another thread and waits for it, which takes
 * longer than the work and much longer on a busy machine.
 */
const HMAC_INLINE_BYTES = 4_096;

function verifier(alg: KeyAlgorithm, bytes: Uint8Array<ArrayBuffer>): RingKey['verify'] {
  const name = alg === 'hmac' ? 'HMAC' : 'Ed25519';
  const parameters = alg === 'hmac' ? { name, hash: 'SHA-256' } : { name };
  let imported: Promise<CryptoKey> | undefined;
  /** Has taken in the key. */
  let verify: ReturnType<typeof hmacVerifier> | undefined;
  return (signature, message) => {
    if (alg === 'hmac' && message.byteLength <= HMAC_INLINE_BYTES) {
      verify ??= hmacVerifier(bytes);
      return verify(signature, message);
    }
    imported ??= crypto.subtle.importKey('raw', bytes, parameters, false, ['verify']);
    return imported.then((key) =>
      crypto.subtle.verify(name, key, signature as Uint8Array<ArrayBuffer>, message as Uint8Array<ArrayBuffer>),
    );
  };
}
