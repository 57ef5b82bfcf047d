import { hexToBytes } from '@noble/hashes/utils.js';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { utf8 } from '../utf8.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { checkEntry, type LedgerEntry } from './entry.ts';
import { leafHash } from './merkle.ts';
import { MAX_PATH_HASHES, verifyInclusion } from './merkle-proof.ts';
import type { NoteVerifier } from './note-key.ts';

/** An entry, and what shows that it is in a ledger. */
export interface EntryProof {
  /** The entry's line, without its line feed. */
  readonly line: string;
  /** Its place in the ledger, from 0. */
  readonly index: number;
  /** Hashes from its sibling up to the child of the root. */
  readonly path: readonly Uint8Array[];
  /** Signed note of a checkpoint whose tree has the entry. */
  readonly checkpoint: string;
}

/**
 * Why a proof shows nothing: `form` not a proof, `entry` the entry is not what its own hash says, `checkpoint` not signed by
 * a known key, `path` the tree of the checkpoint does not have the entry at that place.
 */
export type ProofFault = 'form' | 'entry' | 'checkpoint' | 'path';

export type ProofCheck =
  | { readonly ok: true; readonly entry: LedgerEntry; readonly index: number; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: ProofFault };

const HEAD = 'c2sp.org/tlog-proof@v1';

/** Leaf of an entry in the ledger's tree: {@link leafHash} of the 32 bytes that its `entry_hash` names. */
export function entryLeaf(entryHash: string): Uint8Array {
  return leafHash(hexToBytes(entryHash));
}

/**
 * Writes a proof as a file that anybody can check offline with the verifier key (C2SP tlog-proof; the entry is its extra data).
 *
 * @example
 * await writeFile(`${id}.tlog-proof`, proofText({ line, index, path: inclusionProof(leaves, index, size), checkpoint }));
 */
export function proofText({ line, index, path, checkpoint }: EntryProof): string {
  const extra = `extra ${encodeBase64(utf8(line))}`;
  return [HEAD, extra, `index ${index}`, ...path.map(encodeBase64), '', checkpoint].join('\n');
}

/**
 * Checks a proof as {@link proofText} writes it. Takes anything and never throws; linear.
 *
 * @returns the entry with the checkpoint that vouches for it, or what is wrong
 *
 * @example
 * const check = await checkProof(await readFile('decision.tlog-proof', 'utf8'), [verifier]);
 */
export async function checkProof(text: string, verifiers: readonly NoteVerifier[]): Promise<ProofCheck> {
  const proof = parse(text);
  if (proof === undefined) return { ok: false, fault: 'form' };
  const check = checkEntry(proof.line, undefined);
  if (!check.ok) return { ok: false, fault: 'entry' };
  const checkpoint = await openCheckpoint(proof.checkpoint, verifiers);
  if (checkpoint === undefined) return { ok: false, fault: 'checkpoint' };
  const { entry } = check;
  const { index, path } = proof;
  const { size, root } = checkpoint;
  const leaf = entryLeaf(entry.entry_hash);
  if (!verifyInclusion({ leaf, index, size, path, root })) return { ok: false, fault: 'path' };
  return { ok: true, entry, index, checkpoint };
}

interface Parts extends Omit<EntryProof, 'line'> {
  readonly line: Uint8Array;
}

function parse(text: string): Parts | undefined {
  const gap = text.indexOf('\n\n');
  if (gap < 0) return undefined;
  const [head, extra, position, ...hashes] = text.slice(0, gap).split('\n', 3 + MAX_PATH_HASHES + 1);
  if (head !== HEAD || extra === undefined || position === undefined || hashes.length > MAX_PATH_HASHES)
    return undefined;
  const line = extra.startsWith('extra ') ? decodeBase64(extra.slice('extra '.length)) : undefined;
  const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(position) ?? [];
  const path = hashes.map(decodeBase64);
  if (line === undefined || digits === undefined || !path.every((hash) => hash !== undefined)) return undefined;
  return { line, index: Number(digits), path, checkpoint: text.slice(gap + 2) };
}
