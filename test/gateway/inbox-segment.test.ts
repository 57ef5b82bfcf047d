import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encodeInboxRecord } from '../../gateway/inbox-log.ts';
import {
  encodeRecord,
  MAX_INBOX_PAYLOAD_BYTES,
  newMarker,
  readSegment,
  readStart,
  segmentHeader,
} from '../../gateway/inbox-segment.ts';
import { tempDirectory } from '../helpers/temp.ts';

const MARKER = Buffer.from('8f1c20d3a4b5c6e7', 'hex');
/** How often a byte is looked at, at most; quadratic work would be thousands of times. */
const MOST_LOOKS = 8;

const { summed } = vi.hoisted(() => ({ summed: { bytes: 0 } }));
vi.mock(import('node:zlib'), async (original) => {
  const zlib = await original();
  const crc32: typeof zlib.crc32 = (data, value) => {
    summed.bytes += Buffer.byteLength(data);
    return zlib.crc32(data, value);
  };
  return { ...zlib, crc32 };
});

/** Counts the bytes that are searched and summed up from now on. */
function bytesLookedAt(): () => number {
  const before = summed.bytes;
  const search = vi.spyOn(Buffer.prototype, 'indexOf');
  onTestFinished(() => search.mockRestore());
  return () => {
    let searched = 0;
    search.mock.results.forEach(({ value }, call) => {
      const from = (search.mock.calls[call]?.[1] ?? 0) as number;
      const { byteLength } = search.mock.contexts[call] as Buffer;
      searched += (value === -1 ? byteLength : (value as number)) - from;
    });
    return searched + summed.bytes - before;
  };
}

function encoded(payload: Uint8Array): Buffer {
  const record = encodeRecord(MARKER, [payload]);
  if (record === undefined) throw new Error('the payload holds the marker');
  return record;
}

/** Begins like a record of `length` bytes, and is none. */
function falseStart(length: number): Buffer {
  const bytes = Buffer.alloc(16);
  MARKER.copy(bytes);
  bytes.writeUInt32LE(length, 8);
  return bytes;
}

async function segmentOf(...parts: Uint8Array[]): Promise<string> {
  const path = join(await tempDirectory(), 'segment');
  await writeFile(path, Buffer.concat([segmentHeader(MARKER), ...parts]));
  return path;
}

async function payloads(path: string): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const { payload } of readSegment(path, MARKER)) found.push(payload);
  return found;
}

test('the layout: magic and marker; marker, length, CRC-32, head, newline, body', () => {
  expect(segmentHeader(MARKER)).toEqual(Buffer.from('50544357414c310a8f1c20d3a4b5c6e7', 'hex'));
  // python3 -c 'import zlib;print(hex(zlib.crc32(b"{\"at\":1,\"decision_id\":\"a\",\"tenant\":\"t\"}\nbody")))'
  const head = { at: 1, decision_id: 'a', tenant: 't' };
  const bytes = encodeInboxRecord(MARKER, { head, body: Buffer.from('body') });
  expect(bytes?.subarray(0, 8)).toEqual(MARKER);
  expect([bytes?.readUInt32LE(8), bytes?.readUInt32LE(12)]).toEqual([44, 0x7eed2bc7]);
  expect(bytes?.subarray(16).toString()).toBe('{"at":1,"decision_id":"a","tenant":"t"}\nbody');
});

test('markers are eight bytes, and no two are the same', () => {
  const markers = Array.from({ length: 1_000 }, () => newMarker().toString('hex'));
  expect(new Set(markers).size).toBe(1_000);
  for (const marker of markers) expect(marker).toMatch(/^[0-9a-f]{16}$/);
});

test('a record never holds the marker of its segment twice, nor more than a reader believes in', async () => {
  expect(encodeRecord(MARKER, [Buffer.from('a'), MARKER, Buffer.from('b')])).toBeUndefined();
  expect(encodeRecord(MARKER, [Buffer.from('a'), MARKER.subarray(0, 7), Buffer.from('b')])).toBeDefined();
  expect(() => encodeRecord(MARKER, [Buffer.alloc(MAX_INBOX_PAYLOAD_BYTES + 1)])).toThrow(RangeError);
  const largest = Buffer.alloc(MAX_INBOX_PAYLOAD_BYTES, 7);
  const small = Buffer.from('small');
  const read = await payloads(await segmentOf(encoded(small), encoded(largest), encoded(largest), encoded(small)));
  expect(read.map((payload) => payload.byteLength)).toEqual([5, largest.byteLength, largest.byteLength, 5]);
  expect(read.every((payload, at) => payload.equals(at % 3 === 0 ? small : largest))).toBe(true);
});

test('records are found wherever a chunk that is read at once ends', async () => {
  const small = Array.from({ length: 40 }, (_, at) => Buffer.from(`payload ${at}`));
  for (let shift = 0; shift < 60; shift += 3) {
    const filler = Buffer.alloc(1_048_576 - 200 - shift);
    const read = await payloads(await segmentOf(filler, ...small.map(encoded)));
    expect(read).toEqual(small);
  }
});

test('who has only seen that the file is readable finds no records with another marker', async () => {
  const other = Buffer.from('0011223344556677', 'hex');
  const forged = encodeRecord(other, [Buffer.from('{}\nforged')]) ?? Buffer.alloc(0);
  const body = Buffer.concat([segmentHeader(other), forged]);
  expect(await payloads(await segmentOf(encoded(body), Buffer.from('torn'), body))).toEqual([body]);
});

test.each<[string, (size: number) => Buffer]>([
  [
    'markers with the largest length, one after the other',
    (size) => Buffer.alloc(size, falseStart(MAX_INBOX_PAYLOAD_BYTES)),
  ],
  ['markers with no room for a header', (size) => Buffer.alloc(size, MARKER)],
  ['markers with a length up to just before the next', (size) => Buffer.alloc(size, falseStart(1_000))],
  [
    'whole records with false ones between',
    (size) => Buffer.alloc(size, Buffer.concat([encoded(Buffer.from('x')), falseStart(MAX_INBOX_PAYLOAD_BYTES)])),
  ],
  ['zeros', (size) => Buffer.alloc(size)],
])('reading takes linear time: %s', async (_name, fill) => {
  const last = Buffer.from('last');
  const path = await segmentOf(fill(8 * 1_048_576), encoded(last));
  const looked = bytesLookedAt();
  const read = await payloads(path);
  expect(looked()).toBeLessThan(MOST_LOOKS * 8 * 1_048_576);
  expect(read.at(-1)).toEqual(last);
});

test('a marker that overlaps itself is searched for in linear time too', async () => {
  const marker = Buffer.alloc(8, 1);
  const path = join(await tempDirectory(), 'segment');
  await writeFile(path, Buffer.concat([segmentHeader(marker), Buffer.alloc(4 * 1_048_576, 1)]));
  const looked = bytesLookedAt();
  for await (const record of readSegment(path, marker)) expect(record).toBeUndefined();
  // Each byte may begin a marker, and eight are looked at to say so.
  expect(looked()).toBeLessThan(2 * MOST_LOOKS * 4 * 1_048_576);
});

test('a damaged header is made up for by the first record, a damaged first record by the header', async () => {
  const records = [encoded(Buffer.from('first')), encoded(Buffer.from('second'))];
  for (const more of [records, records.slice(0, 1)]) {
    const bytes = Buffer.concat([segmentHeader(MARKER), ...more]);
    const path = join(await tempDirectory(), 'segment');
    for (let at = 0; at < bytes.byteLength; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      await writeFile(path, damaged);
      const start = await readStart(path);
      if (more.length > 1 || at < 16 || at >= 24) expect(start?.marker).toEqual(MARKER);
      if (more.length > 1) expect(start?.damagedBytes).toBe(at < 16 ? 16 : 0);
    }
  }
});

test('what does not begin as a segment is none, whatever it is', async () => {
  const path = join(await tempDirectory(), 'segment');
  const whole = segmentHeader(MARKER);
  for (let length = 0; length < 16; length++) {
    await writeFile(path, whole.subarray(0, length));
    expect(await readStart(path)).toBeUndefined();
  }
  for (const foreign of [Buffer.alloc(500), Buffer.from('{"some":"json"}\n'.repeat(9)), Buffer.alloc(100, 0xff)]) {
    await writeFile(path, foreign);
    expect(await readStart(path)).toBeUndefined();
  }
  await writeFile(path, whole);
  expect(await readStart(path)).toEqual({ marker: MARKER, damagedBytes: 0 });
});

test('reading never throws, and what it yields is what a CRC-32 vouches for', async () => {
  const path = join(await tempDirectory(), 'segment');
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(MARKER),
    fc.uint8Array({ maxLength: 30 }).map(encoded),
    fc.nat({ max: 60 }).map(falseStart),
    fc.uint8Array({ maxLength: 30 }).map((payload) => encoded(payload).subarray(0, 20)),
  );
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(piece, { maxLength: 12 }), async (isOurs, pieces) => {
      await writeFile(path, Buffer.concat([...(isOurs ? [segmentHeader(MARKER)] : []), ...pieces]));
      await readStart(path);
      for await (const { payload, start, end } of readSegment(path, MARKER)) {
        expect(end - start).toBe(16 + payload.byteLength);
        expect(payload.byteLength).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});
