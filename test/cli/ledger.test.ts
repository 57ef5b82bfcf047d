import { execFileSync, spawn } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { showProgress } from '../../cli/ledger/progress.ts';
import { fileAnchor } from '../../gateway/ledger/anchor.ts';
import { readAnchored } from '../../gateway/ledger/anchored-notes.ts';
import { deleteExpired } from '../../gateway/ledger/retention.ts';
import { checkpointText } from '../../src/ledger/checkpoint.ts';
import { signNote } from '../../src/ledger/note.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { EVE, open } from '../gateway/ledger/helpers.ts';
import { edit, type MadeLedger, makeLedger, SIGNER, writeCheckpoint } from '../gateway/ledger/make-ledger.ts';
import { runCli } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';
import { GO_NOTE, SUM_DB } from '../ledger/notes.ts';
import { linesOf, recordOf } from '../ledger/tampering.ts';

const PCS = 'ab'.repeat(32);
/** Entries 2, 5 and 8 are about one PCS, 8 by another tenant. */
const records: readonly LedgerRecord[] = Array.from({ length: 12 }, (_, n) => ({
  ...recordOf(n),
  tenant: n === 8 ? 'other' : 'acme',
  ...(n % 3 === 2 && n < 9 && { pcs_id: PCS, policy_version: '2030-01', key_id: `k${n}`, region: 'eu-1' }),
}));
const idOf = (n: number): string => String(records[n]!.decision_id);
/** The last segment has neither seal nor checkpoint, as a crash leaves it. */
async function made(of = records): Promise<MadeLedger> {
  const ledger = await makeLedger(of, [4, 9]);
  await rm(ledger.segments[3]!.sealPath);
  return ledger;
}
const notesOf = async ({ directory }: MadeLedger): Promise<readonly string[]> => {
  const folder = join(directory, 'checkpoints');
  return Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'utf8')));
};

describe('verify', () => {
  test('says what holds, and what nothing vouches for', async () => {
    const { directory, verifierKey } = await made();
    const ran = await runCli(['ledger', 'verify', '--dir', directory, '--key', verifierKey]);
    expect(ran).toEqual({
      code: 0,
      stdout:
        '12 entries in 4 segments hold: entries 0 to 11, chain and seals\n' +
        '2 checkpoints agree with the tree, the newest at 9 entries\n' +
        '3 entries at the end have no checkpoint yet\n',
      stderr: '',
    });
    const without = await runCli(['ledger', 'verify'], { WORM_BASE_DIR: directory });
    expect(without.stdout).toContain('give --key');
  });

  test('ends with 1 and names the first entry that is wrong', async () => {
    const { directory, segments } = await made();
    await edit(segments[1]!.path, (text) => text.replace('"status":200', '"status":201'));
    const ran = await runCli(['ledger', 'verify', '--dir', directory]);
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: `portcullis: entry 3 (${segments[1]!.name} line 1): its content is not what its entry_hash says\n`,
    });
    const json = await runCli(['ledger', 'verify', '--dir', directory, '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { ok: false, fault: { index: 3, reason: 'entry_hash' } },
    ]);
    expect((await runCli(['ledger', 'verify', '--dir', directory, '--from', '6'])).code).toBe(0);
    expect((await runCli(['ledger', 'verify', '--dir', directory, '--to', '2'])).code).toBe(0);
    expect((await runCli(['ledger', 'verify', '--dir', directory, '--from', '2030-12-31T23:02:58Z'])).code).toBe(0);
    expect((await runCli(['ledger', 'verify', '--dir', directory, '--to', '2030-12-31T23:01:00Z'])).code).toBe(1);
  });

  test('checkpoints taken away are missed by who has the key', async () => {
    const { directory, segments, verifierKey } = await made();
    await rm(join(directory, 'checkpoints'), { recursive: true });
    const args = ['ledger', 'verify', '--dir', directory];
    expect(await runCli([...args, '--key', verifierKey])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(
          `^portcullis: segment ${segments[0]!.name}: is sealed, and no signed checkpoint vouches for it[^\\n]*\\n$`,
        ),
      ),
    });
    expect((await runCli(args)).code).toBe(0);
  });

  test('a ledger that was rewritten and signed again is not the one that was anchored', async () => {
    const anchored = await made();
    const anchor = join(await tempDirectory(), 'anchor.txt');
    // As the gateway appends them; one that a crash cut off between two.
    await writeFile(
      anchor,
      `${(await notesOf(anchored))[0]}\nportcullis.test/led\n\n${(await notesOf(anchored))[1]}\n`,
    );
    const { directory } = await made(records.with(5, { ...records[5]!, outcome: 'escalate' }));
    const args = ['ledger', 'verify', '--dir', directory, '--key', GO_NOTE.verifierKey];
    expect((await runCli(args)).code).toBe(0);
    const { code, stderr } = await runCli([...args, '--anchor', anchor]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/entry 4 \(.* line 2\): from here on .*\(9 entries are vouched for\)/),
    ]);
  });

  test('a key that did not sign, no directory, no key, no bound: 1 and one line', async () => {
    const { directory } = await made();
    for (const [args, message] of [
      [['--dir', directory, '--key', SUM_DB.verifierKey], /checkpoint size 4: .*not signed by a known key/],
      [['--dir', join(directory, 'canary')], /PTC_E013 .*--dir is a string/],
      [['--dir', directory, '--key', 'canary+00000000+AAAA'], /PTC_E013 .*--key/],
      [['--dir', directory, '--from', 'canary'], /PTC_E002 .*--from/],
      [['--dir', directory, '--from', '8', '--to', '2'], /PTC_E003 .*--to .*there is no entry from --from to --to/],
      [['--dir', directory, '--from', '2030-12-31', '--to', '2030-12-30'], /PTC_E003 .*--to/],
      [['--dir', directory, '--from', '2031-01-01', '--to', '1'], /PTC_E003 .*--to/],
      [['--dir', directory, '--from', '12'], /PTC_E003 .*--from/],
      [['--dir', directory, '--from', '2031-01-01'], /PTC_E003 .*--from/],
      [['--dir', directory, '--to', '2030-12-31T22:59:00Z'], /PTC_E003 .*--to/],
      [['--dir', directory, '--from', '2020-01-01', '--to', '2020-12-31'], /PTC_E003 .*--to/],
      [['--dir', directory, '--from', '2030-02-31'], /PTC_E002 .*--from/],
      [['--dir', directory, '--anchor', '/canary'], /PTC_E013 .*--anchor/],
      [['--dir', directory, '--anchor', fileURLToPath(import.meta.url)], /PTC_E013 .*--anchor/],
      [['--dir', directory, '--canary'], /an option is not known; see portcullis ledger --help/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['ledger', 'verify', ...args]);
      expect([args, code, stdout, stderr.trimEnd().split('\n').length]).toEqual([args, 1, '', 1]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('canary');
    }
  });

  test('a directory without a ledger is none that holds, for who has the key', async () => {
    const directory = await tempDirectory();
    const args = ['ledger', 'verify', '--dir', directory];
    const { code, stdout, stderr } = await runCli([...args, '--key', GO_NOTE.verifierKey]);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^portcullis: there are no entries[^\n]*\n$/),
    ]);
    const json = await runCli([...args, '--key', GO_NOTE.verifierKey, '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, { ok: false, fault: { reason: 'empty' } }]);
    expect(await runCli(args)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^there are no entries\n/) });
  });

  test('names of files are shown, and not obeyed by a terminal', async () => {
    const { directory } = await made();
    await writeFile(join(directory, 'checkpoints/x\u001b[2J\u009b\u202e.txt'), '');
    const args = ['ledger', 'verify', '--dir', directory];
    const { stderr } = await runCli(args);
    expect(stderr).toMatch(/^portcullis: checkpoint x\\u001b\[2J\\u009b\\u202e\.txt: [^\n]*\n$/);
    const json = await runCli([...args, '--json']);
    expect(json.stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(JSON.parse(json.stdout).fault.name).toBe('x\u001b[2J\u009b\u202e.txt');
  });

  test('an anchor file with a checkpoint that a crash cut off in its signature', async () => {
    const ledger = await made();
    const anchor = join(await tempDirectory(), 'anchor.txt');
    const [first, second] = await notesOf(ledger);
    await writeFile(anchor, `${first!.slice(0, -20)}\n\n${second}\n`);
    const args = ['ledger', 'verify', '--dir', ledger.directory, '--key', ledger.verifierKey, '--anchor', anchor];
    const { code, stdout } = await runCli(args);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\n1 pieces of the anchor file are no whole checkpoints and were left out\n$/),
    ]);
  });

  test('a pipe, a link, a folder or too much in the place of a file: 1 and one line that names it', async () => {
    const pipe = (path: string): void => void execFileSync('mkfifo', [path]);
    const link = (path: string): Promise<void> => symlink('/dev/zero', path);
    const folder = (path: string): Promise<unknown> => mkdir(path);
    const large = async (path: string): Promise<void> => {
      await writeFile(path, '');
      await truncate(path, 5_000_000_000);
    };
    const said = /is no regular file/;
    for (const [what, make, message] of [
      ['pipe', pipe, said],
      ['link', link, said],
      ['folder', folder, said],
      ['large', large, /is not as its seal says|is no checkpoint of its size/],
    ] as const) {
      const { directory, segments, verifierKey } = await made();
      const paths = [segments[1]!.sealPath, join(directory, 'checkpoints/0000000000000004.txt')];
      if (what !== 'large') paths.push(segments[1]!.path);
      for (const path of paths) {
        await rename(path, `${directory}.away`);
        await make(path);
        const ran = await runCli(['ledger', 'verify', '--dir', directory, '--key', verifierKey]);
        expect([what, ran.code, ran.stdout, ran.stderr.trimEnd().split('\n').length]).toEqual([what, 1, '', 1]);
        expect(ran.stderr).toMatch(message);
        expect(ran.stderr).toMatch(what === 'large' ? /size 4|230058/ : new RegExp(path.slice(directory.length + 1)));
        await rm(path, { recursive: true });
        await rename(`${directory}.away`, path);
      }
      const anchor = join(await tempDirectory(), 'anchor');
      await make(anchor);
      if (what === 'large') continue;
      const ran = await runCli(['ledger', 'verify', '--dir', directory, '--key', verifierKey, '--anchor', anchor]);
      expect([ran.code, ran.stderr]).toEqual([
        1,
        expect.stringMatching(/^portcullis: PTC_E013 [^\n]*--anchor[^\n]*\n$/),
      ]);
    }
  }, 60_000);

  test('keys may come in a file, the old one and the new one', async () => {
    const { directory } = await made();
    const keys = join(await tempDirectory(), 'keys');
    await writeFile(keys, `${SUM_DB.verifierKey}\n${GO_NOTE.verifierKey}\n`);
    expect((await runCli(['ledger', 'verify', '--dir', directory, '--key', keys])).code).toBe(0);
    await appendFile(keys, 'canary\n');
    const { code, stderr } = await runCli(['ledger', 'verify', '--dir', directory, '--key', keys]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/PTC_E008 .*one a line\n$/)]);
  });
});

describe('prove and check', () => {
  test('a decision: one file, which the key alone proves, without the ledger', async () => {
    const { directory, verifierKey } = await made();
    const out = await tempDirectory();
    const proven = await runCli(['ledger', 'prove', idOf(3), '--dir', directory, '--out', out]);
    const file = join(out, 'entry-3.tlog-proof');
    expect(proven).toEqual({ code: 0, stdout: `${file}\n`, stderr: '' });
    await rm(directory, { recursive: true });
    const checked = await runCli(['ledger', 'check', file, '--key', verifierKey]);
    expect([checked.code, checked.stdout]).toEqual([0, `${linesOf(records)[3]}\n`]);
    expect(checked.stderr).toBe('proven: entry 3 of PeterNeumann, of which 4 entries are signed\n');
    expect(await runCli(['ledger', 'check', file, '--key', SUM_DB.verifierKey])).toMatchObject({ code: 1, stdout: '' });
    await edit(file, (text) => text.replace('index 3', 'index 2'));
    const { code, stdout, stderr } = await runCli(['ledger', 'check', file, '--key', verifierKey]);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^portcullis: not proven: [^\n]*\n$/)]);
  });

  test('a PCS: a file for each of its entries, whatever checkpoint they have', async () => {
    const { directory, verifierKey } = await made();
    const out = await tempDirectory();
    const args = ['ledger', 'prove', PCS, '--dir', directory, '--out', out];
    expect(await runCli(args)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'portcullis: several tenants have entries with that id: name one with --tenant\n',
    });
    expect(await readdir(out)).toEqual([]);
    expect((await runCli([...args, '--tenant', 'acme'])).code).toBe(0);
    expect((await readdir(out)).sort()).toEqual([2, 5].map((n) => `entry-${n}.tlog-proof`));
    expect((await runCli([...args, '--tenant', 'other'])).code).toBe(0);
    for (const n of [2, 5, 8]) {
      const file = join(out, `entry-${n}.tlog-proof`);
      expect(await runCli(['ledger', 'check', file, '--key', verifierKey])).toMatchObject({ code: 0 });
    }
  });

  test('what no checkpoint has yet, and what is not there', async () => {
    const { directory } = await made();
    const pending = await runCli(['ledger', 'prove', idOf(10), '--dir', directory]);
    expect(pending).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/entry 10 has no checkpoint yet/) });
    const nobody = await runCli(['ledger', 'prove', 'canary', '--dir', directory]);
    expect(nobody).toEqual({ code: 1, stdout: '', stderr: 'portcullis: there is no decision with that id\n' });
    expect((await runCli(['ledger', 'prove', '--dir', directory])).stderr).toMatch(/PTC_E001 /);
    expect((await runCli(['ledger', 'prove', 'a', 'b', '--dir', directory])).stderr).toMatch(/PTC_E003 /);
  });

  test('what retention left is proven without what it deleted', async () => {
    const { directory, verifierKey } = await makeLedger(records, [4, 9, 12]);
    const ledger = await open(directory, { now: () => EVE });
    const now = EVE + 90 * 86_400_000;
    const { append } = ledger;
    const checkpoint = (): Promise<void> => writeCheckpoint(directory, ledger.chain.tree, SIGNER);
    const { deleted } = await deleteExpired({ directory, days: 1, now, vouchedSize: 9, append, checkpoint });
    await ledger.close();
    expect(deleted).toBe(3);
    const out = await tempDirectory();
    expect((await runCli(['ledger', 'prove', idOf(10), '--dir', directory, '--out', out])).code).toBe(0);
    const file = join(out, 'entry-10.tlog-proof');
    expect((await runCli(['ledger', 'check', file, '--key', verifierKey])).code).toBe(0);
    expect((await runCli(['ledger', 'prove', idOf(8), '--dir', directory])).stderr).toMatch(/no decision/);
    const verified = await runCli(['ledger', 'verify', '--dir', directory, '--key', verifierKey]);
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringContaining('3 segments were deleted by retention'),
    ]);
  });

  test('a ledger that is not what its checkpoint vouches for proves nothing', async () => {
    const { directory, segments } = await made();
    await rm(segments[0]!.sealPath);
    await edit(segments[0]!.path, () => `${linesOf([recordOf(77), records[1]!, records[2]!]).join('\n')}\n`);
    const { code, stderr } = await runCli(['ledger', 'prove', idOf(1), '--dir', directory]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/PTC_E018 .*entry 1 is not what the checkpoint of size 4 vouches for/),
    ]);
  });

  test('an entry whose line was changed is not proven by the hash that still stands there', async () => {
    const { directory, segments } = await made();
    const out = await tempDirectory();
    await edit(segments[1]!.path, (text) => text.replace('"outcome":"allow"', '"outcome":"deny"'));
    const id = (await readFile(segments[1]!.path, 'utf8')).split('\n').map((line) => JSON.parse(line || '{}'));
    const changed = id.find(({ outcome }, at) => outcome === 'deny' && records[3 + at]!.outcome === 'allow');
    const args = ['ledger', 'prove', changed.decision_id, '--dir', directory, '--out', out];
    expect(await runCli(args)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/PTC_E018 .*entry 3 is not what its entry_hash says/),
    });
    expect(await readdir(out)).toEqual([]);
  });

  test('a pipe or what never ends in the place of a proof is refused', async () => {
    const pipe = join(await tempDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero']) {
      const ran = await runCli(['ledger', 'check', path, '--key', GO_NOTE.verifierKey]);
      expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/PTC_E013 .*<file>/) });
    }
  });

  test('a file that is no proof, or not there', async () => {
    const key = GO_NOTE.verifierKey;
    const nonsense = join(await tempDirectory(), 'canary');
    await writeFile(nonsense, 'canary');
    expect(await runCli(['ledger', 'check', nonsense, '--key', key])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no proof/),
    });
    expect(await runCli(['ledger', 'check', '/canary', '--key', key])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PTC_E013/),
    });
    expect(await runCli(['ledger', 'check', nonsense])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PTC_E001 .*--key/),
    });
  });
});

describe('lineage', () => {
  test('all decisions on a PCS, of one tenant only', async () => {
    const { directory } = await made();
    const { code, stdout } = await runCli(['ledger', 'lineage', PCS, '--tenant', 'acme', '--dir', directory]);
    expect(code).toBe(0);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found).toMatchObject([
      { index: 2, decision_id: idOf(2), outcome: 'allow', policy_version: '2030-01', key_id: 'k2', region: 'eu-1' },
      { index: 5, decision_id: idOf(5), outcome: 'deny', status: 401, key_id: 'k5' },
    ]);
    expect(stdout).not.toContain('other');
    const other = await runCli(['ledger', 'lineage', PCS, '--tenant', 'other', '--dir', directory]);
    expect(
      other.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).index),
    ).toEqual([8]);
    const nobody = await runCli(['ledger', 'lineage', PCS, '--tenant', 'nobody', '--dir', directory]);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect((await runCli(['ledger', 'lineage', PCS, '--dir', directory])).stderr).toMatch(/PTC_E001 .*--tenant/);
  });

  test('an entry that was changed is not told as if it were one', async () => {
    const { directory, segments } = await made();
    await edit(segments[1]!.path, (text) => text.replace('"key_id":"k5"', '"key_id":"k6"'));
    const { code, stdout, stderr } = await runCli(['ledger', 'lineage', PCS, '--tenant', 'acme', '--dir', directory]);
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/^portcullis: entry 5 \(.* line 3\): its content is not what its entry_hash says\n$/);
  });

  test('an entry with a hash made anew is not told, though the fault is only seen in the next one', async () => {
    const { directory, segments } = await made();
    const prev = JSON.parse(linesOf(records)[4]!).entry_hash;
    for (const size of ['0009', '0012'])
      await rm(join(directory, `checkpoints/000000000000${size}.txt`), { force: true });
    const forged = linesOf([{ ...records[5]!, policy_version: 'forged' }], prev)[0];
    await edit(segments[1]!.path, (text) => text.split('\n').with(2, forged!).join('\n'));
    const { code, stdout, stderr } = await runCli(['ledger', 'lineage', PCS, '--tenant', 'acme', '--dir', directory]);
    expect(stderr).toMatch(/^portcullis: entry 6 .*: it does not follow the entry before it/);
    expect([
      code,
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).index),
    ]).toEqual([1, [2]]);
  });

  test('what a terminal would obey is shown, not sent, in a proof too', async () => {
    const odd = records.with(2, { ...records[2]!, region: 'eu\u009b2J\u202e' });
    const { directory, verifierKey } = await made(odd);
    const { stdout } = await runCli(['ledger', 'lineage', PCS, '--tenant', 'acme', '--dir', directory]);
    const out = await tempDirectory();
    await runCli(['ledger', 'prove', idOf(2), '--dir', directory, '--out', out]);
    const proven = await runCli(['ledger', 'check', join(out, 'entry-2.tlog-proof'), '--key', verifierKey]);
    for (const text of [stdout.split('\n')[0]!, proven.stdout]) {
      expect(text).toContain('eu\\u009b2J\\u202e');
      expect(JSON.parse(text).region).toBe(odd[2]!.region);
    }
  });

  test('a line that somebody appended to a sealed segment is not told', async () => {
    for (const follows of [true, false]) {
      const { directory, segments } = await made();
      const forged = { ...records[2]!, decision_id: 'forged' };
      const prev = follows ? JSON.parse(linesOf(records)[5]!).entry_hash : 'ab'.repeat(32);
      await edit(segments[1]!.path, (text) => `${text}${linesOf([forged], prev)[0]}\n`);
      const { code, stdout, stderr } = await runCli(['ledger', 'lineage', PCS, '--tenant', 'acme', '--dir', directory]);
      expect([follows, code, stderr.split('\n').length]).toEqual([follows, 1, 2]);
      expect(stdout).not.toContain('forged');
    }
  });
});

describe('tail', () => {
  test('the last entries, across segments', async () => {
    const { directory } = await made();
    const lines = linesOf(records);
    for (const [count, expected] of [
      [4, lines.slice(-4)],
      [0, []],
      [100, lines],
    ] as const) {
      const { code, stdout } = await runCli(['ledger', 'tail', '-n', String(count), '--dir', directory]);
      expect([code, stdout]).toEqual([0, expected.map((line) => `${line}\n`).join('')]);
    }
    expect((await runCli(['ledger', 'tail', '--dir', directory])).stdout.split('\n').length).toBe(11);
    expect((await runCli(['ledger', 'tail', '-n', 'x', '--dir', directory])).stderr).toMatch(/PTC_E003 .*-n/);
  });

  test('what a terminal would obey is shown, not sent', async () => {
    const { directory, segments } = await made();
    await edit(segments[3]!.path, (text) => `${text}{"x":"\u001b[2J\u0007\u00c2\u009b\u007f"}\n`);
    const { stdout } = await runCli(['ledger', 'tail', '-n', '1', '--dir', directory]);
    expect(stdout).toBe('{"x":"\\u001b[2J\\u0007\\u009b\\u007f"}\n');
  });

  test('-f prints what follows, in the same segment and in the next', async () => {
    const { directory } = await made();
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const child = spawn(process.execPath, [main, 'ledger', 'tail', '-f', '-n', '1', '--dir', directory]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    expect(await next()).toBe(linesOf(records)[11]);
    const ledger = await open(directory, { now: () => EVE, maxSegmentBytes: 300 });
    for (const n of [12, 13, 14]) {
      await ledger.append(recordOf(n));
      expect(JSON.parse(await next()).decision_id).toBe(recordOf(n).decision_id);
    }
    await ledger.close();
  });
});

test('help, no command, and one that is not there', async () => {
  expect(await runCli(['ledger', '--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('usage: portcullis ledger'),
  });
  expect(await runCli(['ledger', 'verify', '-h'])).toMatchObject({ code: 0, stderr: '' });
  for (const args of [[], ['frobnicate'], ['constructor']]) {
    expect(await runCli(['ledger', ...args])).toMatchObject({ code: 2, stdout: '' });
  }
});

describe('progress', () => {
  test('a bar on a terminal, at most ten times a second, gone at the end', () => {
    const written: string[] = [];
    let now = 0;
    const progress = showProgress(200, { isTTY: true, write: (text) => written.push(text) }, () => now);
    for (let step = 0; step < 20; step++) {
      progress.add(10);
      now += 50;
    }
    progress.end();
    expect(written.length).toBe(11);
    expect(written[0]).toBe(`\r[${'#'.repeat(2)}${'.'.repeat(28)}]   5 %`);
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('nothing where nobody looks', () => {
    const written: string[] = [];
    const progress = showProgress(2, { write: (text) => written.push(text) });
    progress.add(1);
    progress.end();
    expect(written).toEqual([]);
  });
});

test('notes are found between what is none', async () => {
  const { note } = SUM_DB.cosigned;
  const path = join(await tempDirectory(), 'anchor.txt');
  const found = async (text: string) => {
    await writeFile(path, text);
    return readAnchored(path);
  };
  const [short, long] = [await noteAt(7), await noteAt(8)];
  expect(await found(`${short}\n${long}\n`)).toEqual({ notes: [short, long], leftOut: 0 });
  expect(await found(`x\n\n\n\n${long}\nrest`)).toEqual({ notes: [long], leftOut: 2 });
  expect(await found('\n\n\u2014 x')).toEqual({ notes: [], leftOut: 1 });
  expect(await found(`${note}\n`)).toEqual({ notes: [note], leftOut: 0 });
  expect(await found('')).toEqual({ notes: [], leftOut: 0 });
  // Cut anywhere, and gone on with as the gateway does.
  for (let cut = 1; cut < short.length; cut++) {
    await writeFile(path, short.slice(0, cut));
    await fileAnchor(path)(long, new AbortController().signal);
    const { notes, leftOut } = await readAnchored(path);
    const isAll = cut === short.length - 1;
    expect([cut, notes, leftOut > 0]).toEqual([cut, isAll ? [short, long] : [long], !isAll]);
  }
});

function noteAt(size: number): Promise<string> {
  return signNote(checkpointText({ origin: 'example.com/log', size, root: new Uint8Array(32), extensions: [] }), [
    SIGNER,
  ]);
}
