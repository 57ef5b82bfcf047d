import { Buffer } from 'node:buffer';
import { encodeEntry } from '../../src/ledger/entry.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { imageOf, type LineImage, makeWorkspace, takeOver } from './line-image.ts';

/** Lines that are kept to make others from: records of one code have the same members, and much the same verdicts. */
export const MAX_IMAGES = 32;

/**
 * Makes an encoder of records: what `encodeEntry` gives, in UTF-8. It keeps the last line of every code, and writes into that
 * what is new.
 *
 * @returns a function of a record; its bytes are good until the next one. It throws as `encodeEntry` does.
 *
 * @example
 * const encode = recordEncoder();
 * target.set(encode(record), at);
 */
export function recordEncoder(): (record: LedgerRecord) => Uint8Array {
  const images = new Map<unknown, LineImage>();
  const workspace = makeWorkspace();
  return (record) => {
    if (!isOrdinary(record)) return Buffer.from(encodeEntry(record));
    const key = record.code ?? record.kind;
    const last = images.get(key);
    let image: LineImage | undefined;
    try {
      if (last !== undefined && takeOver(last, record, workspace)) image = last;
      else image = imageOf(record, last?.buffer);
    } finally {
      // It may be half changed.
      if (image !== last) images.delete(key);
    }
    if (image === undefined) return Buffer.from(encodeEntry(record));
    if (image !== last && images.size < MAX_IMAGES) images.set(key, image);
    return image.bytes.subarray(0, image.length);
  };
}

/** Whether what `for` in finds in a record is what it holds. */
function isOrdinary(record: LedgerRecord): boolean {
  for (const _inherited in Object.prototype) return false;
  return Object.getPrototypeOf(record) === Object.prototype && record.toJSON === undefined;
}
