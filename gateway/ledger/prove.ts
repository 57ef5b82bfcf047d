import { parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { checkEntry } from '../../src/ledger/entry.ts';
import {
  createRangeHasher,
  inclusionRanges,
  type RangeHasher,
  verifyInclusion,
} from '../../src/ledger/merkle-proof.ts';
import { parseNote } from '../../src/ledger/note.ts';
import { proofText } from '../../src/ledger/proof.ts';
import { chainBehind } from './chain.ts';
import { checkpointSizes, readCheckpoint } from './checkpoints.ts';
import { claimedLeaf } from './claimed-leaf.ts';
import { damaged } from './damaged.ts';
import { ledgerLines } from './lines.ts';
import { ledgerSegments } from './read.ts';
import { readAgain } from './regular-file.ts';

/** An entry and the file that proves it. */
export interface ProvenEntry {
  readonly index: number;
  /** As `proofText` writes it. */
  readonly proof: string;
}

export interface Proofs {
  readonly proven: readonly ProvenEntry[];
  /** Indexes of entries that no checkpoint vouches for yet. */
  readonly pending: readonly number[];
  /** Whether there are more than {@link MAX_PROOFS}. */
  readonly isCut: boolean;
  /** Whether they are of more than one tenant: then nothing is proven. */
  readonly isOfSeveral: boolean;
}

export interface ProveOptions {
  /** Only entries of this tenant. Default: of whichever one it is. */
  readonly tenant?: string;
  readonly onProgress?: (bytes: number) => void;
}

/** Entries that are proven at once at most. */
export const MAX_PROOFS = 64;

interface Wanted {
  readonly index: number;
  readonly line: string;
  readonly at: number;
}

interface Proving extends Wanted {
  readonly size: number;
  readonly hasher: RangeHasher;
}

/**
 * Proves the entries of a decision, or of all decisions on a PCS, each by the first checkpoint that vouches for it. Linear: one pass to
 * find them, one over the entries from the first of their segments to the last of their checkpoints; memory: some hashes each.
 *
 * @param id a `decision_id` or a `pcs_id`
 * @throws {ConfigError} PTC_E018 where the ledger is not what its checkpoints vouch for.
 *
 * @example
 * const { proven } = await proveEntries('data/audit-worm', decisionId);
 */
export function proveEntries(directory: string, id: string, options: ProveOptions = {}): Promise<Proofs> {
  return readAgain(directory, () => proveOnce(directory, id, options));
}

async function proveOnce(directory: string, id: string, { tenant, onProgress }: ProveOptions): Promise<Proofs> {
  const sizes = await checkpointSizes(directory);
  const progress = onProgress === undefined ? {} : { onProgress };
  const wanted: Wanted[] = [];
  const tenants = new Set<unknown>();
  for await (const { index, text, at } of ledgerLines(directory, progress)) {
    const found = text.includes(id) ? decisionOf(text) : undefined;
    if (found?.decision_id !== id && found?.pcs_id !== id) continue;
    if (tenant !== undefined && found.tenant !== tenant) continue;
    tenants.add(found.tenant);
    if (tenants.size > 1) return { proven: [], pending: [], isCut: false, isOfSeveral: true };
    wanted.push({ index, line: text, at });
    if (wanted.length > MAX_PROOFS) break;
  }
  const isCut = wanted.length > MAX_PROOFS;
  const [first] = wanted;
  if (first === undefined) return { proven: [], pending: [], isCut, isOfSeveral: false };
  const base = await chainBehind((await ledgerSegments(directory))[first.at - 1]);
  if (base === undefined) throw damaged(directory, 'a seal cannot be read');
  const proving: Proving[] = [];
  const pending: number[] = [];
  for (const one of wanted.slice(0, MAX_PROOFS)) {
    const size = sizes.find((size) => size > one.index);
    if (size === undefined) pending.push(one.index);
    else proving.push({ ...one, size, hasher: createRangeHasher(inclusionRanges(one.index, size), base.tree) });
  }
  const end = Math.max(0, ...proving.map(({ size }) => size));
  const from = { at: first.at, index: base.tree.size };
  for await (const { index, text } of end === 0 ? [] : ledgerLines(directory, { ...progress, from })) {
    if (index >= end) break;
    const leaf = claimedLeaf(text);
    if (leaf !== undefined) for (const { hasher } of proving) hasher.add(index, leaf);
  }
  const proven = await Promise.all(proving.map((one) => finish(directory, one)));
  return { proven, pending, isCut, isOfSeveral: false };
}

async function finish(directory: string, { index, line, size, hasher }: Proving): Promise<ProvenEntry> {
  const checkpoint = await readCheckpoint(directory, size);
  const path = hasher.roots();
  if (!checkEntry(line, undefined).ok) throw damaged(directory, `entry ${index} is not what its entry_hash says`);
  const root = parseCheckpoint(parseNote(checkpoint)?.text ?? '')?.root;
  const leaf = claimedLeaf(line);
  if (root === undefined || leaf === undefined || !verifyInclusion({ leaf, index, size, path, root })) {
    throw damaged(directory, `entry ${index} is not what the checkpoint of size ${size} vouches for`);
  }
  return { index, proof: proofText({ line, index, path, checkpoint }) };
}

/** A line that claims to be a decision. Most lines are not even parsed. */
function decisionOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    return found?.kind === 'decision' ? found : undefined;
  } catch {
    return undefined;
  }
}
