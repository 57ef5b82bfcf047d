import { bytesToHex } from '@noble/hashes/utils.js';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { ED25519_KEY_BYTES, importEd25519Seed, type SigningKey } from '../ed25519.ts';
import { sha256 } from '../sha256.ts';
import { utf8 } from '../utf8.ts';

/** Who may sign notes, as far as a verifier knows them. */
export interface NoteVerifier {
  readonly name: string;
  /** First four bytes of SHA-256 over name, line feed, algorithm and public key; 8 lower-case hexadecimal digits. */
  readonly keyId: string;
  /** Whether `signature` was made over `message` with this key. */
  verify(signature: Uint8Array, message: Uint8Array): Promise<boolean>;
}

/** Who signs notes. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: string;
  /** What verifiers need: `name+keyId+base64`. Public. */
  readonly verifierKey: string;
  /** The 64 bytes of an Ed25519 signature. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Ed25519, as C2SP signed-note numbers algorithms; the only one here. */
const ED25519 = 1;
/** ASCII control characters below the blank, the line feed excepted: what no note may hold. */
export const NOTE_CONTROL: RegExp = /[^\P{Cc}\n\u007f-\u009f]/u;
/** Bytes of a key's id. */
export const KEY_ID_BYTES = 4;
const SIGNER_PREFIX = 'PRIVATE+KEY+';
/** Longest text of a key that is looked at, in characters. */
const MAX_KEY_CHARS = 1_024;

/** Whether it can be the name of a key in a note: not empty, without blanks, plus signs, and what no note may hold. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}\p{Cs}+]/u.test(name) && !NOTE_CONTROL.test(name);
}

/**
 * Reads the text of a verifier key (C2SP signed-note): name, id and key with plus signs between. Takes anything and never throws.
 *
 * @returns the verifier, or `undefined` where the text is no key, its id is not that of the key, or it is not for Ed25519.
 *
 * @example
 * const verifier = readVerifierKey('example.com/log+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
 */
export function readVerifierKey(text: string): NoteVerifier | undefined {
  const parts = keyParts(text);
  if (parts === undefined || keyIdOf(parts.name, parts.key) !== parts.keyId) return undefined;
  const { name, keyId, key } = parts;
  let imported: Promise<SigningKey> | undefined;
  return Object.freeze({
    name,
    keyId,
    async verify(signature: Uint8Array, message: Uint8Array) {
      // A key that is no point of the curve verifies nothing.
      try {
        imported ??= crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
        return await crypto.subtle.verify(
          'Ed25519',
          await imported,
          signature as Uint8Array<ArrayBuffer>,
          message as Uint8Array<ArrayBuffer>,
        );
      } catch {
        return false;
      }
    },
  });
}

/**
 * Reads the text of a signer key, as {@link signerKey} writes it and Go's `note` package does: `PRIVATE+KEY+`, name, id, seed.
 *
 * @returns the signer, or `undefined` where the text is no key or its id is not that of the key.
 *
 * @example
 * const signer = await readSignerKey(await readFile('data/ledger.key', 'utf8'));
 */
export async function readSignerKey(text: string): Promise<NoteSigner | undefined> {
  const parts = text.startsWith(SIGNER_PREFIX) ? keyParts(text.slice(SIGNER_PREFIX.length).trimEnd()) : undefined;
  if (parts === undefined) return undefined;
  const { name, keyId } = parts;
  const publicKey = await publicKeyOf(parts.key);
  if (keyIdOf(name, publicKey) !== keyId) return undefined;
  const secret = await importEd25519Seed(parts.key);
  return Object.freeze({
    name,
    keyId,
    verifierKey: keyText(name, keyId, publicKey),
    async sign(message: Uint8Array) {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', secret, message as Uint8Array<ArrayBuffer>));
    },
  });
}

/**
 * The text of a signer key, a secret. Keep it where the ledger is not.
 *
 * @param name what notes call the signer, such as the ledger's origin
 * @param seed 32 random bytes
 * @throws {RangeError} for a name with blanks or plus signs, or a seed of another length.
 *
 * @example
 * const text = await signerKey('example.com/ledger', crypto.getRandomValues(new Uint8Array(32)));
 */
export async function signerKey(name: string, seed: Uint8Array): Promise<string> {
  if (!isKeyName(name) || seed.length !== ED25519_KEY_BYTES) throw new RangeError('not the name or the seed of a key');
  return `${SIGNER_PREFIX}${keyText(name, keyIdOf(name, await publicKeyOf(seed)), seed)}`;
}

interface KeyParts {
  readonly name: string;
  readonly keyId: string;
  readonly key: Uint8Array<ArrayBuffer>;
}

function keyParts(text: string): KeyParts | undefined {
  if (text.length > MAX_KEY_CHARS) return undefined;
  const [, name, keyId, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  if (name === undefined || keyId === undefined || base64 === undefined || !isKeyName(name)) return undefined;
  const bytes = decodeBase64(base64);
  if (bytes?.length !== 1 + ED25519_KEY_BYTES || bytes[0] !== ED25519) return undefined;
  return { name, keyId, key: bytes.slice(1) };
}

function keyText(name: string, keyId: string, key: Uint8Array): string {
  return `${name}+${keyId}+${encodeBase64(Uint8Array.of(ED25519, ...key))}`;
}

function keyIdOf(name: string, publicKey: Uint8Array): string {
  const hash = sha256(Uint8Array.of(...utf8(`${name}\n`), ED25519, ...publicKey));
  return bytesToHex(hash.subarray(0, KEY_ID_BYTES));
}

/** WebCrypto tells the public half of a private key in a JWK only. */
async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const { x = '' } = await crypto.subtle.exportKey('jwk', await importEd25519Seed(seed, true));
  return decodeBase64(`${x.replaceAll('-', '+').replaceAll('_', '/')}=`) ?? new Uint8Array(0);
}
