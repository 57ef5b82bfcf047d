import { decodeBase64, encodeBase64 } from '../base64.ts';
import { HASH_BYTES } from './merkle.ts';
import { openNote } from './note.ts';
import type { NoteVerifier } from './note-key.ts';

/** What a ledger says of itself at a size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The ledger's name; one line, not empty. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** Root of the Merkle tree over the entries. */
  readonly root: Uint8Array;
  /** Further lines, none of them empty. */
  readonly extensions: readonly string[];
}

/**
 * The text of a checkpoint, to be signed: origin, size in decimal, root in base64, one line each.
 *
 * @example
 * const note = await signNote(checkpointText({ origin, size: tree.size, root: rootOf(tree), extensions: [] }), [signer]);
 */
export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), encodeBase64(root), ...extensions, ''].join('\n');
}

/**
 * Reads the text of a checkpoint. Strict, and never throws.
 *
 * @returns the checkpoint, or `undefined` where it is none, or of more entries than can be counted exactly.
 *
 * @example
 * parseCheckpoint('example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n')?.size; // 0
 */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith('\n')) return undefined;
  const lines = text.slice(0, -1).split('\n');
  const [origin, sizeText, rootText, ...extensions] = lines;
  if (lines.includes('') || origin === undefined || sizeText === undefined || rootText === undefined) return undefined;
  const size = /^(?:0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  const root = decodeBase64(rootText);
  if (!Number.isSafeInteger(size) || root?.length !== HASH_BYTES) return undefined;
  return { origin, size, root, extensions };
}

/**
 * Reads a signed checkpoint, which one of the keys must have signed, and none of them wrongly. Takes anything and never throws.
 *
 * @returns the checkpoint, or `undefined` where it is none or is not signed.
 *
 * @example
 * const checkpoint = await openCheckpoint(note, [verifier]);
 */
export async function openCheckpoint(
  note: string,
  verifiers: readonly NoteVerifier[],
): Promise<Checkpoint | undefined> {
  const text = await openNote(note, verifiers);
  return text === undefined ? undefined : parseCheckpoint(text);
}
