import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ledgerSegments } from '../../../gateway/ledger/read.ts';
import { nextSegmentName } from '../../../gateway/ledger/segment-name.ts';
import { verifyLedger } from '../../../gateway/ledger/verify.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { EVE, open, record } from './helpers.ts';

const LAST = '9999/12/31/235959-999999999.jsonl';

test.each([
  [EVE, undefined, '2030/12/31/235958.jsonl'],
  [EVE, '2030/12/31/235957-8.jsonl', '2030/12/31/235958.jsonl'],
  [EVE, '2030/12/31/235958.jsonl', '2030/12/31/235958-1.jsonl'],
  [EVE, '2030/12/31/235958-9.jsonl', '2030/12/31/235958-10.jsonl'],
  [EVE, '2099/01/01/000000-9.jsonl', '2099/01/01/000000-10.jsonl'],
  [EVE, '9999/12/31/235959-999999998.jsonl', LAST],
  [EVE, LAST, undefined],
  [Date.UTC(10_000, 0, 1), undefined, undefined],
])('at %s behind %s the next segment is %s', (now, after, expected) => {
  expect(nextSegmentName(now, after)).toBe(expected);
});

test('where no name is left that readers take, the gateway does not start', async () => {
  const directory = await tempDirectory();
  await mkdir(join(directory, LAST, '..'), { recursive: true });
  await writeFile(join(directory, LAST), 'x');
  await expect(open(directory)).rejects.toThrow(/^PTC_E018 .*no name is left for a segment behind 9999[^\n]*$/);
  // Without a byte it is no segment, and nothing comes behind it.
  await writeFile(join(directory, LAST), '');
  const ledger = await open(directory);
  await ledger.append(record('a'));
  await ledger.close();
  expect((await ledgerSegments(directory)).map(({ name }) => name)).toEqual(['2030/12/31/235958.jsonl']);
});

test('where the clock passes the last year of four digits, appends are refused', async () => {
  const directory = await tempDirectory();
  const ledger = await open(directory, { now: () => Date.UTC(10_000, 0, 1) });
  await expect(ledger.append(record('a'))).rejects.toThrow('no name is left for a segment');
  await ledger.close();
  expect(await readdir(directory)).toEqual([]);
});

test.each(['2030', '2030/12', '2030/12/31'])('%s as a symbolic link stops start and verify', async (name) => {
  const directory = await tempDirectory();
  const elsewhere = await tempDirectory();
  await mkdir(join(directory, name, '..'), { recursive: true });
  await symlink(elsewhere, join(directory, name));
  const says = new RegExp(`^PTC_E018 .*; ${name} is a symbolic link: [^\\n]*$`);
  await expect(open(directory)).rejects.toThrow(says);
  await expect(verifyLedger({ directory })).rejects.toThrow(says);
  expect(await readdir(elsewhere)).toEqual([]);
});
