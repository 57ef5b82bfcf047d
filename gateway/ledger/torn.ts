import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { checkEntry } from '../../src/ledger/entry.ts';
import { type LedgerLine, MAX_LINE_BYTES } from './read.ts';

/**
 * Whether a crash leaves such a line: one without a line feed at the end of the file, or zeros, as which a file reads that grew
 * before its data arrived. Where a whole entry whose hash is right follows, or is in it, no crash left it: somebody or
 * something changed what was on the disk. O(bytes from the line on).
 *
 * @param path the file that it is in
 * @param line the first that is no entry
 */
export async function isTorn(path: string, line: LedgerLine): Promise<boolean> {
  const mayBe = line.state === 'torn' || (await holdsZero(path, line));
  return mayBe && !(await holdsEntry(path, line.start));
}

async function holdsZero(path: string, { state, text, start, end }: LedgerLine): Promise<boolean> {
  if (state === 'whole') return text.includes('\0');
  for await (const chunk of createReadStream(path, { start, end: end - 1 })) {
    if ((chunk as Buffer).includes(0)) return true;
  }
  return false;
}

/** Zeros end what stands before them as line feeds do. */
async function holdsEntry(path: string, start: number): Promise<boolean> {
  let rest = '';
  // As long as the longest line, so that joining takes no more time than reading.
  for await (const chunk of createReadStream(path, { start, encoding: 'latin1', highWaterMark: MAX_LINE_BYTES })) {
    const pieces = (rest + chunk).split(/[\0\n]+/);
    // One byte too many is enough to be no entry.
    rest = (pieces.pop() as string).slice(0, MAX_LINE_BYTES + 1);
    if (pieces.some((piece) => checkEntry(Buffer.from(piece, 'latin1'), undefined).ok)) return true;
  }
  return false;
}
