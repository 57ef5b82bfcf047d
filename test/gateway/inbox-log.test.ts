import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeInboxRecord, type InboxRecord, openInboxLog, readInboxLog } from '../../gateway/inbox-log.ts';
import { tempDirectory } from '../helpers/temp.ts';

function record(id: string, body = `{"id":"${id}"}`): InboxRecord {
  return { head: { at: 1, decision_id: id, tenant: 't' }, body: Buffer.from(body) };
}

async function read(directory: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { head } of readInboxLog(directory)) ids.push(head.decision_id);
  return ids;
}

test('the layout of a record: length, CRC-32, head, newline, body', () => {
  // python3 -c 'import zlib;print(hex(zlib.crc32(b"{\"at\":1,\"decision_id\":\"a\",\"tenant\":\"t\"}\nbody")))'
  const bytes = encodeInboxRecord(record('a', 'body'));
  expect(bytes.subarray(8).toString()).toBe('{"at":1,"decision_id":"a","tenant":"t"}\nbody');
  expect(bytes.readUInt32LE(0)).toBe(44);
  expect(bytes.readUInt32LE(4)).toBe(0x7eed2bc7);
});

test('what was appended is read back, across segments and restarts', async () => {
  const directory = await tempDirectory();
  const ids: string[] = [];
  for (let start = 0; start < 3; start++) {
    const log = await openInboxLog(directory, 200);
    const batch = Array.from({ length: 10 }, (_, at) => `${start}-${at}`);
    for (const id of batch) await log.append(record(id));
    ids.push(...batch);
    expect(log.repairedBytes).toBe(0);
    await log.close();
  }
  expect(await read(directory)).toEqual(ids);
  expect((await readdir(directory)).length).toBeGreaterThan(3);
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

test('a tail torn at any byte is cut off and kept aside; nothing before it is lost', async () => {
  const whole = Buffer.concat([encodeInboxRecord(record('a')), encodeInboxRecord(record('b'))]);
  const last = encodeInboxRecord(record('c'));
  for (let cut = 1; cut < last.byteLength; cut += 7) {
    const directory = await tempDirectory();
    const path = join(directory, 'inbox-000001.log');
    await writeFile(path, Buffer.concat([whole, last.subarray(0, cut)]));
    const log = await openInboxLog(directory);
    expect(log.repairedBytes).toBe(cut);
    await log.append(record('d'));
    await log.close();
    expect(await read(directory)).toEqual(['a', 'b', 'd']);
    expect(await readFile(`${path}.torn`)).toEqual(last.subarray(0, cut));
  }
});

test('a file that grew without its data (zeros) is cut too', async () => {
  const directory = await tempDirectory();
  const path = join(directory, 'inbox-000001.log');
  await writeFile(path, encodeInboxRecord(record('a')));
  await truncate(path, 500);
  const log = await openInboxLog(directory);
  await log.close();
  expect(await read(directory)).toEqual(['a']);
  expect(log.repairedBytes).toBeGreaterThan(0);
});

test('damage in the middle is not taken for a torn tail: the segment is set aside whole', async () => {
  const directory = await tempDirectory();
  const path = join(directory, 'inbox-000001.log');
  const bytes = Buffer.concat(['a', 'b', 'c'].map((id) => encodeInboxRecord(record(id))));
  bytes[80] = (bytes[80] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const log = await openInboxLog(directory);
  await log.append(record('d'));
  await log.close();
  expect((await readdir(directory)).sort()).toEqual(['inbox-000001.log.damaged', 'inbox-000002.log']);
  expect(await readFile(`${path}.damaged`)).toEqual(bytes);
});

test('one directory, one gateway; the claim of a process that is gone is taken over', async () => {
  const directory = await tempDirectory();
  await writeFile(join(directory, '.lock'), '1');
  await expect(openInboxLog(directory)).rejects.toThrow(/PTC_E013 .*WAL_DIR .*stop process 1, which uses it/);
  await writeFile(join(directory, '.lock'), '999999999');
  const log = await openInboxLog(directory);
  await log.close();
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
  await appendFile(join(directory, '.lock'), 'garbage');
  await (await openInboxLog(directory)).close();
});
