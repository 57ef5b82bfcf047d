import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyLedger } from '../../../gateway/ledger/verify.ts';
import type { Vouched } from '../../../gateway/ledger/vouched.ts';
import { rootOf } from '../../../src/ledger/merkle.ts';
import { type Entry, readChain } from '../../faults/ledger-reader.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { filesOf, linesOf, modeOf, naiveRoot, open, record } from './helpers.ts';

const FIRST = '2030/12/31/235958.jsonl';
const SECOND = '2030/12/31/235958-1.jsonl';

/** A ledger of one sealed segment with entries 0 and 1, and one that a crash left with entries 2, 3 and 4. */
async function crashed(): Promise<string> {
  const directory = await tempDirectory();
  const first = await open(directory);
  for (const id of [0, 1]) await first.append(record(id));
  await first.close();
  const second = await open(directory);
  for (const id of [2, 3, 4]) await second.append(record(id));
  // As a crash leaves it: no seal, and the claim of a process that is gone.
  const copy = await tempDirectory();
  for (const name of await filesOf(directory)) {
    await mkdir(join(copy, name, '..'), { recursive: true });
    await cp(join(directory, name), join(copy, name));
  }
  await second.close();
  return copy;
}

const ids = (entries: readonly Entry[]): unknown[] => entries.map(({ kind, decision_id }) => decision_id ?? kind);

test('after a crash between batches all is there, the segment is sealed, and nothing is set aside', async () => {
  const directory = await crashed();
  const ledger = await open(directory);
  expect(ledger.chain.tree.size).toBe(5);
  expect(await modeOf(join(directory, SECOND))).toBe(0o400);
  await ledger.append(record(5));
  await ledger.close();
  expect(ids(await readChain(directory))).toEqual(['0', '1', '2', '3', '4', '5']);
  expect((await filesOf(directory)).filter((name) => name.endsWith('.seal.json')).length).toBe(3);
});

test('a tail torn at any byte of the last line is kept elsewhere, on record and reported, and the rest goes on', async () => {
  const original = await crashed();
  const whole = await readFile(join(original, SECOND));
  const lines = await linesOf(join(original, SECOND));
  const start = whole.length - Buffer.byteLength(`${lines.at(-1)}\n`);
  const directory = await tempDirectory();
  for (let end = start; end < whole.length; end++) {
    await rm(directory, { recursive: true, force: true });
    await cp(original, directory, { recursive: true });
    await truncate(join(directory, SECOND), end);
    const torn: unknown[] = [];
    const ledger = await open(directory, { onTorn: (tail) => torn.push(tail) });
    await ledger.append(record('next'));
    await ledger.close();
    const entries = await readChain(directory);
    expect(ids(entries)).toEqual(['0', '1', '2', '3', ...(end > start ? ['recovery'] : []), 'next']);
    expect((await readFile(join(directory, SECOND))).equals(whole.subarray(0, start))).toBe(true);
    expect(torn.length).toBe(end > start ? 1 : 0);
    expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: entries.length, tornBytes: 0 });
    if (end === start) continue;
    const rest = whole.subarray(start, end);
    const tail = {
      segment: SECOND,
      offset: start,
      bytes: end - start,
      sha256: createHash('sha256').update(rest).digest('hex'),
      file: `quarantine/2030-12-31-235958-1@${start}.torn`,
    };
    expect(torn).toEqual([tail]);
    expect(entries[4]).toMatchObject({ kind: 'recovery', ...tail });
    expect((await readFile(join(directory, tail.file))).equals(rest)).toBe(true);
  }
}, 60_000);

test('a segment torn in its first line leaves its name unused and nothing in its place', async () => {
  const directory = await crashed();
  await truncate(join(directory, SECOND), 10);
  const ledger = await open(directory);
  await ledger.close();
  expect(ids(await readChain(directory))).toEqual(['0', '1', 'recovery']);
  expect((await filesOf(directory)).filter((name) => name.endsWith('.jsonl'))).toEqual([
    '2030/12/31/235958-2.jsonl',
    FIRST,
  ]);
  const empty = await crashed();
  await truncate(join(empty, SECOND), 0);
  await (await open(empty)).close();
  expect(ids(await readChain(empty))).toEqual(['0', '1']);
});

test('a file without a byte is no segment, wherever it stands: the start removes it, verify passes it by', async () => {
  const directory = await crashed();
  const empties = ['2029/01/01/000000.jsonl', '2030/12/31/235958-2.jsonl', '2031/01/01/000000.jsonl'];
  for (const name of empties) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), '');
  }
  expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: 5 });
  const told: string[] = [];
  const ledger = await open(directory, { onEmpty: (name) => told.push(name) });
  expect(told).toEqual(empties);
  await ledger.append(record(5));
  await ledger.close();
  expect(ids(await readChain(directory))).toEqual(['0', '1', '2', '3', '4', '5']);
  expect((await filesOf(directory)).filter((name) => empties.slice(0, 1).includes(name))).toEqual([]);
  expect(await verifyLedger({ directory })).toMatchObject({ fault: undefined, size: 6 });
});

test('a link that leads nowhere is not taken for a file without a byte', async () => {
  const directory = await crashed();
  await symlink(join(directory, 'nowhere'), join(directory, '2030/12/31/235958-2.jsonl'));
  await expect(open(directory)).rejects.toThrow(/^PTC_E0/);
  expect((await lstat(join(directory, '2030/12/31/235958-2.jsonl'))).isSymbolicLink()).toBe(true);
});

test('a tail torn at the same place of the same name again takes no place of the one before', async () => {
  const directory = await tempDirectory();
  for (const text of ['first', 'second', 'third']) {
    await mkdir(join(directory, '2030/12/31'), { recursive: true });
    await writeFile(join(directory, FIRST), text);
    await rm(join(directory, '2030/12/31/235958-1.jsonl'), { force: true });
    await rm(join(directory, '2030/12/31/235958-1.seal.json'), { force: true });
    await (await open(directory)).close();
  }
  const kept = (await filesOf(directory)).filter((name) => name.startsWith('quarantine'));
  expect(await Promise.all(kept.map((name) => readFile(join(directory, name), 'utf8')))).toEqual([
    'second',
    'third',
    'first',
  ]);
});

const zeros = (count: number): Buffer => Buffer.alloc(count);

test.each([
  ['zeros alone', zeros(5_000)],
  ['zeros and a line feed', Buffer.concat([zeros(300), Buffer.from('\n')])],
  ['the rest of an entry behind them', Buffer.concat([zeros(300), Buffer.from('tail"}\nmore')])],
  ['more than a line may have', Buffer.concat([zeros(1_048_600), Buffer.from('tail"}\n')])],
  ['half a character behind them', Buffer.concat([zeros(4_096), Buffer.from('é"}\n').subarray(1)])],
  ['zeros over several chunks', Buffer.concat([zeros(3_000_000), Buffer.from('\n'), zeros(3_000_000)])],
])('zeros where data never arrived are a torn tail too: %s', async (_, tail) => {
  const directory = await crashed();
  const path = join(directory, SECOND);
  await writeFile(path, Buffer.concat([await readFile(path), tail]));
  await (await open(directory)).close();
  const entries = await readChain(directory);
  expect(ids(entries)).toEqual(['0', '1', '2', '3', '4', 'recovery']);
  expect(entries.at(-1)).toMatchObject({ bytes: tail.length });
});

test('zeros in place of what was synced stop the start: a whole entry in their line or behind it tells', async () => {
  const original = await crashed();
  const whole = await readFile(join(original, SECOND));
  const at = (line: number): number => {
    let start = 0;
    for (let n = 0; n < line; n++) start = whole.indexOf('\n', start) + 1;
    return start;
  };
  const changes: readonly (readonly [from: number, to: number])[] = [
    // One byte; a whole line; the line feed between two entries, of which the second is the last; the beginning.
    [at(1) + 20, at(1) + 21],
    [at(1), at(2) - 1],
    [at(2) - 1, at(2)],
    [0, 10],
  ];
  for (const [from, to] of changes) {
    const directory = await tempDirectory();
    await cp(original, directory, { recursive: true });
    const changed = Buffer.from(whole).fill(0, from, to);
    await writeFile(join(directory, SECOND), changed);
    await expect(open(directory)).rejects.toThrow(/^PTC_E018 .*entry [23] \(.*\) is not sound/);
    expect((await readFile(join(directory, SECOND))).equals(changed)).toBe(true);
  }
});

test('a crash while a tail is set aside loses nothing, whenever it comes', async () => {
  const directory = await crashed();
  const path = join(directory, SECOND);
  const whole = await readFile(path);
  const start = whole.length - 40;
  const torn = whole.subarray(whole.lastIndexOf('\n', whole.length - 2) + 1, start);
  const offset = start - torn.length;
  await mkdir(join(directory, 'quarantine'));
  const pending = join(directory, 'quarantine', `2030-12-31-235958-1@${offset}.pending`);
  // The copy was begun.
  await truncate(path, start);
  await writeFile(pending, torn.subarray(0, 3));
  const copy = await tempDirectory();
  await cp(directory, copy, { recursive: true });
  await (await open(copy)).close();
  expect((await readChain(copy)).at(-1)).toMatchObject({ kind: 'recovery', bytes: torn.length });
  // The copy was complete and the tail cut, but there was no record yet.
  await truncate(path, offset);
  await writeFile(pending, torn);
  await (await open(directory)).close();
  expect((await readChain(directory)).at(-1)).toMatchObject({
    kind: 'recovery',
    bytes: torn.length,
    sha256: createHash('sha256').update(torn).digest('hex'),
  });
  await (await open(directory)).close();
  expect(ids(await readChain(directory))).toEqual(['0', '1', '2', '3', 'recovery']);
});

test('a link in the place of the last sealed segment is refused, and what it leads to keeps its permissions', async () => {
  const directory = await tempDirectory();
  const ledger = await open(directory);
  await ledger.append(record(0));
  await ledger.close();
  const elsewhere = join(await tempDirectory(), 'elsewhere');
  await cp(join(directory, FIRST), elsewhere);
  await chmod(elsewhere, 0o600);
  await rm(join(directory, FIRST));
  await symlink(elsewhere, join(directory, FIRST));
  await expect(open(directory)).rejects.toThrow(/PTC_E013 .*2030\/12\/31\/235958\.jsonl is no regular file/);
  expect(await modeOf(elsewhere)).toBe(0o600);
});

test('what stands in the place of a tail that is set aside is neither awaited, nor followed, nor overwritten', async () => {
  const pipe = await crashed();
  await mkdir(join(pipe, 'quarantine'));
  execFileSync('mkfifo', [join(pipe, 'quarantine/2030-01-01-000000@0.pending')]);
  await expect(open(pipe)).rejects.toThrow(/PTC_E013 .*quarantine\/2030-01-01-000000@0\.pending is no regular file/);

  const link = await crashed();
  const victim = join(await tempDirectory(), 'victim');
  await writeFile(victim, 'theirs');
  const size = (await readFile(join(link, SECOND))).length;
  await writeFile(join(link, SECOND), 'torn', { flag: 'a' });
  await mkdir(join(link, 'quarantine'));
  await symlink(victim, join(link, `quarantine/2030-12-31-235958-1@${size}.pending`));
  await (await open(link)).close();
  expect(await readFile(victim, 'utf8')).toBe('theirs');
  expect((await readChain(link)).at(-1)).toMatchObject({ kind: 'recovery', offset: size, bytes: 4 });

  const folder = await crashed();
  await writeFile(join(folder, SECOND), 'torn', { flag: 'a' });
  await symlink(await tempDirectory(), join(folder, 'quarantine'));
  await expect(open(folder)).rejects.toThrow(/PTC_E018 .*quarantine is no directory/);
});

type Edit = (lines: string[]) => string[];
const EDITS: readonly (readonly [what: string, edit: Edit, says: RegExp])[] = [
  [
    'a changed byte',
    ([a = '', b = '', c = '']) => [a, b.replace('"3"', '"8"'), c],
    /entry 3 \(2030\/12\/31\/235958-1\.jsonl, byte \d+\) is not sound: entry_hash/,
  ],
  ['a deleted line', ([a = '', , c = '']) => [a, c], /entry 3 .* is not sound: prev_hash/],
  ['a doubled line', ([a = '', b = '', c = '']) => [a, b, b, c], /entry 4 .* is not sound: prev_hash/],
  ['swapped lines', ([a = '', b = '', c = '']) => [b, a, c], /entry 2 .* is not sound: prev_hash/],
  ['an empty line', ([a = '', b = '', c = '']) => [a, b, '', c], /entry 4 .* is not sound: json/],
  ['a line of text', ([a = '', b = '', c = '']) => [a, 'x', b, c], /entry 3 .* is not sound: json/],
  ['a blank in a line', ([a = '', b = '', c = '']) => [a, b.replace(':', ': '), c], /entry 3 .* is not sound: form/],
];

test.each(EDITS)(
  '%s in the segment behind the last seal stops the start, and nothing is changed',
  async (_, edit, says) => {
    const directory = await crashed();
    const path = join(directory, SECOND);
    await writeFile(
      path,
      edit(await linesOf(path))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const before = await filesOf(directory);
    const content = await readFile(path);
    const failed = open(directory);
    await expect(failed).rejects.toThrow(
      /^PTC_E018 The ledger does not hold together: WORM_BASE_DIR is a string of \d+ characters; [^\n]*portcullis ledger verify[^\n]*$/,
    );
    await expect(failed).rejects.toThrow(says);
    expect(await filesOf(directory)).toEqual(before);
    expect((await readFile(path)).equals(content)).toBe(true);
    // And the directory is free again.
    await expect(open(directory)).rejects.toThrow(/^PTC_E018/);
  },
);

test('a sealed segment that is gone, shorter or without its seal stops the start', async () => {
  const cases: readonly (readonly [(directory: string) => Promise<unknown>, RegExp])[] = [
    [(directory) => rm(join(directory, FIRST)), /235958\.jsonl is gone/],
    [(directory) => truncate(join(directory, FIRST), 100), /235958\.jsonl has 100 bytes, and its seal says \d+/],
    [
      async (directory) => {
        await rm(join(directory, '2030/12/31/235958.seal.json'));
        await rm(join(directory, SECOND));
        await writeFile(join(directory, '2030/12/31/235959.seal.json'), '{}');
      },
      /235958\.jsonl has no seal/,
    ],
    [
      async (directory) => {
        const path = join(directory, '2030/12/31/235958.seal.json');
        const seal = JSON.parse(await readFile(path, 'utf8'));
        await rm(path);
        await writeFile(path, JSON.stringify({ ...seal, first_index: 1 }));
      },
      /the seal of 2030\/12\/31\/235958\.jsonl cannot be read/,
    ],
    [
      async (directory) => {
        await rm(join(directory, '2030/12/31/235958.seal.json'));
        await writeFile(join(directory, '2030/12/31/235958.seal.json'), 'x'.repeat(100_000));
      },
      /the seal of 2030\/12\/31\/235958\.jsonl cannot be read/,
    ],
  ];
  for (const [damage, says] of cases) {
    const directory = await crashed();
    // Whoever tampers can write.
    await chmod(join(directory, FIRST), 0o600);
    await damage(directory);
    await expect(open(directory)).rejects.toThrow(says);
  }
});

test('a ledger that a checkpoint vouches for cannot start with fewer entries, or with others', async () => {
  const original = await crashed();
  const hashes = (await readChain(original)).map(({ entry_hash }) => Buffer.from(String(entry_hash), 'hex'));
  const by = 'a checkpoint';
  const vouched = (size: number): Promise<Vouched[]> =>
    Promise.resolve([{ size, root: naiveRoot(hashes.slice(0, size)), by }]);
  for (const size of [1, 2, 3, 5]) {
    const directory = await tempDirectory();
    await cp(original, directory, { recursive: true });
    const ledger = await open(directory, { vouched: () => vouched(size) });
    expect(Buffer.from(rootOf(ledger.chain.tree)).equals(naiveRoot(hashes))).toBe(true);
    await ledger.close();
  }
  const [two = '', three = ''] = await linesOf(join(original, SECOND));
  await writeFile(join(original, SECOND), `${two}\n${three}\n`);
  await expect(open(original, { vouched: () => vouched(5) })).rejects.toThrow(
    /^PTC_E018 .*it has 4 entries, and a checkpoint vouches for 5: /,
  );
  for (const size of [1, 2, 4]) {
    await expect(
      open(original, { vouched: () => Promise.resolve([{ size, root: new Uint8Array(32), by }]) }),
    ).rejects.toThrow(
      /^PTC_E018 .*the entries up to 2030\/12\/31\/235958(-1)?\.jsonl are not those that a checkpoint vouches for/,
    );
  }
});
