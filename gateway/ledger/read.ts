import { Buffer, isUtf8 } from 'node:buffer';
import { type FileHandle, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorKind } from '../log.ts';
import { damaged } from './damaged.ts';
import { openRegular } from './regular-file.ts';
import { MONTH_OR_DAY, segmentFileOf, YEAR } from './segment-name.ts';

/** Longest line that a reader takes into memory, in bytes without the line feed; no entry comes near it. */
export const MAX_LINE_BYTES: number = 1_048_576;

/** Bytes that are read at once. */
const CHUNK_BYTES = 262_144;
const LINE_FEED = 0x0a;

/** One segment of a ledger, in the order in which they were written. */
export interface LedgerSegment {
  /** From the ledger's directory, with slashes: `2030/12/31/235958-1.jsonl`. */
  readonly name: string;
  readonly path: string;
  /** Where its seal is or will be. */
  readonly sealPath: string;
  /** Whether the file of entries is there; retention deletes it and leaves the seal. */
  readonly present: boolean;
  /** Whether the seal is there: nothing more is written to this segment. */
  readonly sealed: boolean;
}

/**
 * What a line is besides its text: `whole`; `torn` at the end of the file without a line feed, as a crash leaves it;
 * `too_long` past {@link MAX_LINE_BYTES}; `not_utf8`. Only a whole line can be an entry.
 */
export type LineState = 'whole' | 'torn' | 'too_long' | 'not_utf8';

/** One line of a file. */
export interface LedgerLine {
  readonly state: LineState;
  /** Without its line feed; empty unless the line is whole. */
  readonly text: string;
  /** Offset of its first byte in the file. */
  readonly start: number;
  /** Offset behind its last byte, the line feed included. */
  readonly end: number;
}

/**
 * Lists the segments of a ledger, oldest first: those with a file of entries and those of which only the seal is left.
 * Other files are let be, and so is a file without a byte and without a seal: nothing was ever written to it. A directory
 * that does not exist has no segments. O(n log n) for n segments; no file is opened.
 *
 * @param directory the ledger's, as `WORM_BASE_DIR` names it
 * @throws {ConfigError} PTC_E018 where a year, month or day is a symbolic link
 * @throws what the system says of a directory that cannot be read
 *
 * @example
 * for (const { name, sealed } of await ledgerSegments('data/audit-worm')) console.log(name, sealed);
 */
export async function ledgerSegments(directory: string): Promise<LedgerSegment[]> {
  return (await segmentFiles(directory)).segments;
}

/** What {@link ledgerSegments} lists, and the empty files that it leaves out, which a failing disk or a crash left. */
export async function segmentFiles(
  directory: string,
): Promise<{ readonly segments: LedgerSegment[]; readonly empty: LedgerSegment[] }> {
  const segments: LedgerSegment[] = [];
  const empty: LedgerSegment[] = [];
  for (const segment of await allFiles(directory)) {
    const isEmpty = !segment.sealed && (await isWithoutBytes(segment.path));
    (isEmpty ? empty : segments).push(segment);
  }
  return { segments, empty };
}

async function allFiles(directory: string): Promise<LedgerSegment[]> {
  const segments: LedgerSegment[] = [];
  for (const year of await directories(directory, '', YEAR)) {
    for (const month of await directories(directory, year, MONTH_OR_DAY)) {
      for (const day of await directories(directory, month, MONTH_OR_DAY)) {
        segments.push(...(await segmentsOf(directory, day)));
      }
    }
  }
  return segments;
}

/** One that is gone by now was empty: nothing else is deleted without a seal. */
async function isWithoutBytes(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isFile() && found.size === 0;
  } catch (error) {
    if (errorKind(error) === 'ENOENT') return true;
    throw error;
  }
}

/**
 * Yields the lines of a file with their places, in memory one piece of it at a time. Bytes that are no line of text are
 * yielded too, with a state that says so, and reading goes on behind them. O(size of the file).
 *
 * @param path a segment
 * @param from offset of the first line's first byte, for a reader that goes on where it stopped. Default 0
 * @param follow whether a link to a file will do. Default false
 * @throws {ConfigError} PTC_E013 where there is something else than a file; what the system says of one that cannot be read
 *
 * @example
 * for await (const { state, text, start } of readLines(segment.path)) if (state === 'whole') check(text, start);
 */
export async function* readLines(path: string, from = 0, follow = false): AsyncGenerator<LedgerLine> {
  const handle = await openRegular(path, follow);
  try {
    yield* linesOf(handle, from);
  } finally {
    await handle.close();
  }
}

async function* linesOf(handle: FileHandle, from: number): AsyncGenerator<LedgerLine> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let start = from;
  /** The beginning of a line, copied from chunks before this one; no more of it than a line may have. */
  let kept: Buffer[] = [];
  let length = 0;
  for (let position = from; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    for (let at = 0; at < bytesRead; ) {
      const found = chunk.subarray(0, bytesRead).indexOf(LINE_FEED, at);
      const piece = chunk.subarray(at, found === -1 ? bytesRead : found);
      length += piece.byteLength;
      if (found === -1) {
        if (length <= MAX_LINE_BYTES) kept.push(Buffer.from(piece));
        break;
      }
      const bytes = kept.length === 0 ? piece : Buffer.concat([...kept, piece]);
      const end = start + length + 1;
      yield { ...textOf(bytes, length), start, end };
      kept = [];
      length = 0;
      start = end;
      at = found + 1;
    }
  }
  if (length > 0) yield { state: 'torn', text: '', start, end: start + length };
}

function textOf(bytes: Buffer, length: number): Pick<LedgerLine, 'state' | 'text'> {
  if (length > MAX_LINE_BYTES) return { state: 'too_long', text: '' };
  // Decoding would turn other bytes into U+FFFD and let two files read the same.
  if (!isUtf8(bytes)) return { state: 'not_utf8', text: '' };
  return { state: 'whole', text: bytes.toString('utf8') };
}

async function segmentsOf(directory: string, day: string): Promise<LedgerSegment[]> {
  const found = new Map<string, { readonly order: readonly [number, number]; present: boolean; sealed: boolean }>();
  for (const name of await readdir(join(directory, ...day.split('/')))) {
    const file = segmentFileOf(name);
    if (file === undefined) continue;
    const { base, time, n, isSeal } = file;
    const one = found.get(base) ?? { order: [time, n] as const, present: false, sealed: false };
    if (isSeal) one.sealed = true;
    else one.present = true;
    found.set(base, one);
  }
  return [...found]
    .sort(([, a], [, b]) => a.order[0] - b.order[0] || a.order[1] - b.order[1])
    .map(([base, { present, sealed }]) => {
      const path = join(directory, ...day.split('/'), base);
      const name = `${day}/${base}.jsonl`;
      return { name, path: `${path}.jsonl`, sealPath: `${path}.seal.json`, present, sealed };
    });
}

/**
 * Directories in one of a ledger, by their path from there. A link could lead a writer to where no reader looks, so it is refused.
 */
async function directories(directory: string, parent: string, named: RegExp): Promise<string[]> {
  const entries = await readdir(join(directory, parent), { withFileTypes: true }).catch((error) => {
    if (errorKind(error) === 'ENOENT') return [];
    throw error;
  });
  const found = entries
    .filter(({ name }) => named.test(name))
    .map((entry) => ({ entry, path: parent === '' ? entry.name : `${parent}/${entry.name}` }));
  const link = found.find(({ entry }) => entry.isSymbolicLink());
  if (link !== undefined) throw damaged(directory, `${link.path} is a symbolic link`);
  return found
    .filter(({ entry }) => entry.isDirectory())
    .map(({ path }) => path)
    .sort();
}
