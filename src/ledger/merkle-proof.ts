import { appendLeaf, EMPTY_TREE, HASH_BYTES, nodeHash, rootOf, type Tree } from './merkle.ts';

/** Hashes in a proof at most: one for each level of the largest tree that can be counted. */
export const MAX_PATH_HASHES = 64;

/** Leaves `start` to `end`, the latter excluded: a subtree whose root stands in a proof. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A claim that a leaf is in a tree. */
export interface InclusionClaim {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** A claim that a tree grew out of a smaller one, of which nothing was changed. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/**
 * The subtrees whose roots prove that leaf `index` is in the tree of `size` leaves, from the leaf up (RFC 6962 section 2.1.1).
 * They are disjoint, so that one pass over the leaves can hash them all: {@link createRangeHasher}.
 *
 * @throws {RangeError} if there is no such leaf.
 */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError('no such leaf in the tree');
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The subtrees whose roots prove that the first `oldSize` of `size` leaves are the same in both trees (RFC 6962 section 2.1.2);
 * none where there is nothing to prove.
 *
 * @throws {RangeError} if the old tree is the larger one.
 */
export function consistencyRanges(oldSize: number, size: number): readonly LeafRange[] {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) throw new RangeError('no such tree before that tree');
  if (oldSize === 0) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (oldSize < end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // Where the old tree is the leftmost subtree, its own root begins the proof, and the verifier has that.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** Hashes subtrees while the leaves go by. */
export interface RangeHasher {
  /** Takes the leaf at `index`; leaves come in order, from the first. */
  add(index: number, leaf: Uint8Array): void;
  /** Root of each range, in the order in which they were given. */
  roots(): readonly Uint8Array[];
}

/**
 * Hashes disjoint subtrees in one pass over the leaves. Memory: one {@link Tree} for each range, whatever their size.
 *
 * @param base the tree over leaves that are not there any more, or need not be read again: the first one to come is
 *   that behind it. Of the proofs of leaves that are behind it, nothing is missing.
 * @throws {RangeError} for a range inside the base that is not made of its subtrees.
 *
 * @example
 * const hasher = createRangeHasher(inclusionRanges(index, size));
 * leaves.forEach((leaf, at) => hasher.add(at, leaf));
 * const path = hasher.roots();
 */
export function createRangeHasher(ranges: readonly LeafRange[], base: Tree = EMPTY_TREE): RangeHasher {
  const trees: Tree[] = ranges.map((range) => partOf(base, range));
  const inOrder = ranges.map((range, at) => ({ ...range, at })).sort((a, b) => a.start - b.start);
  let next = 0;
  return {
    add(index, leaf) {
      while (next < inOrder.length && index >= inOrder[next]!.end) next++;
      const range = inOrder[next];
      if (range !== undefined && index >= range.start) trees[range.at] = appendLeaf(trees[range.at]!, leaf);
    },
    roots: () => trees.map(rootOf),
  };
}

/** What a tree already has of a range: the subtrees of its own that lie in it. */
function partOf({ size, peaks }: Tree, { start, end }: LeafRange): Tree {
  const inside: Uint8Array[] = [];
  let has = 0;
  let at = 0;
  for (const peak of peaks) {
    const width = splitOf(size - at + 1);
    if (at >= start && at + width <= end) {
      inside.push(peak);
      has += width;
    }
    at += width;
  }
  if (has !== Math.max(0, Math.min(end, size) - start)) throw new RangeError('leaves of a proof are not there');
  return { size: has, peaks: inside };
}

/**
 * Proves that leaf `index` is in the tree of the first `size` leaves. Linear.
 *
 * @throws {RangeError} if there is no such leaf.
 *
 * @example
 * verifyInclusion({ leaf: leaves[3], index: 3, size: 7, path: inclusionProof(leaves, 3, 7), root }); // true
 */
export function inclusionProof(leaves: readonly Uint8Array[], index: number, size: number): readonly Uint8Array[] {
  return rootsOf(leaves, size, inclusionRanges(index, size));
}

/**
 * Proves that the tree of the first `oldSize` leaves is the beginning of the tree of the first `size`. Linear.
 *
 * @throws {RangeError} if the old tree is the larger one.
 *
 * @example
 * verifyConsistency({ oldSize: 3, oldRoot, size: 7, root, path: consistencyProof(leaves, 3, 7) }); // true
 */
export function consistencyProof(leaves: readonly Uint8Array[], oldSize: number, size: number): readonly Uint8Array[] {
  return rootsOf(leaves, size, consistencyRanges(oldSize, size));
}

function rootsOf(leaves: readonly Uint8Array[], size: number, ranges: readonly LeafRange[]): readonly Uint8Array[] {
  if (leaves.length < size) throw new RangeError('fewer leaves than the tree has');
  const hasher = createRangeHasher(ranges);
  for (let at = 0; at < size; at++) hasher.add(at, leaves[at]!);
  return hasher.roots();
}

/**
 * Whether a proof shows that a leaf is in a tree (RFC 9162 section 2.1.3.2). Takes anything and never throws; at most
 * {@link MAX_PATH_HASHES} hashes.
 */
export function verifyInclusion({ leaf, index, size, path, root }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root]) || !areHashes(path)) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      [at, last] = upToOdd(at, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && isSame(hash, root);
}

/**
 * Whether a proof shows that a tree grew out of a smaller one (RFC 9162 section 2.1.4.2). The empty tree is the beginning of each,
 * without a proof. Takes anything and never throws; at most twice {@link MAX_PATH_HASHES} hashes.
 */
export function verifyConsistency({ oldSize, oldRoot, size, root, path }: ConsistencyClaim): boolean {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) return false;
  if (!areHashes([oldRoot, root]) || !areHashes(path)) return false;
  if (oldSize === size) return path.length === 0 && isSame(oldRoot, root);
  if (oldSize === 0) return path.length === 0 && isSame(oldRoot, rootOf(EMPTY_TREE));
  let [at, last] = upToEven(oldSize - 1, size - 1);
  // The old tree is a perfect one: its root, which is known, begins the path.
  const [first, ...rest] = at === 0 ? [oldRoot, ...path] : path;
  if (first === undefined) return false;
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      [at, last] = upToOdd(at, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && isSame(oldHash, oldRoot) && isSame(hash, root);
}

/** Largest power of two below `n`, which is 2 or more; of `n + 1` the largest one in `n`. */
function splitOf(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** A right edge without a left sibling on some levels stands for itself there. */
function upToOdd(at: number, last: number): readonly [at: number, last: number] {
  while (at % 2 === 0 && at !== 0) {
    at = half(at);
    last = half(last);
  }
  return [at, last];
}

function upToEven(at: number, last: number): [at: number, last: number] {
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  return [at, last];
}

/** Shifts of JavaScript end at 32 bits. */
function half(n: number): number {
  return Math.floor(n / 2);
}

function isCount(n: unknown): n is number {
  return Number.isSafeInteger(n) && (n as number) >= 0;
}

function areHashes(hashes: unknown): boolean {
  return (
    Array.isArray(hashes) &&
    hashes.length <= MAX_PATH_HASHES &&
    hashes.every((hash) => hash instanceof Uint8Array && hash.length === HASH_BYTES)
  );
}

/** Roots are public, so this may stop early. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, at) => byte === b[at]);
}
