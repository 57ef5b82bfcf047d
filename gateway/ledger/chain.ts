import { Buffer } from 'node:buffer';
import { FIRST_PREV_HASH } from '../../src/ledger/entry.ts';
import { appendLeaf, EMPTY_TREE, leafHash, type Tree } from '../../src/ledger/merkle.ts';
import type { LedgerSegment } from './read.ts';
import { type Seal, sealOf } from './seal.ts';

/** Where a ledger stands: what the next entry names as the hash before it, and the tree over all entries so far. */
export interface Chain {
  readonly lastHash: string;
  readonly tree: Tree;
}

/** Of a ledger without entries. */
export const EMPTY_CHAIN: Chain = Object.freeze({ lastHash: FIRST_PREV_HASH, tree: EMPTY_TREE });

/** The chain with more entries, by their hashes in order. */
export function grow(chain: Chain, hashes: readonly string[]): Chain {
  const tree = hashes.reduce((grown, hash) => appendLeaf(grown, leafHash(Buffer.from(hash, 'hex'))), chain.tree);
  return { lastHash: hashes.at(-1) ?? chain.lastHash, tree };
}

/** The chain as it stood when a segment was sealed. */
export function chainOf({ first_index, count, last_hash, peaks }: Seal): Chain {
  return {
    lastHash: last_hash,
    tree: { size: first_index + count, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) },
  };
}

/**
 * Where the ledger stood behind a segment, in front of the first without one. By its seal alone: whether that is true, the next
 * checkpoint shows. `undefined` where it has no seal that can be read.
 */
export async function chainBehind(segment: LedgerSegment | undefined): Promise<Chain | undefined> {
  if (segment === undefined) return EMPTY_CHAIN;
  const seal = await sealOf(segment);
  return seal === undefined ? undefined : chainOf(seal);
}
