import type { LedgerSegment } from './read.ts';
import { sealOf } from './seal.ts';

/** An entry by its index, or a time. */
export type SegmentBound = number | Date;

/**
 * The segment that has an entry, or was written to at a time: from when it was begun to when the next one was.
 *
 * @param all every segment of the ledger, oldest first
 * @returns its place among them; that of the last one where the bound lies behind it, -1 for a time before the first
 */
export async function segmentAt(all: readonly LedgerSegment[], bound: SegmentBound): Promise<number> {
  if (bound instanceof Date) {
    return all.findLastIndex(({ name }) => begunAt(name) <= bound.getTime());
  }
  for (const [at, segment] of all.entries()) {
    const seal = await sealOf(segment);
    if (seal === undefined || bound < seal.first_index + seal.count) return at;
  }
  return Math.max(0, all.length - 1);
}

/** `2030/12/31/235958-1.jsonl` was begun at 23:59:58 UTC; in milliseconds since the epoch. */
export function begunAt(name: string): number {
  const [year, month, day, time = ''] = name.split('/');
  return Date.parse(`${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}Z`);
}
