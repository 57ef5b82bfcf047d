import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { EMPTY_CHAIN, grow } from '../../../gateway/ledger/chain.ts';
import { rootOf } from '../../../src/ledger/merkle.ts';
import { naiveRoot } from './helpers.ts';

const hashes = Array.from({ length: 140 }, (_, at) => createHash('sha256').update(String(at)).digest('hex'));
const leaves = hashes.map((hash) => Buffer.from(hash, 'hex'));

test.each([1, 2, 3, 7, 50, 64])('batches of up to %s make the tree of RFC 6962', (most) => {
  let chain = EMPTY_CHAIN;
  for (let size = 0, turn = 0; size < hashes.length; turn++) {
    const next = Math.min(size + 1 + (turn % most), hashes.length);
    const before = chain;
    const root = Buffer.from(rootOf(before.tree));
    chain = grow(chain, hashes.slice(size, next));
    size = next;
    expect([chain.tree.size, chain.lastHash]).toEqual([size, hashes[size - 1]]);
    expect(Buffer.from(rootOf(chain.tree)).equals(naiveRoot(leaves.slice(0, size)))).toBe(true);
    // One peak for each bit of the size.
    expect(chain.tree.peaks.length).toBe(size.toString(2).replaceAll('0', '').length);
    // What was there is as it was.
    expect(Buffer.from(rootOf(before.tree)).equals(root)).toBe(true);
  }
});

test('nothing more is no other chain', () => {
  const chain = grow(EMPTY_CHAIN, hashes.slice(0, 5));
  expect(grow(chain, [])).toEqual(chain);
  expect(grow(EMPTY_CHAIN, [])).toEqual({ lastHash: '0'.repeat(64), tree: { size: 0, peaks: [] } });
});
