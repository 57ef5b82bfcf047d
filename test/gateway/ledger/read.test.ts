import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LedgerLine, ledgerSegments, MAX_LINE_BYTES, readLines } from '../../../gateway/ledger/read.ts';
import { tempDirectory } from '../../helpers/temp.ts';

async function put(directory: string, name: string, content: string | Uint8Array = ''): Promise<string> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function collect(path: string, from?: number): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const line of readLines(path, from)) lines.push(line);
  return lines;
}

test('segments come in the order of their time and number, with what is there of each', async () => {
  const directory = await tempDirectory();
  for (const name of [
    '2031/01/01/000000.jsonl',
    '2030/12/31/235958-10.jsonl',
    '2030/12/31/235958-9.jsonl',
    '2030/12/31/235958-9.seal.json',
    '2030/12/31/235958.seal.json',
    '2030/12/31/000001-2.jsonl',
    '2030/02/01/120000.jsonl',
  ]) {
    await put(directory, name, 'x');
  }
  for (const other of [
    '2030/12/31/235958-01.jsonl',
    '2030/12/31/235958.jsonl.tmp',
    '2030/12/31/x.jsonl',
    '2030/12/31/000000.jsonl',
    '2030/12/3/000000.jsonl',
    'checkpoints/0000000000000001.txt',
    'quarantine/a',
    '.lock-1-x-00',
    '2029',
  ]) {
    await put(directory, other);
  }
  const segments = await ledgerSegments(directory);
  expect(segments.map(({ name, present, sealed }) => [name, present, sealed])).toEqual([
    ['2030/02/01/120000.jsonl', true, false],
    ['2030/12/31/000001-2.jsonl', true, false],
    ['2030/12/31/235958.jsonl', false, true],
    ['2030/12/31/235958-9.jsonl', true, true],
    ['2030/12/31/235958-10.jsonl', true, false],
    ['2031/01/01/000000.jsonl', true, false],
  ]);
  expect(segments[3]).toMatchObject({
    path: join(directory, '2030/12/31/235958-9.jsonl'),
    sealPath: join(directory, '2030/12/31/235958-9.seal.json'),
  });
});

test('a directory that is not there has no segments', async () => {
  expect(await ledgerSegments(join(await tempDirectory(), 'none'))).toEqual([]);
});

test('the last line without a line feed is torn, and no other', async () => {
  const path = await put(await tempDirectory(), 'a', '{"a":1}\n\n{"b":"ü"}\n{"c"');
  expect(await collect(path)).toEqual([
    { state: 'whole', text: '{"a":1}', start: 0, end: 8 },
    { state: 'whole', text: '', start: 8, end: 9 },
    { state: 'whole', text: '{"b":"ü"}', start: 9, end: 20 },
    { state: 'torn', text: '', start: 20, end: 24 },
  ]);
  expect(await collect(path, 9)).toEqual((await collect(path)).slice(2));
  expect(await collect(path, 24)).toEqual([]);
});

test('no two files read the same: bytes that are not UTF-8 are not decoded, a byte order mark stays', async () => {
  const directory = await tempDirectory();
  const bad = await put(directory, 'bad', Buffer.from([0x61, 0xff, 0x0a, 0xed, 0xa0, 0x80, 0x0a, 0x62, 0x0a]));
  expect((await collect(bad)).map(({ state, text }) => [state, text])).toEqual([
    ['not_utf8', ''],
    ['not_utf8', ''],
    ['whole', 'b'],
  ]);
  const marked = await put(directory, 'marked', Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a]));
  expect((await collect(marked))[0]?.text).toBe('\ufeffa\r');
});

test('a line past the limit is passed over with its place, and the next one is read', async () => {
  const longest = 'x'.repeat(MAX_LINE_BYTES);
  const path = await put(await tempDirectory(), 'a', `${longest}\n${longest}x\nnext\n${longest}${longest}`);
  const lines = await collect(path);
  expect(lines.map(({ state, text }) => [state, text.length])).toEqual([
    ['whole', MAX_LINE_BYTES],
    ['too_long', 0],
    ['whole', 4],
    ['torn', 0],
  ]);
  expect(lines[2]).toMatchObject({ start: 2 * MAX_LINE_BYTES + 3, end: 2 * MAX_LINE_BYTES + 8 });
});

test('lines join to the file again, whatever it holds and wherever pieces of it end', async () => {
  const path = join(await tempDirectory(), 'a');
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', ' ')),
    // Around the size that is read at once.
    fc.integer({ min: 262_130, max: 262_150 }).map((length) => 'é'.repeat(length / 2)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.boolean(), async (texts, endsWell) => {
      const content = Buffer.from(texts.map((text) => `${text}\n`).join('') + (endsWell ? '' : 'rest'));
      await writeFile(path, content);
      const lines = await collect(path);
      expect(lines.map(({ state }) => state)).toEqual([...texts.map(() => 'whole'), ...(endsWell ? [] : ['torn'])]);
      let at = 0;
      for (const { state, text, start, end } of lines) {
        expect(start).toBe(at);
        if (state === 'whole') expect(content.subarray(start, end).equals(Buffer.from(`${text}\n`))).toBe(true);
        at = end;
      }
      expect(at).toBe(content.byteLength);
    }),
    { numRuns: 50 },
  );
});
