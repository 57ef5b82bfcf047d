import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LedgerSegment, ledgerSegments, readLines } from '../ledger/read.ts';
import { readRegular } from '../ledger/regular-file.ts';
import { readSeal } from '../ledger/seal.ts';
import { errorKind } from '../log.ts';
import type { PlacedLine } from './index-rows.ts';

/** How far a ledger was read. */
export interface TailPosition {
  /** Tells ledgers apart that share a database; empty before the first entry is read. */
  readonly ledgerId: string;
  /** Segment that is read; the first there is, if empty. */
  readonly segment: string;
  /** Offset of the next line in it. */
  readonly offset: number;
  /** Index in the ledger of the next entry. */
  readonly index: number;
}

/** Beside the segments, as it belongs to them. */
const FILE = 'postgres-index.json';
/** Bytes of it at most. */
const MAX_POSITION_BYTES = 4_096;

/** Where reading begins that never began. */
export const BEGINNING: TailPosition = Object.freeze({ ledgerId: '', segment: '', offset: 0, index: 0 });

/**
 * Where reading goes on. Losing the file loses nothing but time: everything is read again, and rows that are there are
 * let be.
 *
 * @throws {ConfigError} PTC_E013 where there is something else than a file; what the system says of one that cannot be read
 */
export async function readPosition(directory: string): Promise<TailPosition> {
  const text = await readRegular(join(directory, FILE), MAX_POSITION_BYTES).catch((error) => {
    if (errorKind(error) === 'ENOENT') return undefined;
    throw error;
  });
  const found = text === undefined ? undefined : parsePosition(text);
  return found ?? BEGINNING;
}

/** Replaces the file as a whole; it need not outlive a power failure. One call at a time. */
export async function writePosition(directory: string, position: TailPosition): Promise<void> {
  const path = join(directory, FILE);
  const unfinished = `${path}.new`;
  // What a crash left there, or a link to somebody's file.
  await rm(unfinished, { force: true });
  await writeFile(unfinished, `${JSON.stringify(position)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, path);
}

/**
 * Reads the next lines of a ledger, of one segment at most, and no line that is not durable yet.
 *
 * @param size entries of the ledger that are on the disk
 * @param max lines at most
 *
 * @example
 * const { lines, next } = await readTail('data/audit-worm', position, ledger.chain.tree.size, 500);
 */
export async function readTail(
  directory: string,
  position: TailPosition,
  size: number,
  max: number,
): Promise<{ readonly lines: readonly PlacedLine[]; readonly next: TailPosition }> {
  const lines: PlacedLine[] = [];
  let { offset, index } = position;
  if (position.segment !== '') {
    try {
      for await (const { state, text, end } of readLines(join(directory, ...position.segment.split('/')), offset)) {
        if (state === 'torn' || index >= size || lines.length >= max) break;
        lines.push({ index, text });
        offset = end;
        index++;
      }
    } catch (error) {
      // Retention may have deleted it.
      if (errorKind(error) !== 'ENOENT') throw error;
    }
  }
  if (lines.length > 0 || index >= size) return { lines, next: { ...position, offset, index } };
  const begun = await segmentAfter(directory, position);
  return { lines, next: begun ?? position };
}

/** Where the first segment begins that comes after a position and is there. */
async function segmentAfter(directory: string, position: TailPosition): Promise<TailPosition | undefined> {
  const segments = await ledgerSegments(directory);
  const from = segments.findIndex(({ name }) => name === position.segment) + 1;
  const at = segments.findIndex(({ present }, place) => place >= from && present);
  const found = segments[at];
  if (found === undefined) return undefined;
  return { ...position, segment: found.name, offset: 0, index: await firstIndex(segments[at - 1], position) };
}

/** Of the segment behind another: as its seal says, since it may have been deleted before it was read to its end. */
async function firstIndex(before: LedgerSegment | undefined, position: TailPosition): Promise<number> {
  if (before === undefined) return 0;
  if (!before.sealed) return position.index;
  const seal = await readSeal(before.sealPath);
  if (seal === undefined) throw new Error('a segment has no seal that can be read');
  return seal.first_index + seal.count;
}

function parsePosition(text: string): TailPosition | undefined {
  let found: Partial<Record<keyof TailPosition, unknown>> | null;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { ledgerId, segment, offset, index } = found ?? {};
  if (typeof ledgerId !== 'string' || !/^[\w-]{0,64}$/.test(ledgerId)) return undefined;
  if (typeof segment !== 'string' || !/^(?:[\w/-]+\.jsonl)?$/.test(segment)) return undefined;
  if (!isCount(offset) || !isCount(index)) return undefined;
  return { ledgerId, segment, offset, index };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
