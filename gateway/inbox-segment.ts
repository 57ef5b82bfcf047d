import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Bytes that a segment begins with: a fixed word and the segment's marker. */
export const SEGMENT_HEADER_BYTES = 16;
/** Largest payload that is written and that a reader believes in: the gateway's body cap is far below. */
export const MAX_INBOX_PAYLOAD_BYTES: number = 8 * 1_048_576;

const MAGIC: Buffer = Buffer.from('PTCWAL1\n');
const MARKER_BYTES = 8;
/** Marker, length, CRC-32. */
const RECORD_HEADER_BYTES = 16;
/** Bytes that are read at once. */
const CHUNK_BYTES = 1_048_576;

/** A payload that its CRC-32 vouches for, and where its record stands. */
export interface WholeRecord {
  readonly payload: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A marker that nobody can know beforehand, so that no client can put what looks like a record into a body. */
export function newMarker(): Buffer {
  return randomBytes(MARKER_BYTES);
}

export function segmentHeader(marker: Buffer): Buffer {
  return Buffer.concat([MAGIC, marker]);
}

/**
 * One record as it stands in a segment: marker, length of payload and CRC-32 of payload (u32 little-endian), payload.
 * Undefined if the marker comes up in it once more: then it needs a segment with another one.
 *
 * @throws {RangeError} if no reader would believe in a payload of that size.
 */
export function encodeRecord(marker: Buffer, parts: readonly Uint8Array[]): Buffer | undefined {
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  const record = Buffer.concat([header, ...parts]);
  const payload = record.subarray(RECORD_HEADER_BYTES);
  if (payload.byteLength > MAX_INBOX_PAYLOAD_BYTES) throw new RangeError('the record is too large');
  marker.copy(record);
  record.writeUInt32LE(payload.byteLength, MARKER_BYTES);
  record.writeUInt32LE(crc32(payload), MARKER_BYTES + 4);
  return record.indexOf(marker, 1) === -1 ? record : undefined;
}

export interface SegmentStart {
  readonly marker: Buffer;
  /** Bytes of the header that are not as they were written: all of them or none. */
  readonly damagedBytes: number;
}

/**
 * Reads how a segment begins; undefined if nothing in the file is ours. Where header and first record disagree, a
 * first record that is whole, and the last or followed by another, is believed: damage to the header alone costs nothing.
 */
export async function readStart(path: string): Promise<SegmentStart | undefined> {
  const handle = await open(path, 'r');
  try {
    const start = await readAt(handle, 0, SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES);
    const named = start.subarray(MAGIC.byteLength, SEGMENT_HEADER_BYTES);
    const isOurs = named.byteLength === MARKER_BYTES && start.subarray(0, MAGIC.byteLength).equals(MAGIC);
    const first = start.subarray(SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + MARKER_BYTES);
    if (isOurs && (first.byteLength < MARKER_BYTES || first.equals(named))) return { marker: named, damagedBytes: 0 };
    const size = recordBytes(start, SEGMENT_HEADER_BYTES);
    const record = await readAt(handle, SEGMENT_HEADER_BYTES, size + MARKER_BYTES);
    const next = record.subarray(size);
    const isLast = next.byteLength < MARKER_BYTES;
    if (isWhole(record.subarray(0, size), first) && (isLast || next.equals(first))) {
      return { marker: first, damagedBytes: SEGMENT_HEADER_BYTES };
    }
    return isOurs ? { marker: named, damagedBytes: 0 } : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Yields each whole record of a segment. Where something else stands, reading goes on at the next marker, so that
 * damage costs the records that it touched. Time grows with the file and memory with the largest record, whatever
 * the file holds.
 */
export async function* readSegment(path: string, marker: Buffer): AsyncGenerator<WholeRecord> {
  const handle = await open(path, 'r');
  try {
    let offset = SEGMENT_HEADER_BYTES;
    let rest: Buffer = Buffer.alloc(0);
    for (let isEnd = false; !isEnd; ) {
      const more = await readAt(handle, offset + rest.byteLength, CHUNK_BYTES);
      isEnd = more.byteLength === 0;
      const bytes = Buffer.concat([rest, more]);
      const used = yield* wholeRecords(bytes, offset, marker, isEnd);
      rest = bytes.subarray(used);
      offset += used;
    }
  } finally {
    await handle.close();
  }
}

/** Yields the whole records of what was read so far; returns how many of its bytes are settled. */
function* wholeRecords(
  bytes: Buffer,
  offset: number,
  marker: Buffer,
  isEnd: boolean,
): Generator<WholeRecord, number, undefined> {
  for (let at = 0; ; ) {
    const start = bytes.indexOf(marker, at);
    // The last bytes may be the beginning of a marker.
    if (start === -1) return Math.max(at, bytes.byteLength - MARKER_BYTES + 1);
    const size = recordBytes(bytes, start);
    const end = start + size;
    if (end > bytes.byteLength && !isEnd) return start;
    if (isWhole(bytes.subarray(start, end), marker)) {
      const payload = bytes.subarray(start + RECORD_HEADER_BYTES, end);
      yield { payload, start: offset + start, end: offset + end };
      at = end;
    } else {
      at = start + 1;
    }
  }
}

/** Bytes of the record at a place, as its header says; at least a header, also where it says what cannot be. */
function recordBytes(bytes: Buffer, start: number): number {
  if (start + RECORD_HEADER_BYTES > bytes.byteLength) return RECORD_HEADER_BYTES;
  const length = bytes.readUInt32LE(start + MARKER_BYTES);
  return RECORD_HEADER_BYTES + (length > MAX_INBOX_PAYLOAD_BYTES ? 0 : length);
}

function isWhole(record: Buffer, marker: Buffer): boolean {
  // Nothing is what a crash leaves where the file grew but its data never arrived.
  if (record.byteLength <= RECORD_HEADER_BYTES) return false;
  if (record.readUInt32LE(MARKER_BYTES) !== record.byteLength - RECORD_HEADER_BYTES) return false;
  // No record holds a second marker. Asked first, so that no byte is summed up for more than one candidate.
  if (record.indexOf(marker, 1) !== -1) return false;
  return crc32(record.subarray(RECORD_HEADER_BYTES)) === record.readUInt32LE(MARKER_BYTES + 4);
}

/** As many of the bytes as the file has. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
