import { createHash } from 'node:crypto';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { appendLeaf, EMPTY_TREE, leafHash, rootOf, type Tree } from '../../src/ledger/merkle.ts';
import {
  type ConsistencyClaim,
  consistencyProof,
  consistencyRanges,
  createRangeHasher,
  type InclusionClaim,
  inclusionProof,
  inclusionRanges,
  verifyConsistency,
  verifyInclusion,
} from '../../src/ledger/merkle-proof.ts';
import { CONSISTENCY, INCLUSION, LEAVES, ROOTS } from './merkle-vectors.ts';
import { mth, path, proof } from './naive-merkle.ts';

// As the built package has it on Node; several times as fast.
vi.mock('../../src/sha256.ts', () => import('../../middleware/sha256-node.ts'));

const hexes = (hashes: readonly Uint8Array[]): readonly string[] => hashes.map(bytesToHex);
const treeOf = (leaves: readonly Uint8Array[]): Tree => leaves.reduce(appendLeaf, EMPTY_TREE);
const leaves = LEAVES.map((hex) => leafHash(hexToBytes(hex)));
const roots = ROOTS.map(hexToBytes);

describe('published examples', () => {
  test('roots', () => {
    expect(ROOTS.map((_, size) => bytesToHex(rootOf(treeOf(leaves.slice(0, size)))))).toEqual(ROOTS);
  });

  test.each(INCLUSION)('leaf %i of %i', (index, size, expected) => {
    const found = inclusionProof(leaves, index, size);
    expect(hexes(found)).toEqual(expected);
    expect(verifyInclusion({ leaf: leaves[index]!, index, size, path: found, root: roots[size]! })).toBe(true);
  });

  test.each(CONSISTENCY)('%i leaves grow to %i', (oldSize, size, expected) => {
    const found = consistencyProof(leaves, oldSize, size);
    expect(hexes(found)).toEqual(expected);
    expect(verifyConsistency({ oldSize, oldRoot: roots[oldSize]!, size, root: roots[size]!, path: found })).toBe(true);
  });
});

/** Leaves of 1 byte to 3, each another. */
const data = Array.from({ length: 300 }, (_, at) => new TextEncoder().encode(String(at)));
const hashes = data.map(leafHash);
const rootAt = hashes.reduce<Uint8Array[]>(
  (found, _, at) => {
    found.push(rootOf(treeOf(hashes.slice(0, at + 1))));
    return found;
  },
  [rootOf(EMPTY_TREE)],
);
const size = fc.integer({ min: 1, max: 300 });

describe('as RFC 6962 says it, word for word', () => {
  test('roots of all trees to 300 leaves', () => {
    for (const [at, root] of rootAt.entries()) expect(bytesToHex(root)).toBe(bytesToHex(mth(data.slice(0, at))));
  });

  test('inclusion', () => {
    fc.assert(
      fc.property(size, fc.nat(), (n, seed) => {
        const index = seed % n;
        expect(hexes(inclusionProof(hashes, index, n))).toEqual(hexes(path(index, data.slice(0, n))));
      }),
      { numRuns: 300 },
    );
  });

  test('consistency', () => {
    fc.assert(
      fc.property(size, fc.nat(), (n, seed) => {
        const old = 1 + (seed % n);
        expect(hexes(consistencyProof(hashes, old, n))).toEqual(hexes(proof(old, data.slice(0, n))));
      }),
      { numRuns: 300 },
    );
  });
});

describe('laws', () => {
  test('every leaf of every tree to 48 leaves is proven, and no other is', () => {
    for (let n = 1; n <= 48; n++) {
      for (let index = 0; index < n; index++) {
        const claim = {
          leaf: hashes[index]!,
          index,
          size: n,
          path: inclusionProof(hashes, index, n),
          root: rootAt[n]!,
        };
        expect(verifyInclusion(claim), `${index} of ${n}`).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: hashes[(index + 1) % 300]! })).toBe(false);
      }
    }
  });

  test('every two trees to 48 leaves are consistent, and no others are', () => {
    for (let n = 0; n <= 48; n++) {
      for (let old = 0; old <= n; old++) {
        const claim: ConsistencyClaim = {
          oldSize: old,
          oldRoot: rootAt[old]!,
          size: n,
          root: rootAt[n]!,
          path: consistencyProof(hashes, old, n),
        };
        expect(verifyConsistency(claim), `${old} to ${n}`).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: rootAt[49]! })).toBe(false);
        // The empty tree is the beginning of every tree, whatever its root.
        if (old > 0) expect(verifyConsistency({ ...claim, root: rootAt[49]! })).toBe(false);
      }
    }
  });

  test('trees of a few hundred leaves', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, a, b) => {
        const index = a % n;
        const old = 1 + (b % n);
        const root = rootAt[n]!;
        const inclusion = inclusionProof(hashes, index, n);
        expect(verifyInclusion({ leaf: hashes[index]!, index, size: n, path: inclusion, root })).toBe(true);
        const consistency = consistencyProof(hashes, old, n);
        expect(verifyConsistency({ oldSize: old, oldRoot: rootAt[old]!, size: n, root, path: consistency })).toBe(true);
        expect(inclusion.length).toBeLessThanOrEqual(Math.ceil(Math.log2(n)));
      }),
      { numRuns: 500 },
    );
  });

  test('any bit that is another in path, leaf or root is found', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), fc.nat(), (n, a, b, bit) => {
        const index = a % n;
        const old = 1 + (b % n);
        const claims = [
          { leaf: hashes[index]!, index, size: n, path: inclusionProof(hashes, index, n), root: rootAt[n]! },
          { oldSize: old, oldRoot: rootAt[old]!, size: n, root: rootAt[n]!, path: consistencyProof(hashes, old, n) },
        ];
        for (const claim of claims) {
          const parts = Object.entries(claim).flatMap(([name, value]) =>
            value instanceof Uint8Array ? [{ name, bytes: value }] : [],
          );
          const all = [...parts.map(({ bytes }) => bytes), ...claim.path];
          const chosen = bit % (all.length * 256);
          const flipped = Uint8Array.from(all[chosen >> 8]!);
          flipped[(chosen & 255) >> 3] = flipped[(chosen & 255) >> 3]! ^ (1 << (chosen & 7));
          const part = parts[chosen >> 8];
          const changed = part
            ? { ...claim, [part.name]: flipped }
            : { ...claim, path: claim.path.with((chosen >> 8) - parts.length, flipped) };
          expect(verify(changed)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a hash more, one less, two exchanged, another index or size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (n, a, b) => {
        const index = a % n;
        const claim = {
          leaf: hashes[index]!,
          index,
          size: n,
          path: inclusionProof(hashes, index, n),
          root: rootAt[n]!,
        };
        const old = 1 + (b % (n - 1));
        const growth = {
          oldSize: old,
          oldRoot: rootAt[old]!,
          size: n,
          root: rootAt[n]!,
          path: consistencyProof(hashes, old, n),
        };
        for (const one of [claim, growth]) {
          expect(verify({ ...one, path: one.path.slice(1) })).toBe(false);
          expect(verify({ ...one, path: one.path.slice(0, -1) })).toBe(false);
          expect(verify({ ...one, path: [...one.path, rootAt[n]!] })).toBe(false);
          expect(verify({ ...one, path: [rootAt[n]!, ...one.path] })).toBe(false);
          if (one.path.length > 1) expect(verify({ ...one, path: one.path.toReversed() })).toBe(false);
          expect(verify({ ...one, size: n * 2 })).toBe(false);
        }
        for (const other of [index - 1, index + 1]) expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        for (const other of [old - 1, old + 1]) expect(verifyConsistency({ ...growth, oldSize: other })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('where the first leaves are gone, and their tree is known', () => {
  test('every leaf behind them is proven as before', () => {
    for (let n = 1; n <= 24; n++) {
      for (let gone = 0; gone < n; gone++) {
        const base = treeOf(hashes.slice(0, gone));
        for (let index = gone; index < n; index++) {
          const hasher = createRangeHasher(inclusionRanges(index, n), base);
          for (let at = gone; at < n; at++) hasher.add(at, hashes[at]!);
          expect(hexes(hasher.roots()), `${index} of ${n}, ${gone} gone`).toEqual(
            hexes(inclusionProof(hashes, index, n)),
          );
        }
      }
    }
  });

  test('a leaf among them is not', () => {
    const base = treeOf(hashes.slice(0, 8));
    expect(() => createRangeHasher(inclusionRanges(3, 9), base)).toThrow(RangeError);
    expect(() => createRangeHasher([{ start: 2, end: 12 }], base)).toThrow(RangeError);
  });
});

describe('what anybody may send', () => {
  const claim = { leaf: hashes[1]!, index: 1, size: 3, path: inclusionProof(hashes, 1, 3), root: rootAt[3]! };
  const growth = { oldSize: 1, oldRoot: rootAt[1]!, size: 3, root: rootAt[3]!, path: consistencyProof(hashes, 1, 3) };
  const nonsense = [
    undefined,
    null,
    -1,
    0.5,
    Number.NaN,
    2 ** 53,
    '1',
    1n,
    [],
    {},
    new Uint8Array(31),
    new Uint8Array(33),
    [1],
    [null],
  ];

  test('nonsense in any place proves nothing and throws nothing', () => {
    for (const one of [claim, growth]) {
      for (const name of Object.keys(one)) {
        for (const value of nonsense) {
          expect(verify({ ...one, [name]: value } as never), `${name}: ${String(value)}`).toBe(false);
        }
      }
    }
  });

  test('a path longer than any tree is high is not hashed', () => {
    const long = Array.from({ length: 1_000 }, () => rootAt[1]!);
    expect(verifyInclusion({ ...claim, size: Number.MAX_SAFE_INTEGER, path: long })).toBe(false);
  });

  test('places beyond 32 bits are places of their own', () => {
    const far = 2 ** 40;
    // The leaf alone on the right of a perfect tree: its path is that tree's root.
    const left = createHash('sha256').update('left').digest();
    const root = createHash('sha256').update(Uint8Array.of(1)).update(left).update(hashes[0]!).digest();
    const lonely = {
      leaf: hashes[0]!,
      index: far,
      size: far + 1,
      path: [new Uint8Array(left)],
      root: new Uint8Array(root),
    };
    expect(verifyInclusion(lonely)).toBe(true);
    expect(verifyInclusion({ ...lonely, index: 0 })).toBe(false);
    expect(verifyInclusion({ ...lonely, index: far - 1 })).toBe(false);
    expect(inclusionRanges(far, far + 1)).toEqual([{ start: 0, end: far }]);
    expect(consistencyRanges(far, far + 1)).toEqual([{ start: far, end: far + 1 }]);
  });

  test('there is no proof of what is not there', () => {
    expect(() => inclusionProof(hashes, 3, 3)).toThrow(RangeError);
    expect(() => inclusionProof(hashes, -1, 3)).toThrow(RangeError);
    expect(() => inclusionProof(hashes, 0, 301)).toThrow(RangeError);
    expect(() => consistencyProof(hashes, 4, 3)).toThrow(RangeError);
  });
});

function verify(claim: InclusionClaim | ConsistencyClaim): boolean {
  return 'leaf' in claim ? verifyInclusion(claim) : verifyConsistency(claim);
}
