import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { FIRST_PREV_HASH } from '../../src/ledger/entry.ts';
import { EMPTY_TREE, HASH_BYTES, type Tree } from '../../src/ledger/merkle.ts';
import type { LedgerSegment } from './read.ts';
import { type Seal, sealOf } from './seal.ts';

/** Where a ledger stands: what the next entry names as the hash before it, and the tree over all entries so far. */
export interface Chain {
  readonly lastHash: string;
  readonly tree: Tree;
}

/** Of a ledger without entries. */
export const EMPTY_CHAIN: Chain = Object.freeze({ lastHash: FIRST_PREV_HASH, tree: EMPTY_TREE });

/**
 * The chain with more entries, by their hashes in order: what `appendLeaf` and `leafHash` make of them one by one, in half
 * the time, because nothing is made for each. Two hashes for each on average.
 */
export function grow(chain: Chain, hashes: readonly string[]): Chain {
  let { size } = chain.tree;
  const peaks = Buffer.alloc(HASH_BYTES * (Math.ceil(Math.log2(size + hashes.length + 1)) + 1));
  let end = 0;
  for (const peak of chain.tree.peaks) {
    peaks.set(peak, end);
    end += HASH_BYTES;
  }
  const leaf = Buffer.alloc(1 + HASH_BYTES);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
  for (const entryHash of hashes) {
    leaf.write(entryHash, 1, 'hex');
    peaks.write(hash('sha256', leaf, 'binary'), end, 'binary');
    end += HASH_BYTES;
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      end -= HASH_BYTES;
      peaks.copy(node, 1, end - HASH_BYTES, end + HASH_BYTES);
      peaks.write(hash('sha256', node, 'binary'), end - HASH_BYTES, 'binary');
    }
    size++;
  }
  const starts = Array.from({ length: end / HASH_BYTES }, (_, at) => at * HASH_BYTES);
  return {
    lastHash: hashes.at(-1) ?? chain.lastHash,
    tree: { size, peaks: starts.map((start) => peaks.subarray(start, start + HASH_BYTES)) },
  };
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
