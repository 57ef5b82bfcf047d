import { execFileSync } from 'node:child_process';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Anchoring, startAnchoring } from '../../../gateway/ledger/anchoring.ts';
import { createFakeClock, type FakeClock } from '../../../src/testing/fake-clock.ts';
import { recordOf } from '../../ledger/tampering.ts';
import { makeLedger } from './make-ledger.ts';

interface Anchored {
  readonly anchoring: Anchoring;
  readonly clock: FakeClock;
  readonly taken: string[];
  readonly failed: unknown[];
  isDown: boolean;
}

/** A ledger with checkpoints of sizes 1 to 4. */
async function ledgerOf(): Promise<string> {
  const records = [0, 1, 2, 3].map((n) => recordOf(n));
  return (await makeLedger(records, [1, 2, 3, 4])).directory;
}

const checkpointOf = (directory: string, size: number): string =>
  join(directory, `checkpoints/000000000000000${size}.txt`);
const anchoredOf = (directory: string): string => join(directory, 'checkpoints/anchored');

async function anchor(directory: string): Promise<Anchored> {
  const clock = createFakeClock();
  const it = { clock, taken: [] as string[], failed: [] as unknown[], isDown: true };
  const anchoring = await startAnchoring({
    directory,
    clock,
    onFailure: (error) => it.failed.push(error),
    async anchor(note) {
      if (it.isDown) throw new Error('down');
      it.taken.push(note);
    },
  });
  onTestFinished(() => anchoring.close());
  return Object.assign(it, { anchoring });
}

/** Runs what the next attempt does, to its end. */
async function attempt({ anchoring, clock }: Anchored): Promise<void> {
  await anchoring.idle(1_000_000);
  clock.advance(400_000);
  await anchoring.idle(1_000_000);
}

test('a checkpoint that was taken away while the anchor was down holds up none behind it', async () => {
  const directory = await ledgerOf();
  await writeFile(anchoredOf(directory), '1\n');
  const notes = await Promise.all([2, 3, 4].map((size) => readFile(checkpointOf(directory, size), 'utf8')));
  const it = await anchor(directory);
  await it.anchoring.idle(1_000_000);
  expect([it.anchoring.pending, it.failed.length]).toEqual([3, 1]);
  await rm(checkpointOf(directory, 2));
  // Another one in its place is none either.
  await rm(checkpointOf(directory, 3));
  await writeFile(checkpointOf(directory, 3), notes[0]!);
  it.isDown = false;
  await attempt(it);
  expect([it.anchoring.pending, it.taken]).toEqual([0, [notes[2]]]);
  expect(it.failed.slice(1).map(String)).toEqual([
    expect.stringMatching(/PTC_E018 .*size 2 is gone/),
    expect.stringMatching(/PTC_E018 .*size 3 is gone/),
  ]);
  expect(await readFile(anchoredOf(directory), 'utf8')).toBe('4\n');
});

test('one that was written while the anchor was down is anchored as it was written', async () => {
  const directory = await ledgerOf();
  await writeFile(anchoredOf(directory), '3\n');
  const note = await readFile(checkpointOf(directory, 4), 'utf8');
  await rm(checkpointOf(directory, 4));
  const it = await anchor(directory);
  await writeFile(checkpointOf(directory, 4), note);
  it.anchoring.add(4);
  await it.anchoring.idle(1_000_000);
  await rm(checkpointOf(directory, 4));
  it.isDown = false;
  await attempt(it);
  expect([it.anchoring.pending, it.taken]).toEqual([0, [note]]);
});

test('what was anchored is believed up to the newest checkpoint', async () => {
  const directory = await ledgerOf();
  for (const [said, pending] of [
    ['2\n', 2],
    ['4\n', 0],
    ['9999\n', 1],
    ['canary', 1],
    ['1'.repeat(100), 1],
  ] as const) {
    await writeFile(anchoredOf(directory), said);
    expect([said, (await anchor(directory)).anchoring.pending]).toEqual([said, pending]);
  }
});

test('a pipe or a link in the place of what was anchored is refused', async () => {
  for (const make of [
    (path: string): void => void execFileSync('mkfifo', [path]),
    (path: string): Promise<void> => symlink('/dev/zero', path),
  ]) {
    const directory = await ledgerOf();
    await make(anchoredOf(directory));
    await expect(anchor(directory)).rejects.toThrow(/PTC_E013 .*checkpoints\/anchored is no regular file/);
  }
});
