import { damaged } from './damaged.ts';
import { type LedgerSegment, ledgerSegments, readLines } from './read.ts';
import { sealOf } from './seal.ts';

/** A whole line of a ledger, unchecked. */
export interface IndexedLine {
  /** Place in the ledger, from 0; what retention deleted is counted. */
  readonly index: number;
  readonly text: string;
  /** Place of its segment among all of them. */
  readonly at: number;
}

export interface LineOptions {
  /** Place of the segment to begin with. Default the first that is there. */
  readonly from?: { readonly at: number; readonly index: number };
  /** Told of bytes that were read, now and then. */
  readonly onProgress?: (bytes: number) => void;
}

/** Bytes between two reports of progress. */
const PROGRESS_BYTES = 1_048_576;

/**
 * Yields the lines of a ledger in order, one piece of a file in memory at a time. What is no line of text is counted, not
 * yielded, and so is nothing that is half written at the end. Linear.
 *
 * @throws {ConfigError} PTC_E018 where the seal of a deleted segment does not tell how many entries it had.
 */
export async function* ledgerLines(directory: string, options: LineOptions = {}): AsyncGenerator<IndexedLine> {
  const all = await ledgerSegments(directory);
  const { at: begin, index: first } = options.from ?? (await firstThere(directory, all));
  let index = first;
  for (const [at, { path }] of all.entries()) {
    if (at < begin) continue;
    let unsaid = 0;
    for await (const { state, text, start, end } of readLines(path)) {
      if (state === 'torn') break;
      if (state === 'whole') yield { index, text, at };
      index++;
      unsaid += end - start;
      if (unsaid < PROGRESS_BYTES) continue;
      options.onProgress?.(unsaid);
      unsaid = 0;
    }
    options.onProgress?.(unsaid);
  }
}

async function firstThere(
  directory: string,
  all: readonly LedgerSegment[],
): Promise<{ readonly at: number; readonly index: number }> {
  const found = all.findIndex(({ present }) => present);
  const at = found < 0 ? all.length : found;
  const before = all[at - 1];
  if (before === undefined) return { at, index: 0 };
  const seal = await sealOf(before);
  if (seal === undefined) throw damaged(directory, `the seal of ${before.name} cannot be read`);
  return { at, index: seal.first_index + seal.count };
}
