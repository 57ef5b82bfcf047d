import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedgerFile } from '../../gateway/ledger-file.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { tempDirectory } from '../helpers/temp.ts';

const record = (id: string): LedgerRecord => ({ decision_id: id }) as unknown as LedgerRecord;

test('segments are named by their first second, end at their size and at midnight UTC, and are never reused', async () => {
  const directory = await tempDirectory();
  let now = Date.UTC(2030, 11, 31, 23, 59, 58);
  const open = (): ReturnType<typeof openLedgerFile> =>
    openLedgerFile({ directory, maxSegmentBytes: 40, now: () => now });

  const first = await open();
  await Promise.all(['a', 'b'].map((id) => first.append(record(id))));
  await first.append(record('c'));
  now += 2_000;
  await first.append(record('d'));
  await first.close();
  const second = await open();
  await second.append(record('e'));
  await second.close();

  expect((await readdir(join(directory, '2030', '12', '31'))).sort()).toEqual(['235958-1.jsonl', '235958.jsonl']);
  expect((await readdir(join(directory, '2031', '01', '01'))).sort()).toEqual(['000000-1.jsonl', '000000.jsonl']);
  expect(await readFile(join(directory, '2030', '12', '31', '235958.jsonl'), 'utf8')).toBe(
    '{"decision_id":"a"}\n{"decision_id":"b"}\n',
  );
});

test('a ledger that never wrote leaves no file', async () => {
  const directory = await tempDirectory();
  await (await openLedgerFile({ directory, maxSegmentBytes: 40, now: () => 0 })).close();
  expect(await readdir(directory)).toEqual([]);
});
