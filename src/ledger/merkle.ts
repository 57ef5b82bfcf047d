import { sha256 } from '../sha256.ts';

/** Bytes of every hash in a tree. */
export const HASH_BYTES = 32;

/**
 * The Merkle tree over the entries of a ledger (RFC 6962 section 2.1, RFC 9162 section 2.1) in as much as is needed to
 * append to it and to tell its root: one hash for each bit that is set in its size.
 */
export interface Tree {
  /** Leaves. */
  readonly size: number;
  /** Roots of the perfect subtrees that it consists of, the largest, leftmost one first. */
  readonly peaks: readonly Uint8Array[];
}

/** The tree without leaves. */
export const EMPTY_TREE: Tree = Object.freeze({ size: 0, peaks: Object.freeze([]) });

/**
 * Hash of a leaf: SHA-256 of 0x00 and its data. The data of a ledger's leaf are the 32 bytes of its `entry_hash`.
 *
 * @example
 * const tree = appendLeaf(EMPTY_TREE, leafHash(bytesOfEntryHash));
 */
export function leafHash(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input.set(data, 1);
  return sha256(input);
}

/** Hash of a node: SHA-256 of 0x01 and the hashes below it. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/**
 * The tree with one more leaf; the given one stays as it is. One hash on average, one for each level at most.
 *
 * @param leaf its {@link leafHash}
 *
 * @example
 * const tree = leaves.reduce(appendLeaf, EMPTY_TREE);
 */
export function appendLeaf(tree: Tree, leaf: Uint8Array): Tree {
  const peaks = tree.peaks.slice();
  let hash = leaf;
  // Each set bit at the end of the size is a subtree as large as what has grown beside it.
  for (let rest = tree.size; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(peaks.pop()!, hash);
  peaks.push(hash);
  return { size: tree.size + 1, peaks };
}

/**
 * Root of a tree; that of the empty one is SHA-256 of nothing. One hash for each peak but one.
 *
 * @example
 * bytesToHex(rootOf(EMPTY_TREE)); // 'e3b0c442…'
 */
export function rootOf({ peaks }: Tree): Uint8Array {
  if (peaks.length === 0) return sha256(new Uint8Array(0));
  return peaks.reduceRight((right, left) => nodeHash(left, right));
}
