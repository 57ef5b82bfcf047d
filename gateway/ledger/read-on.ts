import { bytesToHex } from '@noble/hashes/utils.js';
import type { KnownRoot } from '../../src/ledger/audit.ts';
import { appendLeaf, rootOf, type Tree } from '../../src/ledger/merkle.ts';
import { claimedLeaf } from './claimed-leaf.ts';
import { type LedgerSegment, readLines } from './read.ts';
import type { LedgerFault } from './verify.ts';

/** What the first checkpoint behind a part of a ledger says about it. */
export interface ReadOn {
  readonly fault?: LedgerFault;
  /** Checkpoints that agree. */
  readonly agreed: number;
}

/**
 * Goes on behind a part of a ledger to the first checkpoint that vouches for it. Of what is read on the way only the hashes count: that
 * what stands there is as its hash says is not looked at, so damage behind the part does not matter to it.
 *
 * @param tree over the entries up to the end of the part
 * @param behind the segments that follow it
 * @param roots what checkpoints say, ascending by size
 * @param sound entries that an earlier checkpoint agreed with
 */
export async function readOn(
  tree: Tree,
  behind: readonly LedgerSegment[],
  roots: readonly KnownRoot[],
  sound: number,
): Promise<ReadOn> {
  const size = roots.find((one) => one.size >= tree.size)?.size ?? 0;
  if (size <= tree.size) return { agreed: 0 };
  let grown = tree;
  for (const { name, path, present } of behind) {
    if (!present) return { agreed: 0, fault: { reason: 'gone', name } };
    let line = 0;
    for await (const { state, text } of readLines(path)) {
      line++;
      if (state === 'torn') break;
      const leaf = state === 'whole' ? claimedLeaf(text) : undefined;
      if (leaf === undefined) {
        return { agreed: 0, fault: { reason: 'form', index: grown.size, place: { segment: name, line } } };
      }
      grown = appendLeaf(grown, leaf);
      if (grown.size === size) return met(grown, roots, sound);
    }
  }
  return { agreed: 0, fault: { reason: 'missing', index: grown.size, size } };
}

function met(tree: Tree, roots: readonly KnownRoot[], sound: number): ReadOn {
  const found = bytesToHex(rootOf(tree));
  const there = roots.filter(({ size }) => size === tree.size);
  return there.every(({ root }) => bytesToHex(root) === found)
    ? { agreed: there.length }
    : { agreed: 0, fault: { reason: 'root', index: sound, size: tree.size } };
}
