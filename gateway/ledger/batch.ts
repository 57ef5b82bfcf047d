import { Buffer } from 'node:buffer';
import { sealInto } from '../../src/ledger/entry.ts';

/** Entries as they go to the disk in one write. */
export interface Batch {
  /** Their lines. Good until the next batch is made. */
  readonly bytes: Uint8Array;
  /** Their hashes. */
  readonly hashes: readonly string[];
}

/** Bytes that are kept for the next batch; a batch that needs more gets its own. */
const KEPT_BYTES = 1_048_576;

/**
 * Makes batches in memory that is used again for the next one.
 *
 * @returns a function of records as `encodeEntry` makes them, and the hash before the first
 */
export function batchMaker(): (encoded: readonly string[], prevHash: string) => Batch {
  const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return (encoded, prevHash) => {
    const hashes: string[] = [];
    let target = kept;
    let end = 0;
    let last = prevHash;
    for (let at = 0; at < encoded.length; ) {
      const sealed = sealInto(encoded[at] ?? '', last, target, end);
      if (sealed === undefined) {
        const larger = Buffer.allocUnsafeSlow(2 * target.length);
        target.copy(larger, 0, 0, end);
        target = larger;
        continue;
      }
      ({ end, hash: last } = sealed);
      hashes.push(last);
      at++;
    }
    return { bytes: target.subarray(0, end), hashes };
  };
}
