import { createHash } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Chain } from './chain.ts';
import type { Seal } from './seal.ts';
import type { LedgerFault } from './verify.ts';

/** Holds the lines of a segment against its seal. */
export interface SealCheck {
  /** Takes the next line, and the offset behind it. */
  add(text: string, end: number): void;
  /** What is wrong, once all lines were taken and turned out to be sound. */
  compare(seal: Seal | undefined, after: Chain): LedgerFault | undefined;
}

/** @param before where the ledger stood in front of the segment */
export function sealCheck(before: Chain): SealCheck {
  const digest = createHash('sha256');
  const first = before.tree.size;
  let bytes = 0;
  return {
    add(text, end) {
      digest.update(text).update('\n');
      bytes = end;
    },
    compare(seal, { lastHash, tree }) {
      if (seal === undefined) return { reason: 'seal' };
      const size = seal.first_index + seal.count;
      if (seal.first_index === first && tree.size < size) return { reason: 'missing', index: tree.size, size };
      const isSame =
        seal.first_index === first &&
        size === tree.size &&
        seal.bytes === bytes &&
        seal.last_hash === lastHash &&
        seal.peaks.join() === tree.peaks.map(bytesToHex).join() &&
        seal.sha256 === digest.digest('hex');
      return isSame ? undefined : { reason: 'seal' };
    },
  };
}
