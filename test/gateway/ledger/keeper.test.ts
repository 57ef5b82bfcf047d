import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLedgerSettings } from '../../../gateway/ledger/env.ts';
import { type KeptLedger, keepLedger } from '../../../gateway/ledger/keeper.ts';
import { createPrometheusMeter } from '../../../gateway/prometheus.ts';
import { openCheckpoint } from '../../../src/ledger/checkpoint.ts';
import { readVerifierKey } from '../../../src/ledger/note-key.ts';
import { createFakeClock, type FakeClock } from '../../../src/testing/fake-clock.ts';
import { readChain } from '../../faults/ledger-reader.ts';
import { metric } from '../../helpers/gateway.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { EVE, filesOf, modeOf, naiveRoot, open, record } from './helpers.ts';

interface Kept {
  readonly ledger: KeptLedger;
  readonly base: string;
  readonly directory: string;
  readonly clock: FakeClock;
  readonly log: (readonly [event: string, fields: Readonly<Record<string, unknown>>])[];
  metrics(): Promise<string>;
}

async function keep(env: Record<string, string> = {}, base?: string, clock = createFakeClock(EVE)): Promise<Kept> {
  const root = base ?? (await tempDirectory());
  const directory = join(root, 'worm');
  const meter = createPrometheusMeter();
  const log: Kept['log'] = [];
  const ledger = await keepLedger({
    directory,
    maxSegmentBytes: 400,
    settings: readLedgerSettings(env, directory),
    clock,
    meter,
    log: (_level, event, fields = {}) => log.push([event, fields]),
  });
  return { ledger, base: root, directory, clock, log, metrics: meter.text };
}

const verifierOf = ({ log }: Kept): string =>
  String(log.find(([event]) => event.startsWith('ledger_key'))?.[1].verifier_key);

async function checkpointsOf(kept: Kept): Promise<{ size: number; root: string }[]> {
  const verifier = readVerifierKey(verifierOf(kept));
  if (verifier === undefined) throw new Error('the log shows no verifier key');
  const found: { size: number; root: string }[] = [];
  for (const name of (await readdir(join(kept.directory, 'checkpoints'))).sort()) {
    if (!name.endsWith('.txt')) continue;
    const note = await readFile(join(kept.directory, 'checkpoints', name), 'utf8');
    const checkpoint = await openCheckpoint(note, [verifier]);
    expect(name).toBe(`${String(checkpoint?.size).padStart(16, '0')}.txt`);
    found.push({ size: checkpoint?.size ?? -1, root: Buffer.from(checkpoint?.root ?? []).toString('hex') });
  }
  return found;
}

async function rootsAt(directory: string, sizes: readonly number[]): Promise<{ size: number; root: string }[]> {
  const hashes = (await readChain(directory)).map(({ entry_hash }) => Buffer.from(String(entry_hash), 'hex'));
  return sizes.map((size) => ({ size, root: naiveRoot(hashes.slice(0, size)).toString('hex') }));
}

/** Lets what a timer of the fake clock began come to an end. */
async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('a checkpoint at every interval that has something new, and at the end; the log says who verifies them', async () => {
  const kept = await keep();
  const { ledger, clock, directory } = kept;
  for (const id of ['a', 'b', 'c']) await ledger.append(record(id));
  // Two entries fill a segment, and none is sealed without a checkpoint.
  const soFar = await filesOf(directory);
  expect(soFar.filter((name) => name.endsWith('.seal.json')).length).toBe(1);
  expect(soFar.filter((name) => name.startsWith('checkpoints/'))).toEqual(['checkpoints/0000000000000002.txt']);
  clock.advance(45_000);
  expect(metric(await kept.metrics(), 'portcullis_ledger_checkpoint_age_seconds')).toBe(45);
  clock.advance(15_000);
  await until(async () => (await filesOf(directory)).includes('checkpoints/0000000000000003.txt'));
  await ledger.checkpoint();
  expect(metric(await kept.metrics(), 'portcullis_ledger_checkpoint_age_seconds')).toBe(0);
  clock.advance(60_000);
  await ledger.append(record('d'));
  await ledger.close();
  expect(await checkpointsOf(kept)).toEqual(await rootsAt(directory, [2, 3, 4]));
  const text = await kept.metrics();
  expect(metric(text, 'portcullis_ledger_entries_total{kind="decision"}')).toBe(4);
  expect(metric(text, 'portcullis_ledger_size')).toBe(4);
  expect(await modeOf(join(directory, 'checkpoints/0000000000000004.txt'))).toBe(0o400);
});

test('entries that a crash left without a checkpoint get one at the start', async () => {
  const kept = await keep();
  for (const id of ['a', 'b']) await kept.ledger.append(record(id));
  const copy = await tempDirectory();
  await cp(kept.base, copy, { recursive: true, filter: (path) => !path.includes('.lock-') });
  await kept.ledger.close();
  const again = await keep({}, copy);
  await until(async () => (await filesOf(again.directory)).includes('checkpoints/0000000000000002.txt'));
  await again.ledger.close();
  expect(await checkpointsOf(again)).toEqual(await rootsAt(again.directory, [2]));
});

test('midnight passes without a record: the segment is sealed at the next interval', async () => {
  const { ledger, clock, directory } = await keep();
  await ledger.append(record('a'));
  clock.advance(60_000);
  await until(async () => (await filesOf(directory)).includes('2030/12/31/235958.seal.json'));
  await ledger.close();
});

test.each([
  ['deleted', (path: string) => rm(path)],
  ['moved away', (path: string) => rename(path, `${path}.away`)],
  ['replaced by a copy', async (path: string) => rename(path, `${path}.away`).then(() => cp(`${path}.away`, path))],
])(
  'a segment that is %s under the gateway is missed at the next interval: said once, and not ready any more',
  async (_what, take) => {
    // Far from midnight, when it would be sealed.
    const { ledger, clock, directory, log } = await keep({}, undefined, createFakeClock(Date.UTC(2030, 0, 1)));
    const atNextInterval = (done: () => boolean | Promise<boolean>): Promise<void> =>
      until(() => {
        clock.advance(60_000);
        return done();
      });
    const isCovered = async (size: number): Promise<boolean> =>
      (await filesOf(directory)).includes(`checkpoints/000000000000000${size}.txt`);
    await ledger.append(record('a'));
    await atNextInterval(() => isCovered(1));
    expect(ledger.healthy).toBe(true);
    const [segment = ''] = (await filesOf(directory)).filter((name) => name.endsWith('.jsonl'));
    await take(join(directory, segment));
    await atNextInterval(() => !ledger.healthy);
    await ledger.append(record('b'));
    await atNextInterval(() => isCovered(2));
    expect(ledger.healthy).toBe(false);
    expect(log.filter(([event]) => event === 'ledger_segment_gone')).toEqual([['ledger_segment_gone', { segment }]]);
    await ledger.close();
  },
);

test('the key is made once, for its owner alone, and its secret is not said', async () => {
  const first = await keep();
  const path = join(first.base, 'ledger.key');
  const key = await readFile(path, 'utf8');
  expect(key).toMatch(/^PRIVATE\+KEY\+portcullis\.local\/ledger\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}\n$/);
  expect(await modeOf(path)).toBe(0o600);
  expect(first.log[0]?.[0]).toBe('ledger_key_made');
  expect(JSON.stringify(first.log)).not.toContain(key.trim().split('+').slice(4).join('+'));
  await first.ledger.close();
  const again = await keep({}, first.base);
  expect(again.log[0]).toEqual(['ledger_key', { verifier_key: verifierOf(first) }]);
  await again.ledger.close();
  expect((await readdir(first.base)).sort()).toEqual(['ledger.key', 'worm']);

  await expect(keep({ LEDGER_ORIGIN: 'example.com/other' }, first.base)).rejects.toThrow(
    /^PTC_E008 A key is malformed: LEDGER_KEY_FILE is a string of \d+ characters; set LEDGER_ORIGIN to the name in the key/,
  );
  await chmod(path, 0o604);
  await expect(keep({}, first.base)).rejects.toThrow(/^PTC_E008 .*take from others the right to read the file/);
  await chmod(path, 0o600);
  for (const content of [
    '',
    'x',
    key.replace('PRIVATE+KEY+', ''),
    key.replace(/[0-9a-f]{8}\+/, '00000000+'),
    'x'.repeat(9_000),
  ]) {
    await writeFile(path, content);
    await expect(keep({}, first.base)).rejects.toThrow(/^PTC_E008 .*name a file with a signer key/);
  }
  await rm(path);
  await mkdir(path, { mode: 0o700 });
  await expect(keep({}, first.base)).rejects.toThrow(/^PTC_E013 .*LEDGER_KEY_FILE/);
});

test('gateways that start together on one key file take one key', async () => {
  const base = await tempDirectory();
  const all = await Promise.all(
    Array.from({ length: 5 }, async (_, at) => {
      await mkdir(join(base, String(at)));
      return keep({ LEDGER_KEY_FILE: join(base, 'one.key') }, join(base, String(at)));
    }),
  );
  expect(new Set(all.map(verifierOf)).size).toBe(1);
  expect(all.filter(({ log }) => log[0]?.[0] === 'ledger_key_made').length).toBe(1);
  for (const { ledger } of all) await ledger.close();
});

test('a start on fewer entries than the newest checkpoint has, or on one that cannot be read, is refused', async () => {
  const kept = await keep();
  for (const id of ['a', 'b', 'c']) await kept.ledger.append(record(id));
  await kept.ledger.close();
  const copy = await tempDirectory();
  await cp(kept.base, copy, { recursive: true });
  const checkpoint = join(copy, 'worm/checkpoints/0000000000000003.txt');
  const note = await readFile(checkpoint, 'utf8');
  await rm(checkpoint);
  await writeFile(checkpoint, note.replace('\n3\n', '\n2\n'));
  await expect(keep({}, copy)).rejects.toThrow(/^PTC_E018 .*the checkpoint of size 3 cannot be read/);
  for (const name of ['235958-1.jsonl', '235958-1.seal.json']) await rm(join(kept.directory, '2030/12/31', name));
  await expect(keep({}, kept.base)).rejects.toThrow(
    /^PTC_E018 .*it has 2 entries, and LEDGER_SIGNED_FILE vouches for 3/,
  );
  await rm(join(kept.base, 'ledger.key.signed'));
  await expect(keep({}, kept.base)).rejects.toThrow(/^PTC_E018 .*it has 2 entries, and a checkpoint vouches for 3/);
});

test('a checkpoint that cannot be written is said and tried again, and no append fails for it', async () => {
  const kept = await keep();
  await kept.ledger.append(record('a'));
  await writeFile(join(kept.directory, 'checkpoints'), '');
  kept.clock.advance(60_000);
  await until(() => kept.log.some(([event]) => event === 'ledger_upkeep_failed'));
  expect(kept.log.at(-1)).toEqual([
    'ledger_upkeep_failed',
    { what: 'checkpoint', error: expect.stringMatching(/^E[A-Z]+$/) },
  ]);
  await kept.ledger.append(record('b'));
  expect(kept.ledger.healthy).toBe(true);
  await rm(join(kept.directory, 'checkpoints'));
  await kept.ledger.close();
  expect(await checkpointsOf(kept)).toEqual(await rootsAt(kept.directory, [2]));
});

test('each checkpoint is appended to a file, once, also over a restart and after a torn end', async () => {
  const base = await tempDirectory();
  const anchor = join(base, 'anchors.txt');
  for (let run = 0; run < 3; run++) {
    const { ledger } = await keep({ LEDGER_ANCHOR: anchor }, base);
    await ledger.append(record(2 * run));
    await ledger.checkpoint();
    await ledger.append(record(2 * run + 1));
    await ledger.close();
    if (run === 1) await writeFile(anchor, 'torn', { flag: 'a' });
  }
  const blocks = (await readFile(anchor, 'utf8')).split(/\n\n(?=portcullis|torn|$)/);
  const names = (await readdir(join(base, 'worm/checkpoints'))).filter((name) => name.endsWith('.txt')).sort();
  const notes = await Promise.all(names.map((name) => readFile(join(base, 'worm/checkpoints', name), 'utf8')));
  expect(blocks.filter((block) => block !== '' && block !== 'torn').map((block) => `${block}\n`)).toEqual(notes);
  expect(notes.length).toBe(6);
  expect(blocks).toContain('torn');
});

test('checkpoints are POSTed in order; what is not taken is counted and tried again, and holds nobody up', async () => {
  const taken: string[] = [];
  const answers = [500, 302, 204];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => {
      body += chunk;
    });
    req.on('end', () => {
      const status = answers.shift() ?? 200;
      if (status < 300) taken.push(`${req.method} ${req.url} ${req.headers['content-type']} ${body}`);
      res.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/anchor?token=canary`;
  const kept = await keep({ LEDGER_ANCHOR: url });
  const failed = async (): Promise<number> => metric(await kept.metrics(), 'portcullis_ledger_anchor_failures_total');
  await kept.ledger.append(record('a'));
  await kept.ledger.checkpoint();
  await until(async () => (await failed()) === 1);
  expect(metric(await kept.metrics(), 'portcullis_ledger_anchor_pending')).toBe(1);
  await kept.ledger.append(record('b'));
  await kept.ledger.checkpoint();
  kept.clock.advance(1_000);
  await until(async () => (await failed()) === 2);
  kept.clock.advance(2_000);
  await until(() => taken.length === 2);
  const notes = await Promise.all(
    [1, 2].map((size) => readFile(join(kept.directory, `checkpoints/000000000000000${size}.txt`), 'utf8')),
  );
  expect(taken).toEqual(notes.map((note) => `POST /anchor?token=canary text/plain; charset=utf-8 ${note}`));
  await until(async () => metric(await kept.metrics(), 'portcullis_ledger_anchor_pending') === 0);
  await kept.ledger.close();
  expect(kept.log.filter(([event]) => event === 'ledger_anchor_failed').map(([, fields]) => fields)).toEqual([
    { error: 'HTTP_500' },
    { error: expect.stringMatching(/^\w+$/) },
  ]);
  expect(JSON.stringify(kept.log)).not.toContain('canary');
});

test('an anchor that never answers does not keep the gateway from stopping; the next start goes on', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  const kept = await keep({ LEDGER_ANCHOR: url });
  await kept.ledger.append(record('a'));
  await kept.ledger.checkpoint();
  let isClosed = false;
  const closing = kept.ledger.close().then(() => {
    isClosed = true;
  });
  await until(() => {
    kept.clock.advance(1_000);
    return isClosed;
  });
  await closing;
  const again = await keep({ LEDGER_ANCHOR: join(kept.base, 'anchors.txt') }, kept.base);
  await again.ledger.close();
  expect(await readFile(join(kept.base, 'anchors.txt'), 'utf8')).toContain('portcullis.local/ledger\n1\n');
});

test('expired segments are deleted at the next interval, and once an hour after that', async () => {
  const clock = createFakeClock(EVE);
  const kept = await keep({ LEDGER_RETENTION_DAYS: '1' }, undefined, clock);
  // Two entries make a segment, and the last one stays open.
  for (let at = 0; at < 7; at++) await kept.ledger.append(record(at));
  await kept.ledger.checkpoint();
  clock.advance(2 * 86_400_000);
  await until(() => kept.log.at(-1)?.[0] === 'ledger_segments_deleted');
  expect(kept.log.at(-1)).toEqual(['ledger_segments_deleted', { segments: 3 }]);
  await kept.ledger.close();
});

test('retention leaves a segment that is not as its seal says, and all behind it, and says so', async () => {
  const base = await tempDirectory();
  const clock = createFakeClock(EVE);
  const first = await keep({}, base, clock);
  for (let at = 0; at < 6; at++) await first.ledger.append(record(at));
  await first.ledger.close();
  const path = join(first.directory, '2030/12/31/235958.jsonl');
  const text = await readFile(path, 'utf8');
  await rm(path);
  await writeFile(path, text.replace('"0"', '"8"'));
  clock.advance(2 * 86_400_000);
  const kept = await keep({ LEDGER_RETENTION_DAYS: '1' }, base, clock);
  clock.advance(60_000);
  await until(() => kept.log.some(([event]) => event === 'ledger_segment_changed'));
  expect(kept.log.at(-1)).toEqual(['ledger_segment_changed', { segment: '2030/12/31/235958.jsonl' }]);
  await kept.ledger.close();
  expect((await filesOf(first.directory)).filter((name) => name.endsWith('.jsonl')).length).toBe(3);
});

test('a history that somebody wrote anew is not signed: whole, its end, and with other seals', async () => {
  const kept = await keep();
  for (const id of ['a', 'b', 'c', 'd']) await kept.ledger.append(record(id));
  await kept.ledger.close();
  const says = (what: string): RegExp => new RegExp(`^PTC_E018 .*${what}`);
  const copyOf = async (): Promise<string> => {
    const copy = await tempDirectory();
    await cp(kept.base, copy, { recursive: true, filter: (path) => !path.includes('.lock-') });
    return copy;
  };

  // All of it, each hash and seal as it should be, and no checkpoint left.
  const other = await keep();
  for (const id of ['a', 'x', 'c', 'd']) await other.ledger.append(record(id));
  await other.ledger.close();
  const rewritten = await copyOf();
  await rm(join(rewritten, 'worm'), { recursive: true });
  await cp(other.directory, join(rewritten, 'worm'), { recursive: true });
  await rm(join(rewritten, 'worm/checkpoints'), { recursive: true });
  await expect(keep({}, rewritten)).rejects.toThrow(says('are not those that LEDGER_SIGNED_FILE vouches for'));
  expect(await filesOf(join(rewritten, 'worm'))).not.toContain('checkpoints/0000000000000004.txt');

  // The newest segment only, with an older checkpoint that is true.
  const end = await copyOf();
  for (const name of [
    '2030/12/31/235958-1.jsonl',
    '2030/12/31/235958-1.seal.json',
    'checkpoints/0000000000000004.txt',
  ]) {
    await rm(join(end, 'worm', name));
  }
  await expect(keep({}, end)).rejects.toThrow(says('it has 2 entries, and LEDGER_SIGNED_FILE vouches for 4'));
  const forger = await open(join(end, 'worm'));
  for (const id of ['x', 'y', 'z']) await forger.append(record(id));
  await forger.close();
  await expect(keep({}, end)).rejects.toThrow(says('are not those that LEDGER_SIGNED_FILE vouches for'));

  // What was signed goes on, though its checkpoint was taken away: it is put back.
  const robbed = await copyOf();
  await rm(join(robbed, 'worm/checkpoints'), { recursive: true });
  const again = await keep({}, robbed);
  await again.ledger.close();
  expect(await checkpointsOf(again)).toEqual(await rootsAt(again.directory, [4]));
});

test('behind what was signed last, sealed segments are read, not believed', async () => {
  const kept = await keep();
  for (const id of ['a', 'b', 'c']) await kept.ledger.append(record(id));
  await kept.ledger.checkpoint();
  const signed = await readFile(join(kept.base, 'ledger.key.signed'), 'utf8');
  expect(signed.split('\n')[1]).toBe('3');
  for (const id of ['d', 'e']) await kept.ledger.append(record(id));
  await kept.ledger.close();
  // As where nothing could be signed since.
  await writeFile(join(kept.base, 'ledger.key.signed'), signed);
  for (const size of [4, 5]) await rm(join(kept.directory, `checkpoints/${String(size).padStart(16, '0')}.txt`));
  const again = await keep({}, kept.base);
  await again.ledger.close();
  expect((await checkpointsOf(again)).at(-1)).toEqual((await rootsAt(again.directory, [5]))[0]);

  await writeFile(join(kept.base, 'ledger.key.signed'), signed);
  await rm(join(kept.directory, 'checkpoints/0000000000000005.txt'));
  const seal = join(kept.directory, '2030/12/31/235958-1.seal.json');
  const text = await readFile(seal, 'utf8');
  const { peaks } = JSON.parse(text);
  await chmod(seal, 0o600);
  await writeFile(seal, text.replace(peaks[0], 'ab'.repeat(32)));
  await expect(keep({}, kept.base)).rejects.toThrow(/^PTC_E018 .*235958-1\.jsonl is not as its seal says/);
});

test('a file that remembers nothing readable stops the start, and so does one that cannot be written', async () => {
  const kept = await keep();
  await kept.ledger.append(record('a'));
  await kept.ledger.close();
  await writeFile(join(kept.base, 'ledger.key.signed'), 'canary\n');
  await expect(keep({}, kept.base)).rejects.toThrow(
    /^PTC_E018 .*LEDGER_SIGNED_FILE is a string of \d+ characters; it holds no checkpoint/,
  );
  await expect(keep({}, kept.base)).rejects.not.toThrow(/canary/);
  await expect(keep({ LEDGER_SIGNED_FILE: join(kept.base, 'ledger.key/x') }, kept.base)).rejects.toThrow(
    /^PTC_E013 .*LEDGER_SIGNED_FILE/,
  );
});
