import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ledger } from '../../../gateway/ledger/ledger.ts';
import { ledgerSegments } from '../../../gateway/ledger/read.ts';
import { deleteExpired, type RetentionResult } from '../../../gateway/ledger/retention.ts';
import { verifyLedger } from '../../../gateway/ledger/verify.ts';
import { readChain } from '../../faults/ledger-reader.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { EVE, filesOf, linesOf, open, record } from './helpers.ts';
import { edit } from './make-ledger.ts';

const DAY = 86_400_000;

test('deletes what is sealed, expired and vouched for, on record first; the seals stay and the chain goes on', async () => {
  const directory = await tempDirectory();
  let now = EVE;
  const options = { maxSegmentBytes: 400, now: () => now };
  const ledger = await open(directory, options);
  // Two entries make a segment; each is sealed when the next one begins, a day later.
  for (let at = 0; at < 9; at++) {
    await ledger.append(record(at));
    if (at % 2 === 1) now += DAY;
  }
  const all = await readChain(directory);
  const entriesLeft = async (): Promise<number[]> =>
    (
      await Promise.all(
        (
          await filesOf(directory)
        )
          .filter((name) => name.endsWith('.jsonl'))
          .map((name) => linesOf(join(directory, name))),
      )
    ).map((lines) => lines.length);
  const pass = (vouchedSize: number, append: Ledger['append'] = ledger.append): Promise<RetentionResult> =>
    deleteExpired({ directory, days: 30, now, vouchedSize, append, checkpoint: async () => undefined });

  expect(await entriesLeft()).toEqual([2, 2, 2, 2, 1]);
  now = EVE + DAY + 30 * DAY - 1;
  expect(await pass(9)).toEqual({ deleted: 0, kept: undefined });
  now += 1;
  expect(await pass(1)).toEqual({ deleted: 0, kept: undefined });
  await expect(pass(9, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(await entriesLeft()).toEqual([2, 2, 2, 2, 1]);
  expect(await pass(2)).toEqual({ deleted: 1, kept: undefined });
  expect(await entriesLeft()).toEqual([2, 2, 2, 1, 1]);
  now += 300 * DAY;
  expect(await pass(6)).toEqual({ deleted: 2, kept: undefined });
  // The newest sealed one stays, whatever its age: the next start begins with it.
  for (let again = 0; again < 3; again++) await pass(10_000);
  const left = (await filesOf(directory)).filter((name) => name.endsWith('.jsonl'));
  await ledger.append(record('end'));
  await ledger.close();
  expect(left.length).toBeGreaterThanOrEqual(2);

  const seals = (await filesOf(directory)).filter((name) => name.endsWith('.seal.json'));
  const lines = (
    await Promise.all(
      (
        await filesOf(directory)
      )
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => linesOf(join(directory, name))),
    )
  )
    .flat()
    .map((line) => JSON.parse(line));
  const said = lines.filter(({ kind }) => kind === 'retention');
  expect(new Set(said.map(({ segment }) => segment)).size).toBe(said.length);
  for (const { segment, first_index, count, last_hash } of said) {
    expect(left).not.toContain(segment);
    const seal = JSON.parse(await readFile(join(directory, segment.replace('.jsonl', '.seal.json')), 'utf8'));
    expect(seal).toMatchObject({ segment, first_index, count, last_hash });
  }
  expect(
    said.some(({ segment, last_hash }) => segment === '2030/12/31/235958.jsonl' && last_hash === all[1]?.entry_hash),
  ).toBe(true);
  expect(seals.length).toBeGreaterThan(left.length);

  const again = await open(directory, options);
  await again.append(record('after'));
  await again.close();
  const verified = await verifyLedger({ directory });
  expect(verified).toMatchObject({ fault: undefined, deleted: said.length });
  const [first] = (await filesOf(directory)).filter((name) => name.endsWith('.jsonl'));
  expect(first).not.toBe('2030/12/31/235958.jsonl');
});

test('nothing is deleted before a checkpoint vouches for the entries that say so', async () => {
  const directory = await tempDirectory();
  let now = EVE;
  const ledger = await open(directory, { now: () => now });
  for (let at = 0; at < 3; at++) {
    await ledger.append(record(at));
    now += DAY;
    await ledger.sealOtherDay();
  }
  const segments = async (): Promise<number> =>
    (await filesOf(directory)).filter((name) => name.endsWith('.jsonl')).length;
  const steps: unknown[] = [];
  const append: Ledger['append'] = async (entry) => {
    steps.push([entry.segment, await segments()]);
    await ledger.append(entry);
  };
  const past = { directory, days: 1, now: now + 9 * DAY, vouchedSize: 3, append };
  const failing = { ...past, checkpoint: () => Promise.reject(new Error('no room')) };
  await expect(deleteExpired(failing)).rejects.toThrow('no room');
  const before = await segments();
  expect(before).toBe(4);
  steps.length = 0;
  const checkpoint = async (): Promise<void> => void steps.push(['checkpoint', await segments()]);
  expect((await deleteExpired({ ...past, checkpoint })).deleted).toBe(2);
  await ledger.close();
  expect(steps).toEqual([
    ['2030/12/31/235958.jsonl', before],
    [expect.stringMatching(/^2031.01.01/), before],
    ['checkpoint', before],
  ]);
});

test('a seal that says it is older than its entries deletes none of them, and is a fault; a clock that went back is none', async () => {
  const directory = await tempDirectory();
  let now = EVE;
  const ledger = await open(directory, { now: () => now });
  // Sealed two days before its entry's own time.
  now -= 2 * DAY;
  await ledger.append(record('early clock'));
  await ledger.close();
  for (const id of ['second', 'third']) {
    const next = await open(directory, { now: () => now });
    await next.append(record(id));
    await next.close();
  }
  const verified = await verifyLedger({ directory });
  expect(verified).toMatchObject({ fault: undefined, size: 3 });
  const [segment] = await ledgerSegments(directory);
  expect(JSON.parse(await readFile(segment!.sealPath, 'utf8')).sealed_at).toBe('2030-12-31T23:59:58.000Z');

  await edit(segment!.sealPath, (text) => text.replace(/"sealed_at":"\d{4}/, '"sealed_at":"1970'));
  expect((await verifyLedger({ directory })).fault).toEqual({ reason: 'seal', name: segment!.name });
  const said: unknown[] = [];
  const append = async (one: unknown): Promise<void> => void said.push(one);
  const options = { directory, days: 3_650, now: EVE, vouchedSize: 3, append, checkpoint: async () => undefined };
  expect(await deleteExpired(options)).toEqual({ deleted: 0, kept: segment!.name });
  expect(said).toEqual([]);
  expect((await ledgerSegments(directory))[0]!.present).toBe(true);
});
