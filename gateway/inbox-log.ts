import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { lockDirectory, usable } from './directory-lock.ts';
import { type DurableFile, openDurableFile } from './durable-file.ts';

/**
 * The inbox log keeps every request that was answered, as it came in, so that nothing that was acknowledged can
 * be lost. Segments `inbox-000001.log` hold records of
 *
 *     length of payload, u32 little-endian | CRC-32 of payload, u32 little-endian | payload
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
}

/** Size from which a new segment is begun, in bytes. */
export const INBOX_SEGMENT_BYTES: number = 256 * 1_048_576;
/** Largest payload that a reader believes in: the gateway's body cap is far below. */
export const MAX_INBOX_PAYLOAD_BYTES: number = 4 * 1_048_576;

const HEADER_BYTES = 8;
const SEGMENT = /^inbox-(\d{6})\.log$/;

/**
 * Opens the newest segment, cutting off what a crash left half written (it is kept beside it as `….torn`).
 * A segment that is damaged in the middle is set aside whole, as `….damaged`, and a new one is begun.
 *
 * @throws {ConfigError} PTC_E013 naming `WAL_DIR` if the directory is in use, or its files cannot be read and written.
 */
export async function openInboxLog(directory: string, segmentBytes: number = INBOX_SEGMENT_BYTES): Promise<InboxLog> {
  const unlock = await lockDirectory('WAL_DIR', directory);
  let number = 1;
  const [repaired, newest] = await usable('WAL_DIR', directory, async () => {
    number = Math.max(1, ...(await segmentNumbers(directory)));
    const repaired = await repair(segmentPath(directory, number));
    if (repaired.damaged) number++;
    return [repaired, await openDurableFile(segmentPath(directory, number))] as const;
  }).catch(async (error) => {
    await unlock();
    throw error;
  });
  let file = newest;
  let rotating: Promise<void> | undefined;

  async function rotate(full: DurableFile): Promise<void> {
    number++;
    file = await openDurableFile(segmentPath(directory, number), { exclusive: true });
    await full.close();
  }

  return {
    repairedBytes: repaired.cutBytes,
    get healthy() {
      return file.healthy;
    },
    async append(record) {
      if (file.size >= segmentBytes) {
        rotating ??= rotate(file).finally(() => {
          rotating = undefined;
        });
        await rotating;
      }
      await file.append(encodeInboxRecord(record));
    },
    async close() {
      await file.close();
      await unlock();
    },
  };
}

/** One record as it stands in a segment. */
export function encodeInboxRecord({ head, body }: InboxRecord): Buffer {
  const text = Buffer.from(`${JSON.stringify(head)}\n`);
  const out = Buffer.allocUnsafe(HEADER_BYTES + text.byteLength + body.byteLength);
  text.copy(out, HEADER_BYTES);
  out.set(body, HEADER_BYTES + text.byteLength);
  out.writeUInt32LE(out.byteLength - HEADER_BYTES, 0);
  out.writeUInt32LE(crc32(out.subarray(HEADER_BYTES)), 4);
  return out;
}

/** Every whole record of the log, oldest first. A torn tail ends the reading of its segment. */
export async function* readInboxLog(directory: string): AsyncGenerator<InboxRecord> {
  for (const number of await segmentNumbers(directory)) {
    for await (const { payload } of readSegment(segmentPath(directory, number))) yield decodePayload(payload);
  }
}

function decodePayload(payload: Buffer): InboxRecord {
  const newline = payload.indexOf(0x0a);
  return { head: JSON.parse(payload.toString('utf8', 0, newline)) as InboxHead, body: payload.subarray(newline + 1) };
}

function segmentPath(directory: string, number: number): string {
  return join(directory, `inbox-${String(number).padStart(6, '0')}.log`);
}

async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Yields each whole record and where it ends; stops at the first that is not whole. */
async function* readSegment(path: string): AsyncGenerator<{ payload: Buffer; end: number }> {
  let pending: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    pending = pending.byteLength === 0 ? (chunk as Buffer) : Buffer.concat([pending, chunk as Buffer]);
    for (;;) {
      if (pending.byteLength < HEADER_BYTES) break;
      const length = pending.readUInt32LE(0);
      // Zero length is what a crash leaves where the file grew but its data never arrived.
      if (length === 0 || length > MAX_INBOX_PAYLOAD_BYTES) return;
      if (pending.byteLength < HEADER_BYTES + length) break;
      const payload = pending.subarray(HEADER_BYTES, HEADER_BYTES + length);
      if (crc32(payload) !== pending.readUInt32LE(4)) return;
      offset += HEADER_BYTES + length;
      pending = pending.subarray(HEADER_BYTES + length);
      yield { payload, end: offset };
    }
  }
}

async function repair(path: string): Promise<{ cutBytes: number; damaged: boolean }> {
  const size = await sizeOf(path);
  if (size === 0) return { cutBytes: 0, damaged: false };
  let end = 0;
  for await (const record of readSegment(path)) end = record.end;
  if (end === size) return { cutBytes: 0, damaged: false };

  const handle = await open(path, 'r');
  const tail = Buffer.alloc(size - end);
  await handle.read(tail, 0, tail.byteLength, end);
  await handle.close();
  if (holdsWholeRecord(tail)) {
    await rename(path, `${path}.damaged`);
    return { cutBytes: tail.byteLength, damaged: true };
  }
  await writeFile(`${path}.torn`, tail, { flag: 'a', mode: 0o600 });
  await truncate(path, end);
  return { cutBytes: tail.byteLength, damaged: false };
}

async function sizeOf(path: string): Promise<number> {
  const handle = await open(path, 'r').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return 0;
  const { size } = await handle.stat();
  await handle.close();
  return size;
}

/** Whether a whole record follows the first broken one: then it is damage, not the end that a crash cut off. */
function holdsWholeRecord(tail: Buffer): boolean {
  if (tail.byteLength < HEADER_BYTES) return false;
  const next = HEADER_BYTES + tail.readUInt32LE(0);
  if (next + HEADER_BYTES > tail.byteLength) return false;
  const length = tail.readUInt32LE(next);
  if (length === 0 || next + HEADER_BYTES + length > tail.byteLength) return false;
  const payload = tail.subarray(next + HEADER_BYTES, next + HEADER_BYTES + length);
  return crc32(payload) === tail.readUInt32LE(next + 4);
}
