import { Buffer } from 'node:buffer';
import { type FileHandle, mkdir, open, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { encodeInboxRecord, type InboxRecord, openInboxLog, readInboxLog } from '../../gateway/inbox-log.ts';
import { MAX_INBOX_PAYLOAD_BYTES, segmentHeader } from '../../gateway/inbox-segment.ts';
import { tempDirectory } from '../helpers/temp.ts';

const MARKER = Buffer.from('8f1c20d3a4b5c6e7', 'hex');

function record(id: string, body: string | Uint8Array = `{"id":"${id}"}`): InboxRecord {
  return { head: { at: 1, decision_id: id, tenant: 't' }, body: Buffer.from(body) };
}

function encoded(id: string, body?: string | Uint8Array): Buffer {
  return encodeInboxRecord(MARKER, record(id, body)) ?? Buffer.alloc(0);
}

async function read(directory: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { head } of readInboxLog(directory)) ids.push(head.decision_id);
  return ids;
}

/** A directory whose one segment holds these bytes. */
async function logOf(...parts: Uint8Array[]): Promise<{ directory: string; path: string }> {
  const directory = await tempDirectory();
  const path = join(directory, 'inbox-000001.log');
  await writeFile(path, Buffer.concat(parts));
  return { directory, path };
}

/** Opens, appends one record, closes. */
async function reopen(directory: string, id: string): Promise<{ repairedBytes: number; damagedBytes: number }> {
  const log = await openInboxLog(directory);
  await log.append(record(id));
  await log.close();
  return log;
}

test('what was appended is read back, across segments and restarts', async () => {
  const directory = await tempDirectory();
  const ids: string[] = [];
  for (let start = 0; start < 3; start++) {
    const log = await openInboxLog(directory, { segmentBytes: 200 });
    const batch = Array.from({ length: 10 }, (_, at) => `${start}-${at}`);
    for (const id of batch) await log.append(record(id));
    ids.push(...batch);
    expect([log.repairedBytes, log.damagedBytes]).toEqual([0, 0]);
    await log.close();
  }
  expect(await read(directory)).toEqual(ids);
  const names = await readdir(directory);
  expect(names.length).toBeGreaterThan(3);
  const headers = await Promise.all(names.map(async (name) => (await readFile(join(directory, name))).subarray(0, 16)));
  for (const header of headers) expect(header.toString('latin1')).toMatch(/^PTCWAL1\n/);
  expect(new Set(headers.map((header) => header.toString('hex'))).size).toBe(names.length);
});

test('bodies come back byte for byte, whatever is in them', async () => {
  const directory = await tempDirectory();
  const log = await openInboxLog(directory);
  const bodies = fc.sample(fc.uint8Array({ maxLength: 300 }), 50);
  for (const body of bodies) await log.append({ head: { at: 1, decision_id: 'x', tenant: null }, body });
  await log.close();
  const back: Uint8Array[] = [];
  for await (const { body } of readInboxLog(directory)) back.push(Uint8Array.from(body));
  expect(back).toEqual(bodies);
});

test('a body that holds the marker goes to a segment with another one', async () => {
  const directory = await tempDirectory();
  const log = await openInboxLog(directory);
  await log.append(record('a'));
  const segment = await readFile(join(directory, 'inbox-000001.log'));
  await Promise.all(['b', 'c', 'd'].map((id) => log.append(record(id, segment))));
  await log.close();
  expect(await read(directory)).toEqual(['a', 'b', 'c', 'd']);
  expect((await readdir(directory)).length).toBe(2);
});

test('what no reader would believe in is refused, and so is anything after closing', async () => {
  const directory = await tempDirectory();
  const log = await openInboxLog(directory, { segmentBytes: 1 });
  await expect(log.append(record('a', Buffer.alloc(MAX_INBOX_PAYLOAD_BYTES)))).rejects.toThrow(RangeError);
  await log.append(record('b'));
  // The first of them begins a segment; closing waits for it.
  const late = Promise.allSettled([log.append(record('c')), log.append(record('d'))]);
  await log.close();
  await late;
  await expect(log.append(record('e'))).rejects.toThrow('closed');
  expect((await readdir(directory)).filter((name) => !name.startsWith('inbox-'))).toEqual([]);
});

test('a disk that is full takes nothing, and leaves no more than the segment that was to be begun', async () => {
  const directory = await tempDirectory();
  await symlink('/dev/full', join(directory, 'inbox-000001.log'));
  const log = await openInboxLog(directory);
  for (const id of ['a', 'b', 'c']) await expect(log.append(record(id))).rejects.toThrow(/ENOSPC|EINVAL/);
  expect(log.healthy).toBe(false);
  await log.close();
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
});

test('a file that is there already is not written to when the next segment is begun', async () => {
  const directory = await tempDirectory();
  const log = await openInboxLog(directory, { segmentBytes: 1 });
  await log.append(record('a'));
  await writeFile(join(directory, 'inbox-000002.log'), 'foreign');
  await log.append(record('b'));
  await log.close();
  expect(await readFile(join(directory, 'inbox-000002.log'), 'utf8')).toBe('foreign');
  expect(await read(directory)).toEqual(['a', 'b']);
});

test('a tail torn at any byte is cut off and kept aside; nothing before it is lost', async () => {
  const last = encoded('c');
  for (let cut = 1; cut < last.byteLength; cut += 7) {
    const torn = last.subarray(0, cut);
    const { directory, path } = await logOf(segmentHeader(MARKER), encoded('a'), encoded('b'), torn);
    expect(await reopen(directory, 'd')).toMatchObject({ repairedBytes: cut, damagedBytes: 0 });
    expect(await read(directory)).toEqual(['a', 'b', 'd']);
    expect(await readFile(`${path}.torn`)).toEqual(torn);
  }
});

test('a file that grew without its data (zeros) is cut too', async () => {
  const { directory, path } = await logOf(segmentHeader(MARKER), encoded('a'));
  await truncate(path, 500);
  expect((await reopen(directory, 'b')).repairedBytes).toBeGreaterThan(0);
  expect(await read(directory)).toEqual(['a', 'b']);
});

test('a batch whose pages were written out of order: what is whole stays, before it and behind it', async () => {
  const torn = encoded('torn');
  torn.fill(0, 4);
  const parts = [segmentHeader(MARKER), encoded('a'), encoded('b'), torn, encoded('c'), encoded('d')];
  const { directory, path } = await logOf(...parts);
  expect(await read(directory)).toEqual(['a', 'b', 'c', 'd']);
  expect(await reopen(directory, 'e')).toMatchObject({ repairedBytes: 0, damagedBytes: torn.byteLength });
  expect(await read(directory)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
  expect((await readFile(path)).subarray(0, Buffer.concat(parts).byteLength)).toEqual(Buffer.concat(parts));
});

test('one flipped bit anywhere costs at most the record that it is in', async () => {
  const ids = ['a', 'b', 'c'];
  const bytes = Buffer.concat([segmentHeader(MARKER), ...ids.map((id) => encoded(id))]);
  const size = encoded('a').byteLength;
  const { directory, path } = await logOf();
  for (let at = 0; at < bytes.byteLength; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    await writeFile(path, damaged);
    const lost = at < 16 ? -1 : Math.floor((at - 16) / size);
    expect(await read(directory), `byte ${at}`).toEqual(ids.filter((_, index) => index !== lost));
  }
});

test('any one damaged range, or a cut, loses only records that it touches, also after a restart', async () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 12 });
  const damage = fc.oneof(
    fc.record({ cut: fc.constant(true), from: fc.double({ min: 0, max: 1, noNaN: true }), fill: fc.constant([0]) }),
    fc.record({
      cut: fc.constant(false),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      fill: fc.oneof(
        fc.array(fc.nat(255), { minLength: 1, maxLength: 200 }),
        fc.nat({ max: 300 }).map((length) => Array<number>(length + 1).fill(0)),
        // Another record's bytes, as where a page was written to the wrong place.
        fc.nat({ max: 60 }).map((length) => [...encoded('copied').subarray(0, length + 1)]),
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(bodies, damage, async (all, { cut, from, fill }) => {
      const records = all.map((body, at) => encoded(String(at), body));
      const bytes = Buffer.concat([segmentHeader(MARKER), ...records]);
      // Header and first record vouch for each other: a range that reaches into both is left out here.
      const first = cut ? 0 : 16;
      const begin = first + Math.floor(from * (bytes.byteLength - first));
      const stop = cut ? bytes.byteLength : Math.min(bytes.byteLength, begin + fill.length);
      const { directory } = await logOf(
        bytes.subarray(0, begin),
        ...(cut ? [] : [Buffer.from(fill.slice(0, stop - begin)), bytes.subarray(stop)]),
      );
      let at = 16;
      const untouched: string[] = [];
      for (const [index, { byteLength }] of records.entries()) {
        if (at + byteLength <= begin || at >= stop) untouched.push(String(index));
        at += byteLength;
      }
      expect(await read(directory)).toEqual(expect.arrayContaining(untouched));
      await reopen(directory, 'new');
      const after = await read(directory);
      expect(after).toEqual(expect.arrayContaining([...untouched, 'new']));
      expect(after.filter((id) => untouched.includes(id))).toEqual(untouched);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a newest segment without a header is kept aside whole and begun anew', async () => {
  for (const foreign of [segmentHeader(MARKER).subarray(0, 9), Buffer.alloc(3_000), Buffer.from('some other file\n')]) {
    const { directory, path } = await logOf(foreign);
    expect(await read(directory)).toEqual([]);
    expect(await reopen(directory, 'a')).toMatchObject({ repairedBytes: foreign.byteLength, damagedBytes: 0 });
    expect(await reopen(directory, 'b')).toMatchObject({ repairedBytes: 0 });
    expect(await read(directory)).toEqual(['a', 'b']);
    expect(await readFile(`${path}.torn`)).toEqual(foreign);
  }
});

test('an older segment that is none of ours is passed over', async () => {
  const { directory, path } = await logOf(segmentHeader(MARKER), encoded('a'));
  await writeFile(path.replace('1.log', '2.log'), 'foreign');
  await writeFile(path.replace('1.log', '3.log'), Buffer.concat([segmentHeader(MARKER), encoded('b')]));
  expect(await reopen(directory, 'c')).toMatchObject({ repairedBytes: 0 });
  expect(await read(directory)).toEqual(['a', 'b', 'c']);
});

test('a record whose head is not JSON is skipped', async () => {
  const strange = ['', 'no newline', 'no json\nbody', '{"at":1\nbody', '"text"\nbody', 'null\n', '\n'].map(
    (payload) => {
      const bytes = Buffer.concat([MARKER, Buffer.alloc(8), Buffer.from(payload)]);
      bytes.writeUInt32LE(Buffer.byteLength(payload), 8);
      bytes.writeUInt32LE(crc32(payload), 12);
      return bytes;
    },
  );
  const { directory } = await logOf(segmentHeader(MARKER), encoded('a'), ...strange, encoded('b'));
  expect(await reopen(directory, 'c')).toMatchObject({ repairedBytes: 0, damagedBytes: 16 });
  expect(await read(directory)).toEqual(['a', 'b', 'c']);
});

test('the oldest segments make room for a new one, with what was kept beside them; how much is said', async () => {
  const directory = await tempDirectory();
  await writeFile(join(directory, 'inbox-000001.log'), Buffer.concat([segmentHeader(MARKER), encoded('old')]));
  await writeFile(join(directory, 'inbox-000001.log.torn'), Buffer.alloc(50));
  const oldBytes = 16 + encoded('old').byteLength + 50;
  const pruned: number[] = [];
  const options = { segmentBytes: 200, maxBytes: 1_000, onPruned: (bytes: number) => pruned.push(bytes) };
  const log = await openInboxLog(directory, options);
  const ids = Array.from({ length: 100 }, (_, at) => `id-${at}`);
  for (const id of ids) {
    await log.append(record(id));
    const names = await readdir(directory);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
    // A segment is full with the record that reaches its size.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_000 + 100);
  }
  await log.close();
  expect(pruned[0]).toBeGreaterThan(oldBytes);
  expect(pruned.length).toBeGreaterThan(10);
  expect(await readdir(directory)).not.toContain('inbox-000001.log.torn');
  const left = await read(directory);
  expect(left.length).toBeGreaterThan(3);
  expect(left).toEqual(ids.slice(-left.length));
});

test('the segment before the new one is kept however small the room is; one that cannot be deleted is said', async () => {
  const directory = await tempDirectory();
  await mkdir(join(directory, 'inbox-000000.log'));
  const failed: unknown[] = [];
  const options = { segmentBytes: 100, maxBytes: 1, onPruneFailed: (error: unknown) => failed.push(error) };
  const log = await openInboxLog(directory, options);
  for (const id of ['a', 'b', 'c', 'd', 'e']) await log.append(record(id));
  await log.close();
  expect((await readdir(directory)).filter((name) => name.startsWith('inbox-')).length).toBe(3);
  expect(failed.length).toBeGreaterThan(0);
});

test('one directory, one gateway; the claim of a process that is gone counts for nothing', async () => {
  const directory = await tempDirectory();
  await writeFile(join(directory, '.lock-999999999-x-00'), '');
  await (await openInboxLog(directory)).close();
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
  await writeFile(join(directory, '.lock-1-x-00'), '');
  await expect(openInboxLog(directory)).rejects.toThrow(/PTC_E013 .*WAL_DIR .*stop process 1, which uses it/);
});

test('a log that could not take a record says so until it takes one again', async () => {
  const directory = await tempDirectory();
  const log = await openInboxLog(directory);
  await log.append(record('a'));
  const write = vi.spyOn(Object.getPrototypeOf(await openHandle(directory)), 'writev');
  write.mockRejectedValueOnce(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  await expect(log.append(record('b'))).rejects.toThrow('full');
  expect(log.healthy).toBe(false);
  await expect(log.append(record('c', 'x'.repeat(MAX_INBOX_PAYLOAD_BYTES)))).rejects.toThrow(RangeError);
  await log.append(record('d'));
  expect(log.healthy).toBe(true);
  await expect(log.append(record('e', 'x'.repeat(MAX_INBOX_PAYLOAD_BYTES)))).rejects.toThrow(RangeError);
  expect(log.healthy).toBe(true);
  await log.close();
  expect(await read(directory)).toEqual(['a', 'd']);
});

/** Any handle: all share the prototype that a full disk is played on. */
async function openHandle(directory: string): Promise<FileHandle> {
  const handle = await open(join(directory, 'probe'), 'w');
  await handle.close();
  return handle;
}
