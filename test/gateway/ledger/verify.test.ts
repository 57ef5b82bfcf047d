import { createHash } from 'node:crypto';
import { appendFile, chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deleteExpired } from '../../../gateway/ledger/retention.ts';
import { type VerifyOptions, type VerifyResult, verifyLedger } from '../../../gateway/ledger/verify.ts';
import { appendLeaf, EMPTY_TREE, type Tree } from '../../../src/ledger/merkle.ts';
import { readVerifierKey } from '../../../src/ledger/note-key.ts';
import { entryLeaf } from '../../../src/ledger/proof.ts';
import { SUM_DB } from '../../ledger/notes.ts';
import { linesOf as chainedLines, EDITS, entryHash, randomOf, recordOf } from '../../ledger/tampering.ts';
import { EVE, linesOf, open } from './helpers.ts';
import { edit, type MadeLedger, makeLedger, SIGNER, writeCheckpoint } from './make-ledger.ts';

const SIZES = [2, 7, 9, 11, 12];
const records = Array.from({ length: 12 }, (_, n) => recordOf(n));
const made = (): Promise<MadeLedger> => makeLedger(records, SIZES);
const verify = ({ directory, verifiers }: MadeLedger, more: Partial<VerifyOptions> = {}): Promise<VerifyResult> =>
  verifyLedger({ directory, verifiers, ...more });

describe('a ledger that holds', () => {
  test('every entry, segment and checkpoint is looked at', async () => {
    const seen: [unknown, number][] = [];
    let bytes = 0;
    const result = await verify(await made(), {
      onEntry: ({ decision_id }, index) => void seen.push([decision_id, index]),
      onProgress: (more) => {
        bytes += more;
      },
    });
    expect(result).toEqual({
      fault: undefined,
      first: 0,
      size: 12,
      segments: 4,
      deleted: 0,
      checkpoints: 5,
      vouchedSize: 12,
      tornBytes: 0,
    });
    expect(seen).toEqual(records.map(({ decision_id }, index) => [decision_id, index]));
    expect(bytes).toBe(chainedLines(records).join('\n').length + 1);
  });

  test('none at all', async () => {
    const empty = { fault: undefined, size: 0, segments: 0, checkpoints: 0 };
    expect(await verifyLedger({ directory: '/nowhere/at/all' })).toMatchObject(empty);
  });

  test('while it is written to: what is half written at the end is no fault', async () => {
    const ledger = await made();
    const { directory } = ledger;
    const open_ = await open(directory, { now: () => EVE });
    await open_.append(recordOf(12));
    const path = join(directory, '2030/12/31/235958.jsonl');
    await appendFile(path, '{"kind":"decis');
    expect(await verify(ledger)).toMatchObject({ fault: undefined, size: 13, segments: 5, tornBytes: 14 });
    await open_.close();
  });

  test('of which retention deleted the oldest: its entries and seals say so', async () => {
    const ledger = await made();
    const { directory } = ledger;
    const open_ = await open(directory, { now: () => EVE });
    const checkpoint = (): Promise<void> => writeCheckpoint(directory, open_.chain.tree, SIGNER);
    const past = { directory, days: 1, now: EVE + 90 * 86_400_000, append: open_.append, checkpoint };
    expect((await deleteExpired({ ...past, vouchedSize: 7 })).deleted).toBe(2);
    await open_.close();
    expect(await verify(ledger)).toMatchObject({ fault: undefined, first: 6, size: 14, deleted: 2, checkpoints: 5 });
    // What nobody signed excuses nothing: who can write the files can write such an entry.
    await rm(checkpointPath(ledger, 14));
    await rm(join(directory, '2030/12/31/235958.seal.json'));
    expect((await verify(ledger)).fault).toEqual({ reason: 'retention', name: ledger.segments[0]!.name });
    expect((await verifyLedger({ directory })).fault).toBeUndefined();
  });
});

test('retention deletes what is about to be read: all is read again, and holds', async () => {
  const ledger = await made();
  const { directory } = ledger;
  const open_ = await open(directory, { now: () => EVE });
  const checkpoint = (): Promise<void> => writeCheckpoint(directory, open_.chain.tree, SIGNER);
  const past = { directory, days: 1, now: EVE + 90 * 86_400_000, append: open_.append, checkpoint, vouchedSize: 9 };
  let deleted = 0;
  const onEntry = async (): Promise<void> => {
    if (deleted === 0) ({ deleted } = await deleteExpired(past));
  };
  expect(await verify(ledger, { onEntry })).toMatchObject({ fault: undefined, first: 9, deleted: 3 });
  await open_.close();
});

describe('what is wrong, and where', () => {
  test('a byte of an entry', async () => {
    const ledger = await made();
    await edit(ledger.segments[1]!.path, (text) => text.replace('tenant-1', 'tenant-2'));
    expect((await verify(ledger)).fault).toEqual({
      index: 4,
      reason: 'entry_hash',
      place: { segment: ledger.segments[1]!.name, line: 2 },
    });
  });

  test('an entry removed: the checkpoint behind it knows', async () => {
    const ledger = await made();
    await edit(ledger.segments[2]!.path, (text) => text.split('\n').toSpliced(0, 1).join('\n'));
    const place = { segment: ledger.segments[2]!.name, line: 1 };
    expect((await verify(ledger)).fault).toEqual({ index: 6, reason: 'removed', place });
  });

  test('an entry rewritten with its hash is named by its own line, also at the end of a segment', async () => {
    const ledger = await made();
    await edit(ledger.segments[1]!.path, (text) => {
      const lines = text.split('\n');
      const prev = entryHash(lines[1]!);
      return lines.with(2, chainedLines([recordOf(5, 'forged')], prev)[0]!).join('\n');
    });
    const place = { segment: ledger.segments[1]!.name, line: 3 };
    expect((await verify(ledger)).fault).toEqual({ index: 5, reason: 'rewritten', place });
  });

  test('everything rewritten, seals too: the checkpoint behind it', async () => {
    const ledger = await made();
    const tree = await forge(ledger, 0, 3);
    const place = { segment: ledger.segments[0]!.name, line: 3 };
    expect((await verify(ledger)).fault).toEqual({ index: 2, reason: 'root', size: 7, place });
    // With the checkpoints away the chain fits; no segment is sealed without one, though.
    const folder = join(ledger.directory, 'checkpoints');
    await rename(folder, `${folder}-away`);
    expect((await verify(ledger)).fault).toEqual({ reason: 'unvouched', name: ledger.segments[0]!.name });
    expect((await verifyLedger({ directory: ledger.directory })).fault).toBeUndefined();
    await rename(`${folder}-away`, folder);
    // Who has the key can sign the new tree, but not unsign what was kept elsewhere.
    const notes = await Promise.all(SIZES.map((size) => readFile(checkpointPath(ledger, size), 'utf8')));
    for (const size of SIZES) await rm(checkpointPath(ledger, size));
    await writeCheckpoint(ledger.directory, tree, SIGNER);
    expect((await verify(ledger)).fault).toBeUndefined();
    expect((await verify(ledger, { anchored: notes })).fault).toEqual({ index: 2, reason: 'root', size: 7, place });
  });

  test('cut off behind an entry, or in the middle of one, sealed and not', async () => {
    const name = '2030/12/31/230258.jsonl';
    const behind = (text: string): string => text.slice(0, text.indexOf('\n') + 1);
    const inside = (text: string): string => text.slice(0, text.indexOf('\n') + 100);
    const place = { segment: name, line: 2 };
    for (const [keep, fault] of [
      [behind, { index: 10, reason: 'missing', size: 12, name }],
      [inside, { index: 10, reason: 'json', place }],
    ] as const) {
      const ledger = await made();
      await edit(ledger.segments[3]!.path, keep);
      expect((await verify(ledger)).fault).toEqual(fault);
      await rm(ledger.segments[3]!.sealPath);
      expect((await verify(ledger)).fault).toEqual({ index: 10, reason: 'missing', size: 11 });
    }
  });

  test('a segment gone, from the middle or from the end', async () => {
    for (const [at, expected] of [
      [1, { reason: 'gone' }],
      [3, { reason: 'gone' }],
    ] as const) {
      const ledger = await made();
      const { path, sealPath, name } = ledger.segments[at]!;
      await rm(path);
      expect((await verify(ledger)).fault).toEqual({ ...expected, name });
      await rm(sealPath);
      const { fault } = await verify(ledger);
      expect([fault?.reason, fault?.index]).toEqual(at === 3 ? ['missing', 9] : ['prev_hash', 3]);
    }
  });

  test('the oldest segment gone, and no entry that tells of it', async () => {
    const ledger = await made();
    await rm(ledger.segments[0]!.path);
    expect((await verify(ledger)).fault).toEqual({ reason: 'gone', name: ledger.segments[0]!.name });
  });

  test('a seal that is missing, that cannot be read, that says otherwise', async () => {
    for (const change of [
      (path: string): Promise<void> => rm(path),
      (path: string): Promise<void> => edit(path, () => '{}'),
      (path: string): Promise<void> => edit(path, (text) => text.replace(/"sha256":"./, '"sha256":"x')),
      (path: string): Promise<void> =>
        edit(path, (text) => text.replace(/("last_hash":")(.{64})/, `$1${'0'.repeat(64)}`)),
      (path: string): Promise<void> => edit(path, (text) => text.replace(/"bytes":\d/, '"bytes":9')),
    ]) {
      const ledger = await made();
      await change(ledger.segments[1]!.sealPath);
      expect((await verify(ledger)).fault).toEqual({ reason: 'seal', name: ledger.segments[1]!.name });
    }
  });

  test('a sealed segment without a checkpoint, and a checkpoint under a name that nobody reads', async () => {
    const ledger = await made();
    const [last, before] = [checkpointPath(ledger, 12), checkpointPath(ledger, 11)];
    await rm(last);
    expect((await verify(ledger)).fault).toEqual({ reason: 'unvouched', name: ledger.segments[3]!.name });
    expect((await verify(ledger, { to: 8 })).fault).toBeUndefined();
    // What was kept elsewhere vouches as well.
    const anchored = [await readFile(checkpointPath(await made(), 12), 'utf8')];
    expect((await verify(ledger, { anchored })).fault).toBeUndefined();
    await rename(before, before.replace(/0+11/, '11'));
    expect((await verify(ledger)).fault).toEqual({ reason: 'checkpoint', name: '11.txt' });
  });

  test('a checkpoint that says otherwise, that nobody signed, of another size, or of another key', async () => {
    for (const change of [
      (text: string): string => text.replace(/^(\w.*\n\d+\n)./, '$1A'),
      (text: string): string => text.slice(0, text.indexOf('\n\n')),
      (): string => '',
    ]) {
      const ledger = await made();
      await edit(checkpointPath(ledger, 7), change);
      expect((await verify(ledger)).fault).toEqual({ reason: 'checkpoint', name: 'size 7' });
    }
    const ledger = await made();
    await edit(checkpointPath(ledger, 7), () => '');
    await writeFile(checkpointPath(ledger, 8), await readFile(checkpointPath(ledger, 9)));
    await rm(checkpointPath(ledger, 7));
    expect((await verify(ledger)).fault).toEqual({ reason: 'checkpoint', name: 'size 8' });
    const stranger = [readVerifierKey(SUM_DB.verifierKey)!];
    expect((await verify(await made(), { verifiers: stranger })).fault?.reason).toBe('checkpoint');
    expect((await verify(await made(), { anchored: ['x'] })).fault?.reason).toBe('checkpoint');
  });
});

describe('a part of it', () => {
  test('by index: whole segments, with the seal before them', async () => {
    const ledger = await made();
    const seen: number[] = [];
    const onEntry = (_: unknown, index: number): void => void seen.push(index);
    expect(await verify(ledger, { from: 4, to: 6, onEntry })).toMatchObject({
      fault: undefined,
      first: 3,
      size: 9,
      segments: 2,
      checkpoints: 2,
    });
    expect(seen).toEqual([3, 4, 5, 6, 7, 8]);
    expect(await verify(ledger, { from: 100 })).toMatchObject({ fault: undefined, first: 9, size: 12 });
    await edit(ledger.segments[0]!.path, () => 'x\n');
    expect((await verify(ledger, { from: 3 })).fault).toBeUndefined();
    expect((await verify(ledger, { to: 2 })).fault).toMatchObject({ index: 0, reason: 'json' });
  });

  test('to the end, which must be there as far as checkpoints vouch for it', async () => {
    const ledger = await made();
    for (const path of [ledger.segments[3]!.path, ledger.segments[3]!.sealPath]) await rm(path);
    const missing = { index: 9, reason: 'missing', size: 11 };
    expect((await verify(ledger, { from: 4 })).fault).toEqual(missing);
    expect((await verify(ledger, { from: 100 })).fault).toEqual(missing);
    expect((await verify(ledger, { from: 4, to: 7 })).fault).toEqual(missing);
    expect((await verify(ledger, { from: 3, to: 5 })).fault).toBeUndefined();
  });

  test('forged with its seals, and its checkpoints taken away: the next checkpoint behind it is read on to', async () => {
    const ledger = await made();
    await forge(ledger, 1, 2);
    for (const size of [7, 9]) await rm(checkpointPath(ledger, size));
    const place = { segment: ledger.segments[0]!.name, line: 3 };
    expect((await verify(ledger, { to: 5 })).fault).toEqual({ reason: 'root', index: 2, size: 11, place });
    expect((await verify(ledger, { from: 3, to: 8 })).fault).toMatchObject({ reason: 'root', index: 3, size: 11 });
    expect((await verify(ledger, { to: 1 })).fault).toMatchObject({ reason: 'root', index: 2, size: 11 });
    // Who takes the hashes away on the way there has not made the forged entries true.
    await edit(ledger.segments[2]!.path, (text) => text.replace(/"entry_hash":"./, '"entry_hash":"x'));
    const line = { segment: ledger.segments[2]!.name, line: 1 };
    expect((await verify(ledger, { to: 5 })).fault).toEqual({ reason: 'form', index: 6, place: line });
    await rm(ledger.segments[2]!.path);
    expect((await verify(ledger, { to: 5 })).fault).toEqual({ reason: 'gone', name: line.segment });
  });

  test('what is damaged behind it does not matter, as long as the hashes are there', async () => {
    const ledger = await made();
    await edit(ledger.segments[2]!.path, (text) => text.replace('"status":', '"state":'));
    expect(await verify(ledger, { from: 3, to: 5 })).toMatchObject({
      fault: undefined,
      first: 3,
      size: 6,
      segments: 1,
      checkpoints: 1,
      vouchedSize: 7,
    });
    for (const size of [7, 9, 11, 12]) await rm(checkpointPath(ledger, size));
    expect((await verify(ledger, { from: 3, to: 5 })).fault).toEqual({
      reason: 'unvouched',
      name: ledger.segments[1]!.name,
    });
  });

  test('by time: a segment reaches to where the next one begins', async () => {
    const ledger = await made();
    // They were begun at 22:59:58, 23:00:58, 23:01:58 and 23:02:58.
    const at = (time: string): Date => new Date(`2030-12-31T${time}Z`);
    expect(await verify(ledger, { from: at('23:01:00'), to: at('23:01:57') })).toMatchObject({ first: 3, size: 6 });
    expect(await verify(ledger, { from: at('00:00:00'), to: at('23:00:57') })).toMatchObject({ first: 0, size: 3 });
    expect(await verify(ledger, { from: at('23:59:00') })).toMatchObject({ first: 9, size: 12, fault: undefined });
  });

  test('with a seal before it that lies: the checkpoint in it finds that', async () => {
    const ledger = await made();
    await edit(ledger.segments[0]!.sealPath, (text) =>
      text.replace(/"peaks":\["./, (found) => `${found.slice(0, -1)}${found.endsWith('0') ? '1' : '0'}`),
    );
    expect((await verify(ledger, { from: 4 })).fault).toMatchObject({ index: 3, reason: 'root', size: 7 });
  });
});

describe('edits of files at random', () => {
  test.each(Object.entries(EDITS))('%s', async (_name, change) => {
    const ledger = await made();
    const lines = chainedLines(records);
    const random = randomOf(7);
    const [first, ...rest] = ledger.segments;
    // One segment that is still written to, so that no seal helps.
    for (const { path, sealPath } of rest) for (const one of [path, sealPath]) await rm(one);
    await rm(first!.sealPath);
    await rm(checkpointPath(ledger, 12));
    await chmod(first!.path, 0o600);
    for (let run = 0; run < 40; run++) {
      const { bytes, named, what } = change(lines.slice(0, 11), random, SIZES);
      await writeFile(first!.path, bytes);
      const { fault } = await verify(ledger);
      expect([what, (fault?.index ?? -1) >= named[0] && (fault?.index ?? -1) <= named[1], fault]).toEqual([
        what,
        true,
        fault,
      ]);
    }
  });
});

/** Changes entry 4 and writes the hashes anew from there on, in the entries and seals of some segments. */
async function forge({ segments }: MadeLedger, from: number, to: number): Promise<Tree> {
  const forged = chainedLines([...records.slice(0, 4), recordOf(4, 'forged'), ...records.slice(5)]);
  let tree = EMPTY_TREE;
  for (const [at, { path, sealPath }] of segments.entries()) {
    const lines = forged.slice(at * 3, at * 3 + 3);
    const text = `${lines.join('\n')}\n`;
    for (const line of lines) tree = appendLeaf(tree, entryLeaf(entryHash(line)));
    if (at < from || at > to) continue;
    const seal = {
      ...JSON.parse(await readFile(sealPath, 'utf8')),
      bytes: text.length,
      last_hash: entryHash(lines.at(-1)!),
      peaks: tree.peaks.map((peak) => Buffer.from(peak).toString('hex')),
      sha256: createHash('sha256').update(text).digest('hex'),
    };
    await edit(path, () => text);
    await edit(sealPath, () => `${JSON.stringify(seal)}\n`);
  }
  return tree;
}

function checkpointPath({ directory }: MadeLedger, size: number): string {
  return join(directory, 'checkpoints', `${String(size).padStart(16, '0')}.txt`);
}

test('the ledger of these tests is as the tests say', async () => {
  const ledger = await made();
  const lines = (await Promise.all(ledger.segments.map(({ path }) => linesOf(path)))).flat();
  expect(lines).toEqual(chainedLines(records));
});
