import { createHash } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import type { Chain } from './chain.ts';
import { laterOf } from './entry-time.ts';
import type { Seal } from './seal.ts';
import type { LedgerFault } from './verify.ts';

/** Holds the lines of a segment against its seal. */
export interface SealCheck {
  /** Takes the next line, the offset behind it, and the entry that it is. */
  add(text: string, end: number, entry: LedgerEntry | undefined): void;
  /** What is wrong, once all lines were taken and turned out to be sound. */
  compare(seal: Seal | undefined, after: Chain): LedgerFault | undefined;
}

/** @param before where the ledger stood in front of the segment */
export function sealCheck(before: Chain): SealCheck {
  const digest = createHash('sha256');
  const first = before.tree.size;
  let bytes = 0;
  let latest = 0;
  return {
    add(text, end, entry) {
      latest = laterOf(latest, entry?.timestamp);
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
        Date.parse(seal.sealed_at) >= latest &&
        seal.sha256 === digest.digest('hex');
      return isSame ? undefined : { reason: 'seal' };
    },
  };
}
