import { Buffer } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lockDirectory, usable } from './directory-lock.ts';
import { type DurableFile, openDurableFile } from './durable-file.ts';
import {
  encodeRecord,
  newMarker,
  readSegment,
  readStart,
  SEGMENT_HEADER_BYTES,
  segmentHeader,
} from './inbox-segment.ts';
import { errorKind } from './log.ts';

/**
 * The inbox log keeps every request that was answered, as it came in, so that nothing that was acknowledged can
 * be lost. Segments `inbox-000001.log` begin with `PTCWAL1\n` and eight random bytes, their marker, and hold records of
 *
 *     marker | length of payload, u32 little-endian | CRC-32 of payload, u32 little-endian | payload
 *     payload = JSON head, newline, body bytes
 */
export interface InboxRecord {
  readonly head: InboxHead;
  readonly body: Uint8Array;
}

export interface InboxHead {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly decision_id: string;
  readonly tenant: string | null;
}

export interface InboxLog {
  append(record: InboxRecord): Promise<void>;
  close(): Promise<void>;
  readonly healthy: boolean;
  /** Bytes that were cut off the newest segment when it was opened; 0 after a clean stop. */
  readonly repairedBytes: number;
  /** Bytes of the newest segment that stood between whole records when it was opened, and still do. */
  readonly damagedBytes: number;
}

export interface InboxLogOptions {
  /** Size from which a new segment is begun, in bytes. Default {@link INBOX_SEGMENT_BYTES}. */
  readonly segmentBytes?: number;
  /**
   * Bytes that the log may take, about: when a segment is begun, the oldest ones are deleted until there is room for
   * it. The one before it is always kept. Default {@link DEFAULT_INBOX_MAX_BYTES}.
   */
  readonly maxBytes?: number;
  /** Told how many bytes were deleted. */
  readonly onPruned?: (bytes: number) => void;
  /** Told of an old segment that cannot be deleted. */
  readonly onPruneFailed?: (error: unknown) => void;
}

/** Size from which a new segment is begun, in bytes. */
export const INBOX_SEGMENT_BYTES: number = 256 * 1_048_576;
/** 8 GiB: 32 segments. */
export const DEFAULT_INBOX_MAX_BYTES: number = 8 * 1_073_741_824;

const SEGMENT = /^inbox-(\d{6})\.log$/;

/** A segment that is written to; an empty one has no header yet. */
interface Current {
  readonly number: number;
  readonly file: DurableFile;
  readonly marker: Buffer;
}

/**
 * Opens the newest segment, cutting off what a crash left half written after its last whole record (it is kept beside
 * it as `….torn`). A file without a segment's header holds nothing of ours: it is kept so too, whole.
 *
 * @throws {ConfigError} PTC_E013 naming `WAL_DIR` if the directory is in use, or its files cannot be read and written.
 */
export async function openInboxLog(directory: string, options: InboxLogOptions = {}): Promise<InboxLog> {
  const { segmentBytes = INBOX_SEGMENT_BYTES, maxBytes = DEFAULT_INBOX_MAX_BYTES } = options;
  const unlock = await lockDirectory('WAL_DIR', directory);
  const [found, newest] = await usable('WAL_DIR', directory, () => openNewest(directory)).catch(async (error) => {
    await unlock();
    throw error;
  });
  let current = newest;
  let preparing: Promise<void> | undefined;
  /** A disk that is full refuses records and leaves the file sound. */
  let lastFailed = false;
  let closed = false;

  /** Begins a segment. Its header is on the disk before any record is, so no crash takes it from one acknowledged. */
  async function prepare(): Promise<void> {
    const { file, number } = current;
    if (file.size > 0) {
      current = await openNext(directory, number + 1);
      await file.close();
      await prune(directory, current.number, maxBytes - segmentBytes, options);
    }
    await current.file.append(segmentHeader(current.marker));
  }

  async function appendNow(record: InboxRecord): Promise<void> {
    for (;;) {
      if (closed) throw new Error('the log is closed');
      const { file, marker } = current;
      const takesMore = file.size > 0 && file.size < Math.max(segmentBytes, SEGMENT_HEADER_BYTES + 1);
      const bytes = takesMore ? encodeInboxRecord(marker, record) : undefined;
      if (bytes !== undefined) return file.append(bytes);
      preparing ??= prepare().finally(() => {
        preparing = undefined;
      });
      await preparing;
    }
  }

  return {
    repairedBytes: found.cutBytes,
    damagedBytes: found.damagedBytes,
    get healthy() {
      return current.file.healthy && !lastFailed;
    },
    async append(record) {
      try {
        await appendNow(record);
        lastFailed = false;
      } catch (error) {
        // What is too large says nothing of the disk.
        lastFailed ||= !(error instanceof RangeError);
        throw error;
      }
    },
    async close() {
      closed = true;
      await preparing?.catch(() => undefined);
      await current.file.close();
      await unlock();
    },
  };
}

/** One record as it stands in a segment; undefined if it cannot stand in one with this marker. */
export function encodeInboxRecord(marker: Buffer, { head, body }: InboxRecord): Buffer | undefined {
  return encodeRecord(marker, [Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

/** Every whole record of the log, oldest first. What is damaged is left out. */
export async function* readInboxLog(directory: string): AsyncGenerator<InboxRecord> {
  for (const number of await segmentNumbers(directory)) {
    try {
      yield* readRecords(segmentPath(directory, number));
    } catch (error) {
      // A gateway that runs meanwhile may delete the oldest segments.
      if (errorKind(error) !== 'ENOENT') throw error;
    }
  }
}

async function* readRecords(path: string): AsyncGenerator<InboxRecord> {
  const start = await readStart(path);
  if (start === undefined) return;
  for await (const { payload } of readSegment(path, start.marker)) {
    const record = decodePayload(payload);
    if (record !== undefined) yield record;
  }
}

function decodePayload(payload: Buffer): InboxRecord | undefined {
  const newline = payload.indexOf(0x0a);
  try {
    const head: unknown = JSON.parse(payload.toString('utf8', 0, Math.max(0, newline)));
    if (typeof head !== 'object' || head === null) return undefined;
    return { head: head as InboxHead, body: payload.subarray(newline + 1) };
  } catch {
    return undefined;
  }
}

function segmentPath(directory: string, number: number): string {
  return join(directory, `inbox-${String(number).padStart(6, '0')}.log`);
}

async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((error) => {
    if (errorKind(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

interface Found {
  readonly marker: Buffer | undefined;
  readonly cutBytes: number;
  readonly damagedBytes: number;
}

async function openNewest(directory: string): Promise<readonly [Found, Current]> {
  const number = Math.max(1, ...(await segmentNumbers(directory)));
  const path = segmentPath(directory, number);
  const found = await repair(path);
  return [found, { number, file: await openDurableFile(path), marker: found.marker ?? newMarker() }];
}

async function openNext(directory: string, number: number): Promise<Current> {
  for (let next = number; ; next++) {
    try {
      const file = await openDurableFile(segmentPath(directory, next), { exclusive: true });
      return { number: next, file, marker: newMarker() };
    } catch (error) {
      if (errorKind(error) !== 'EEXIST') throw error;
    }
  }
}

async function repair(path: string): Promise<Found> {
  const size = await sizeOf(path);
  if (size === 0) return { marker: undefined, cutBytes: 0, damagedBytes: 0 };
  const start = await readStart(path);
  let end = start === undefined ? 0 : SEGMENT_HEADER_BYTES;
  let damagedBytes = start?.damagedBytes ?? 0;
  if (start !== undefined) {
    for await (const record of readSegment(path, start.marker)) {
      damagedBytes += record.start - end;
      end = record.end;
    }
  }
  if (end < size) {
    await pipeline(
      createReadStream(path, { start: end }),
      createWriteStream(`${path}.torn`, { flags: 'a', mode: 0o600 }),
    );
    await truncate(path, end);
  }
  return { marker: start?.marker, cutBytes: size - end, damagedBytes };
}

/**
 * Deletes the oldest of the segments before one, with what was kept beside them, until they are small enough together.
 * The newest of them is kept; one that cannot be deleted does not keep the others from it.
 */
async function prune(directory: string, before: number, maxBytes: number, options: InboxLogOptions): Promise<void> {
  let deleted = 0;
  try {
    const numbers = (await segmentNumbers(directory)).filter((number) => number < before);
    const paths = numbers.map((number) => segmentPath(directory, number));
    const sizes = await Promise.all(paths.map(async (path) => (await sizeOf(path)) + (await sizeOf(`${path}.torn`))));
    const excess = sizes.reduce((sum, size) => sum + size, 0) - maxBytes;
    for (const [at, path] of paths.slice(0, -1).entries()) {
      if (deleted >= excess) break;
      if (await removed(path, options)) deleted += sizes[at] ?? 0;
    }
  } catch (error) {
    options.onPruneFailed?.(error);
  }
  if (deleted > 0) options.onPruned?.(deleted);
}

async function removed(path: string, options: InboxLogOptions): Promise<boolean> {
  try {
    await rm(`${path}.torn`, { force: true });
    await rm(path, { force: true });
    return true;
  } catch (error) {
    options.onPruneFailed?.(error);
    return false;
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error) => {
    if (errorKind(error) === 'ENOENT') return undefined;
    throw error;
  });
  return found?.size ?? 0;
}
