import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { ED25519_SIGNATURE_BYTES } from '../ed25519.ts';
import { utf8 } from '../utf8.ts';
import { isKeyName, KEY_ID_BYTES, NOTE_CONTROL, type NoteSigner, type NoteVerifier } from './note-key.ts';

/** Characters of a note at most. */
export const MAX_NOTE_CHARS = 1_000_000;
/** Signatures in a note at most; others take 100 too. */
export const MAX_NOTE_SIGNATURES = 100;

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A note taken apart, nothing of it verified. */
export interface Note {
  /** What is signed; ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/;

/**
 * Takes a note apart (C2SP signed-note): text, an empty line, one line for each signature. Strict, linear, and never throws.
 *
 * @returns the parts, or `undefined` where it is no note. Trust its text only after {@link openNote}.
 *
 * @example
 * parseNote('text\n\n— example.com/log U…\n')?.text; // 'text\n'
 */
export function parseNote(note: string): Note | undefined {
  if (note.length > MAX_NOTE_CHARS || NOTE_CONTROL.test(note) || /\p{Cs}/u.test(note)) return undefined;
  const gap = note.lastIndexOf('\n\n');
  if (gap < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(gap + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: note.slice(0, gap + 1), signatures };
}

/**
 * The text of a note that one of the verifiers' keys has signed. Signatures of other keys are not looked at; one of a
 * known key that is wrong spoils the note. Takes anything and never throws.
 *
 * @returns the text with its line feed, or `undefined` where no known key has signed.
 *
 * @example
 * const text = await openNote(note, [verifier]);
 */
export async function openNote(note: string, verifiers: readonly NoteVerifier[]): Promise<string | undefined> {
  const parsed = parseNote(note);
  if (parsed === undefined) return undefined;
  const message = utf8(parsed.text);
  let isSigned = false;
  for (const { name, keyId, signature } of parsed.signatures) {
    const verifier = verifiers.find((one) => one.name === name && one.keyId === keyId);
    if (verifier === undefined) continue;
    if (signature.length !== ED25519_SIGNATURE_BYTES || !(await verifier.verify(signature, message))) return undefined;
    isSigned = true;
  }
  return isSigned ? parsed.text : undefined;
}

/**
 * Signs a text.
 *
 * @param text ends with a line feed
 * @throws {RangeError} for a text that a note cannot hold.
 *
 * @example
 * const note = await signNote('example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n', [signer]);
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  const message = utf8(text);
  let note = `${text}\n`;
  for (const signer of signers) {
    const signature = await signer.sign(message);
    note += `\u2014 ${signer.name} ${encodeBase64(Uint8Array.of(...hexToBytes(signer.keyId), ...signature))}\n`;
  }
  if (parseNote(note)?.text !== text) throw new RangeError('not a text that a note can hold, or nobody to sign it');
  return note;
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined || !isKeyName(name)) return undefined;
  const bytes = decodeBase64(base64);
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: bytesToHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
}
