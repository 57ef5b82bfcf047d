import { execFileSync } from 'node:child_process';
import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPosition, readTail, type TailPosition, writePosition } from '../../../gateway/postgres/ledger-tail.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { decisionRecord, testLedger } from './ledger-files.ts';

const START: TailPosition = { ledgerId: '', segment: '', offset: 0, index: 0 };

/** All indexes that reading yields from a position, so many lines at a time. */
async function indexesFrom(directory: string, from: TailPosition, size: number, max: number): Promise<number[]> {
  const read: number[] = [];
  for (let position = from; ; ) {
    const { lines, next } = await readTail(directory, position, size, max);
    if (lines.length === 0 && next.segment === position.segment) return read;
    read.push(...lines.map(({ index }) => index));
    position = next;
  }
}

const SEAL = {
  format: 'portcullis-seal/1',
  segment: '2030/12/31/235958.jsonl',
  first_index: 0,
  count: 3,
  bytes: 1,
  last_hash: 'a'.repeat(64),
  peaks: ['b'.repeat(64), 'c'.repeat(64)],
  sha256: 'd'.repeat(64),
  sealed_at: '2031-01-01T00:00:00.000Z',
};

test('lines come in order over segments, however many at a time, and none twice', async () => {
  const ledger = testLedger(await tempDirectory());
  await ledger.append(Array.from({ length: 3 }, () => decisionRecord()));
  ledger.begin('2031/01/01/000000.jsonl');
  await ledger.append(Array.from({ length: 2 }, () => decisionRecord()));
  ledger.begin('2031/01/01/000000-1.jsonl');
  await ledger.append([decisionRecord()]);
  for (const max of [1, 2, 3, 100]) {
    expect(await indexesFrom(ledger.directory, START, 6, max)).toEqual([0, 1, 2, 3, 4, 5]);
  }
  expect(await indexesFrom(ledger.directory, START, 4, 100)).toEqual([0, 1, 2, 3]);
});

test('a line that is not whole yet is left for later', async () => {
  const ledger = testLedger(await tempDirectory());
  await ledger.append([decisionRecord()]);
  const path = join(ledger.directory, '2030/12/31/235958.jsonl');
  await appendFile(path, '{"kind":');
  const first = await readTail(ledger.directory, { ...START, segment: '2030/12/31/235958.jsonl' }, 2, 10);
  expect(first.lines.map(({ index }) => index)).toEqual([0]);
  await appendFile(path, '"x"}\n');
  const second = await readTail(ledger.directory, first.next, 2, 10);
  expect(second.lines).toEqual([{ index: 1, text: '{"kind":"x"}' }]);
});

test('what retention deleted is passed over, and what is behind it keeps its index', async () => {
  const ledger = testLedger(await tempDirectory());
  await ledger.append(Array.from({ length: 3 }, () => decisionRecord()));
  ledger.begin('2031/01/01/000000.jsonl');
  await ledger.append([decisionRecord(), decisionRecord()]);
  await writeFile(join(ledger.directory, '2030/12/31/235958.seal.json'), JSON.stringify(SEAL));
  const { next } = await readTail(ledger.directory, { ...START, segment: '2030/12/31/235958.jsonl' }, 5, 2);
  await rm(join(ledger.directory, '2030/12/31/235958.jsonl'));
  expect(await indexesFrom(ledger.directory, START, 5, 10)).toEqual([3, 4]);
  // A reader that was in the middle of it.
  expect(next.index).toBe(2);
  expect(await indexesFrom(ledger.directory, next, 5, 10)).toEqual([3, 4]);
});

test('a position comes back as it was written, and one that is none counts as lost', async () => {
  const directory = await tempDirectory();
  expect(await readPosition(directory)).toEqual(START);
  const position = { ledgerId: 'e'.repeat(64), segment: '2031/01/01/000000-1.jsonl', offset: 17, index: 4 };
  await writePosition(directory, position);
  expect(await readPosition(directory)).toEqual(position);
  for (const change of [
    { segment: '../../x.jsonl' },
    { segment: '/etc/x.jsonl/..' },
    { offset: 0.5 },
    { index: '4' },
    { index: -1 },
    { offset: -17 },
    { more: 'x'.repeat(10_000) },
    { ledgerId: 7 },
  ]) {
    await writeFile(join(directory, 'postgres-index.json'), JSON.stringify({ ...position, ...change }));
    expect(await readPosition(directory)).toEqual(START);
  }
});

test('what stands in the place of the position is neither awaited nor followed, nor is what stands where it is written', async () => {
  for (const make of [
    (path: string): void => void execFileSync('mkfifo', [path]),
    (path: string): Promise<void> => symlink('/dev/zero', path),
  ]) {
    const directory = await tempDirectory();
    await make(join(directory, 'postgres-index.json'));
    await expect(readPosition(directory)).rejects.toThrow(/PTC_E013 .*postgres-index\.json is no regular file/);
  }
  const directory = await tempDirectory();
  const victim = join(await tempDirectory(), 'victim');
  await writeFile(victim, 'theirs');
  await symlink(victim, join(directory, 'postgres-index.json.new'));
  await writePosition(directory, { ...START, index: 4 });
  expect(await readFile(victim, 'utf8')).toBe('theirs');
  expect(await readPosition(directory)).toEqual({ ...START, index: 4 });
});
