import { createHash } from 'node:crypto';
import { cp, open as openNode, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenFile } from '../../../gateway/durable-file.ts';
import { MAX_WAITING_BYTES } from '../../../gateway/group-commit.ts';
import { verifyLedger } from '../../../gateway/ledger/verify.ts';
import { rootOf } from '../../../src/ledger/merkle.ts';
import { readChain } from '../../faults/ledger-reader.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { EVE, faultyFiles, filesOf, jqHashes, linesOf, modeOf, naiveRoot, open, record } from './helpers.ts';

const ZEROS = '0'.repeat(64);

test('concurrent appends are entries in order, chained, and jq finds the same hashes', async () => {
  const directory = await tempDirectory();
  const ledger = await open(directory);
  const path = join(directory, '2030/12/31/235958.jsonl');
  await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      await ledger.append({ ...record(at), note: 'ü "\u007f" \u{1f600}', D_hat: 0.1 + 0.2, at });
      expect(await readFile(path, 'utf8')).toContain(`"decision_id":"${at}"`);
    }),
  );
  const entries = (await linesOf(path)).map((line) => JSON.parse(line));
  expect(entries.map(({ decision_id }) => decision_id)).toEqual(Array.from({ length: 300 }, (_, at) => String(at)));
  expect(entries.map(({ entry_hash }) => entry_hash)).toEqual(jqHashes(path));
  expect(entries.map(({ prev_hash }) => prev_hash)).toEqual([ZEROS, ...jqHashes(path).slice(0, -1)]);
  const root = naiveRoot(jqHashes(path).map((hash) => Buffer.from(hash, 'hex')));
  expect(ledger.chain.tree.size).toBe(300);
  expect(Buffer.from(rootOf(ledger.chain.tree)).equals(root)).toBe(true);
  expect(ledger.chain.lastHash).toBe(jqHashes(path).at(-1));
  await ledger.close();
});

test('a segment ends at its size and at midnight UTC; closed ones are read-only, with a seal', async () => {
  const directory = await tempDirectory();
  let now = EVE;
  const ledger = await open(directory, { maxSegmentBytes: 400, now: () => now });
  await Promise.all(['a', 'b'].map((id) => ledger.append(record(id))));
  expect(await modeOf(join(directory, '2030/12/31/235958.jsonl'))).toBe(0o600);
  for (const id of ['c', 'd']) await ledger.append(record(id));
  now += 2_000;
  await ledger.append(record('e'));
  await ledger.close();
  expect(await filesOf(directory)).toEqual([
    '2030/12/31/235958-1.jsonl',
    '2030/12/31/235958-1.seal.json',
    '2030/12/31/235958.jsonl',
    '2030/12/31/235958.seal.json',
    '2031/01/01/000000.jsonl',
    '2031/01/01/000000.seal.json',
  ]);
  const hashes: string[] = [];
  for (const [name, count] of [
    ['2030/12/31/235958', 2],
    ['2030/12/31/235958-1', 2],
    ['2031/01/01/000000', 1],
  ] as const) {
    const path = join(directory, `${name}.jsonl`);
    hashes.push(...jqHashes(path));
    const bytes = await readFile(path);
    const { peaks, ...seal } = JSON.parse(await readFile(join(directory, `${name}.seal.json`), 'utf8'));
    expect(seal).toEqual({
      format: 'portcullis-seal/1',
      segment: `${name}.jsonl`,
      first_index: hashes.length - count,
      count,
      bytes: bytes.byteLength,
      last_hash: hashes.at(-1),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sealed_at: name.endsWith('-1') ? '2031-01-01T00:00:00.000Z' : expect.stringMatching(/^203[01]-.*Z$/),
    });
    // The largest perfect tree is the first peak.
    const largest = 2 ** Math.floor(Math.log2(hashes.length));
    expect(peaks[0]).toBe(naiveRoot(hashes.slice(0, largest).map((hash) => Buffer.from(hash, 'hex'))).toString('hex'));
    expect(await modeOf(path)).toBe(0o400);
    expect(await modeOf(join(directory, `${name}.seal.json`))).toBe(0o400);
  }
  expect((await readChain(directory)).length).toBe(5);
});

test('midnight seals also where nothing is appended, and a clock that goes back begins no earlier segment', async () => {
  const directory = await tempDirectory();
  let now = EVE;
  const ledger = await open(directory, { now: () => now, maxSegmentBytes: 400 });
  await ledger.append(record('a'));
  await ledger.sealOtherDay();
  expect((await filesOf(directory)).length).toBe(1);
  now += 2_000;
  await ledger.sealOtherDay();
  expect(await filesOf(directory)).toEqual(['2030/12/31/235958.jsonl', '2030/12/31/235958.seal.json']);
  await ledger.append(record('b'));
  now -= 86_400_000;
  for (const id of ['c', 'd', 'e']) await ledger.append(record(id));
  await ledger.close();
  const again = await open(directory, { now: () => now });
  await again.append(record('f'));
  await again.close();
  expect((await filesOf(directory)).filter((name) => name.endsWith('l'))).toEqual([
    '2030/12/31/235958.jsonl',
    '2031/01/01/000000-1.jsonl',
    '2031/01/01/000000-2.jsonl',
    '2031/01/01/000000-3.jsonl',
    '2031/01/01/000000.jsonl',
  ]);
  expect((await readChain(directory)).map(({ decision_id }) => decision_id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a clock that was far ahead once, and is right again, ends no midnight', async () => {
  const directory = await tempDirectory();
  let now = Date.UTC(2099, 0, 1);
  const ledger = await open(directory, { now: () => now });
  await ledger.append(record('ahead'));
  now = EVE;
  await ledger.sealOtherDay();
  for (const id of ['a', 'b', 'c']) {
    await ledger.append(record(id));
    await ledger.append(record(`${id} too`));
    now += 86_400_000;
    await ledger.sealOtherDay();
  }
  await ledger.close();
  const names = (await filesOf(directory)).filter((name) => name.endsWith('.jsonl'));
  expect(names).toEqual(['-1', '-2', '-3', ''].map((n) => `2099/01/01/000000${n}.jsonl`));
  expect((await readChain(directory)).map(({ decision_id }) => decision_id)).toEqual([
    ...['ahead', 'a', 'a too', 'b', 'b too', 'c', 'c too'],
  ]);
  expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: 7, segments: 4 });
});

test('a restart goes on with chain and tree, in a new segment, and touches no sealed file', async () => {
  const directory = await tempDirectory();
  const hashes: string[] = [];
  for (let run = 0; run < 5; run++) {
    const ledger = await open(directory);
    expect(ledger.chain.tree.size).toBe(3 * run);
    const before = await Promise.all((await filesOf(directory)).map((name) => readFile(join(directory, name))));
    for (let at = 0; at < 3; at++) await ledger.append(record(3 * run + at));
    hashes.push(...jqHashes(join(directory, `2030/12/31/235958${run === 0 ? '' : `-${run}`}.jsonl`)));
    expect(
      Buffer.from(rootOf(ledger.chain.tree)).equals(naiveRoot(hashes.map((hash) => Buffer.from(hash, 'hex')))),
    ).toBe(true);
    await ledger.close();
    const after = await Promise.all((await filesOf(directory)).map((name) => readFile(join(directory, name), 'hex')));
    for (const one of before) expect(after).toContain(one.toString('hex'));
  }
  expect((await readChain(directory)).length).toBe(15);
});

test('a ledger that never wrote leaves no file, and one directory takes one ledger', async () => {
  const directory = await tempDirectory();
  const ledger = await open(directory);
  await expect(open(directory)).rejects.toThrow(/^PTC_E013 .*WORM_BASE_DIR .*this process uses it already/);
  await ledger.close();
  expect(await filesOf(directory)).toEqual([]);
  await (await open(directory)).close();
});

test('a record that cannot be an entry is refused alone', async () => {
  const directory = await tempDirectory();
  const ledger = await open(directory);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const appended = [
    record('a'),
    { ...record('b'), circle },
    { ...record('c'), long: 'x'.repeat(1_048_576) },
    record('d'),
  ].map((one) => ledger.append(one));
  expect((await Promise.allSettled(appended)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  expect(ledger.healthy).toBe(true);
  await ledger.close();
  await expect(ledger.append(record('e'))).rejects.toThrow('the ledger is closed');
  expect((await readChain(directory)).map(({ decision_id }) => decision_id)).toEqual(['a', 'd']);
});

test('what waits is bounded', async () => {
  const ledger = await open(await tempDirectory(), { maxSegmentBytes: 2 ** 30 });
  const long = 'x'.repeat(1_000_000);
  const count = Math.ceil(MAX_WAITING_BYTES / long.length) + 2;
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, at) => ledger.append({ ...record(at), long })),
  );
  expect(results.at(-1)).toMatchObject({
    status: 'rejected',
    reason: new RangeError('too many bytes wait for the disk'),
  });
  await ledger.append(record('after'));
  await ledger.close();
});

test('no room: the batch is refused whole, nothing of the chain moved, and once there is room it goes on', async () => {
  const directory = await tempDirectory();
  let room = true;
  const openFile = faultyFiles(async (real) => {
    if (room) return real();
    // As the system does it: part of it is there.
    await real();
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  });
  const ledger = await open(directory, { openFile });
  await ledger.append(record('a'));
  const before = ledger.chain;
  room = false;
  const refused = await Promise.allSettled(['b', 'c'].map((id) => ledger.append(record(id))));
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(ledger.healthy).toBe(false);
  expect(ledger.chain).toBe(before);
  room = true;
  await ledger.append(record('d'));
  expect(ledger.healthy).toBe(true);
  await ledger.close();
  expect((await readChain(directory)).map(({ decision_id }) => decision_id)).toEqual(['a', 'd']);
  expect((await filesOf(directory)).filter((name) => name.startsWith('quarantine'))).toEqual([]);
  await (await open(directory)).close();
});

test.each(['ENOSPC', 'EIO'])('%s: what is chained to a batch that is refused follows what is there', async (code) => {
  const directory = await tempDirectory();
  let write = async (real: () => Promise<unknown>): Promise<unknown> => real();
  const ledger = await open(directory, { openFile: faultyFiles((real) => write(real)) });
  await ledger.append(record('a'));
  let fail = (): void => undefined;
  const failing = new Promise<void>((begun) => {
    write = async (real) => {
      write = async (again) => again();
      await real();
      begun();
      return new Promise((_, reject) => {
        fail = () => reject(Object.assign(new Error('failed'), { code }));
      });
    };
  });
  const refused = [ledger.append(record('b')), ledger.append(record('c'))];
  await failing;
  const kept = ['d', 'e', 'f'].map((id) => ledger.append(record(id)));
  fail();
  for (const one of refused) await expect(one).rejects.toMatchObject({ code });
  await Promise.all([...kept, ledger.append(record('g'))]);
  await ledger.append(record('h'));
  expect(ledger.healthy).toBe(true);
  await ledger.close();
  expect((await readChain(directory)).map(({ kind, decision_id }) => decision_id ?? kind)).toEqual([
    'a',
    ...(code === 'EIO' ? ['recovery'] : []),
    ...['d', 'e', 'f', 'g', 'h'],
  ]);
  expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: code === 'EIO' ? 7 : 6 });
});

test('a failed sync: the file takes no more, what of the batch is in it is set aside and put on record', async () => {
  const directory = await tempDirectory();
  let works = true;
  const openFile = faultyFiles(async (real) => {
    const written = await real();
    // All of it is in the file, but nobody knows whether it would be after a power failure.
    if (!works) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    return written;
  });
  const ledger = await open(directory, { openFile });
  const [first, second] = ['2030/12/31/235958.jsonl', '2030/12/31/235958-1.jsonl'].map((name) => join(directory, name));
  await ledger.append(record('a'));
  works = false;
  await expect(ledger.append(record('b'))).rejects.toMatchObject({ code: 'EIO' });
  const left = async (name: string): Promise<string[]> => linesOf(join(directory, 'quarantine', name));
  // Taken back before the refusal is said: were the process killed now, the next start would not find it.
  expect((await linesOf(first ?? '')).length).toBe(1);
  const [leftInFirst] = await left(`2030-12-31-235958@${(await readFile(first ?? '')).length}.pending`);
  await expect(ledger.append(record('c'))).rejects.toMatchObject({ code: 'EIO' });
  expect(await linesOf(second ?? '')).toEqual([]);
  const leftInSecond = await left('2030-12-31-235958-1@0.pending');
  expect(ledger.healthy).toBe(false);
  works = true;
  await ledger.append(record('d'));
  expect(ledger.healthy).toBe(true);
  await ledger.close();
  const entries = await readChain(directory);
  expect(entries.map(({ kind, decision_id }) => decision_id ?? kind)).toEqual(['a', 'recovery', 'recovery', 'd']);
  for (const [at, left] of [leftInSecond, [leftInFirst]].entries()) {
    const { kind, segment, offset, bytes, sha256, file } = entries[at + 1] as Record<string, string>;
    const kept = await readFile(join(directory, String(file)));
    expect(kept.toString()).toBe(left.map((line) => `${line}\n`).join(''));
    const path = join(directory, String(segment));
    expect([kind, bytes, sha256]).toEqual(['recovery', kept.length, createHash('sha256').update(kept).digest('hex')]);
    expect(offset).toBe(at === 0 ? 0 : (await readFile(path)).length);
  }
  expect(leftInSecond.length).toBe(2);
  expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: 4 });
});

test.each([
  ['chmod', 'chmod'],
  ['sync', 'sync'],
] as const)('a segment whose seal was begun takes nothing more, though its %s fails', async (_, method) => {
  const directory = await tempDirectory();
  let fails = 0;
  const openFile: OpenFile = async (path, flags, mode) => {
    const handle = await openNode(path, flags, mode);
    const real = handle[method].bind(handle) as (...args: unknown[]) => Promise<void>;
    return Object.assign(handle, {
      [method]: (...args: unknown[]) =>
        fails-- > 0 ? Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' })) : real(...args),
    });
  };
  let now = EVE;
  const ledger = await open(directory, { openFile, now: () => now });
  await ledger.append(record('a'));
  now += 2_000;
  fails = 1;
  await expect(ledger.append(record('b'))).rejects.toMatchObject({ code: 'EIO' });
  // The day is that of the segment again, so only its begun seal keeps it from being written to.
  now -= 2_000;
  await ledger.append(record('c'));
  const killed = await tempDirectory();
  await cp(directory, killed, { recursive: true, filter: (path) => !path.includes('.lock-') });
  await ledger.close();
  const again = await open(killed);
  await again.append(record('d'));
  await again.close();
  expect((await readChain(killed)).map(({ decision_id }) => decision_id)).toEqual(['a', 'c', 'd']);
  expect(await verifyLedger({ directory: killed })).toMatchObject({ fault: undefined, size: 3 });
});

test('what was refused for a failing disk is not in the ledger after a kill', async () => {
  const directory = await tempDirectory();
  let works = true;
  const openFile = faultyFiles(async (real) => {
    const written = await real();
    if (!works) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    return written;
  });
  const ledger = await open(directory, { openFile });
  await ledger.append(record('a'));
  works = false;
  await expect(ledger.append(record('b'))).rejects.toMatchObject({ code: 'EIO' });
  const killed = await tempDirectory();
  await cp(directory, killed, { recursive: true, filter: (path) => !path.includes('.lock-') });
  works = true;
  await ledger.close();
  await (await open(killed)).close();
  expect((await readChain(killed)).map(({ kind, decision_id }) => decision_id ?? kind)).toEqual(['a', 'recovery']);
});
