import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runCli, serveProcess } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test('help goes to standard output; no command, or an unknown one, ends with 2', async () => {
  expect(await runCli(['help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('usage: portcullis') });
  expect(await runCli([])).toMatchObject({ code: 2 });
  const unknown = await runCli(['frobnicate-secret']);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no command of that name') });
  expect(unknown.stderr).not.toContain('secret');
});

test('bad configuration stops serve at once, with one line that names the variable and hides the value', async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: 'canary-value' }, /^portcullis: PTC_E011 .*PORT is a string of 12 characters; give a whole number/],
    [{ TENANTS: 'a:hmac:canary-value,b:hmac:canary-value' }, /^portcullis: PTC_E009 .*tenant b.*tenant a/],
    [{ PORTCULLIS_ENV: 'production' }, /^portcullis: PTC_E011 .*PCS_SIGN_ALG is missing/],
    [
      { PORTCULLIS_ENV: 'production', PCS_HMAC_KEY: 'canary-value-that-is-long-enough' },
      /^portcullis: PTC_E012 .*METRICS_USER is missing/,
    ],
    [
      {
        PORTCULLIS_ENV: 'production',
        PCS_HMAC_KEY: 'testsecret',
        METRICS_USER: 'm',
        METRICS_PASS: 'canary-value-long-enough',
      },
      /^portcullis: PTC_E012 .*tenant default key hmac-1 is a string of 10 characters/,
    ],
  ];
  for (const [env, message] of cases) {
    const { code, stdout, stderr } = await runCli(['serve'], env);
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('canary');
  }
});

test('a directory that cannot be used stops serve with one line, and never spins', async () => {
  const directory = await tempDirectory();
  for (const path of ['/proc/canary/x', '/proc/canary', '/etc/passwd', '/etc/passwd/canary']) {
    for (const name of ['WAL_DIR', 'WORM_BASE_DIR']) {
      const env = { WAL_DIR: `${directory}/wal`, WORM_BASE_DIR: `${directory}/ledger`, PORT: '0', [name]: path };
      const { code, stdout, stderr } = await runCli(['serve'], env);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(new RegExp(`^portcullis: PTC_E013 [^\\n]*: ${name} is a string of [^\\n/]*\\n$`));
    }
  }
});

async function hasClaim(directory: string): Promise<boolean> {
  return (await readdir(directory)).some((name) => name.startsWith('.lock'));
}

/** A gateway whose start hangs: what it keeps of a torn segment goes to a pipe, and that waits for whoever reads it. */
async function startHanging(): Promise<{ child: ChildProcess; pipe: string; ended: Promise<unknown> }> {
  const directory = await tempDirectory();
  const ledger = await tempDirectory();
  const pipe = join(directory, 'inbox-000001.log.torn');
  await writeFile(join(directory, 'inbox-000001.log'), 'torn');
  execFileSync('mkfifo', [pipe]);
  const env = { PATH: process.env.PATH ?? '', PORT: '0', WAL_DIR: directory, WORM_BASE_DIR: ledger };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
  while (!(await hasClaim(directory))) await new Promise((resolve) => setTimeout(resolve, 20));
  return { child, pipe, ended };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a start that hangs', async (signal) => {
  const { child, ended } = await startHanging();
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
});

test('SIGTERM before the start has ended lets it end, and undoes it', async () => {
  const { child, pipe, ended } = await startHanging();
  child.kill('SIGTERM');
  expect(await readFile(pipe, 'utf8')).toBe('torn');
  expect(await ended).toEqual([0, null]);
  expect(await hasClaim(dirname(pipe))).toBe(false);
});

test('serve says what to try; with one key and no tenants every default is embedded', async () => {
  const directory = await tempDirectory();
  const served = await serveProcess({ WAL_DIR: `${directory}/wal`, WORM_BASE_DIR: `${directory}/ledger` });
  const health = await fetch(`http://127.0.0.1:${served.port}/health`);
  expect([health.status, await health.text()]).toEqual([200, 'OK']);
  expect(served.output()).toContain('npm run demo');
  served.child.kill('SIGTERM');
  expect(await served.ended).toBe(0);
});

test('pcs: a CSV and a JSONL file give the same record, bound to the bytes of the file, signed if there is a key', async () => {
  const directory = await tempDirectory();
  const csv = join(directory, 'points.csv');
  const jsonl = join(directory, 'points.jsonl');
  const rows = Array.from({ length: 40 }, (_, i) => ({ a: i, b: (i * i) % 17, c: -i / 3 }));
  await writeFile(csv, `a,b,c\n${rows.map(({ a, b, c }) => `${a},${b},${c}`).join('\n')}\n`);
  await writeFile(jsonl, rows.map((row) => JSON.stringify(row)).join('\n'));
  const args = ['--columns', 'a,b,c', '--shard', 's1', '--epoch', '7'];
  const ran = await runCli(['pcs', '--in', csv, ...args], { PCS_HMAC_KEY: 'testsecret' });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const record = JSON.parse(ran.stdout);
  const other = JSON.parse((await runCli(['pcs', '--in', jsonl, ...args])).stdout);
  expect(other.N_j).toEqual(record.N_j);
  expect(other.coh_star).toBe(record.coh_star);
  expect(other.merkle_root).not.toBe(record.merkle_root);
  expect(other.sig).toBe('');

  const id = createHash('sha256').update(`${record.merkle_root}|7|s1`).digest('hex');
  expect(record.pcs_id).toBe(id);
  const { D_hat, budget, coh_star, epoch, merkle_root, pcs_id, r, shard_id } = record;
  const text = JSON.stringify({ D_hat, budget, coh_star, epoch, merkle_root, pcs_id, r, shard_id });
  expect(record.sig).toBe(createHmac('sha256', 'testsecret').update(text).digest('base64'));
});

test('pcs: what cannot work is said in one line', async () => {
  const directory = await tempDirectory();
  const csv = join(directory, 'points.csv');
  await writeFile(csv, 'a,b\n1,x\n');
  const args = ['--shard', 's', '--epoch', '1'];
  for (const [extra, message] of [
    [
      ['--in', csv, '--columns', 'b'],
      /PTC_E002 .*--columns b, row 1 is a string of 1 characters; give columns of numbers/,
    ],
    [['--in', csv, '--columns', 'nope'], /PTC_E002 .*row 1 is missing/],
    [['--in', `${csv}.gone`, '--columns', 'a'], /PTC_E013 .*--in/],
    [['--columns', 'a'], /PTC_E001 .*--in is missing/],
    [['--frobnicate'], /^portcullis: an option is not known; see portcullis pcs --help\n$/],
    [['--in'], /^portcullis: an option has no value, or one it does not take; see portcullis pcs --help\n$/],
    [['canary'], /^portcullis: an argument is not expected; see portcullis pcs --help\n$/],
  ] as const) {
    const ran = await runCli(['pcs', ...extra, ...args]);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(message);
  }
});

test.each(['serve', 'demo'])('%s: says what it takes, and takes nothing else', async (command) => {
  const help = await runCli([command, '--help']);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain(`usage: portcullis ${command}`);
  for (const args of [['--port=8081'], ['canary']]) {
    const ran = await runCli([command, ...args]);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(
      new RegExp(`^portcullis: an .* is not (known|expected); see portcullis ${command} --help\n$`),
    );
  }
});

test('demo: without a gateway it starts one; honest records pass, every attack is stopped, and the table says by whom', async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  const ran = await runCli(['demo'], { PORT: String(port) });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const line = (start: string): string => ran.stdout.split('\n').find((one) => one.startsWith(start)) ?? '';
  expect(line('honest record')).toMatch(/ 8 +200 +accepted/);
  expect(line('the first one again')).toMatch(/ 5 +200 +accepted/);
  expect(line('signature with one bit')).toMatch(/ 401 .*signature/);
  expect(line('N_j raised')).toMatch(/ 202 .*nj_.* sanity/);
  expect(line('D_hat scaled')).toMatch(/ 202 .*d_hat_mismatch .*recompute/);
  expect(line('VRF proof forged')).toMatch(/ 401 .* vrf /);
  expect(line('personal data')).toMatch(/ 400 .* pii /);
  expect(line('body over')).toMatch(/ 413 /);
  expect(line('storm')).toMatch(/ 1000 .*429 .*rate-limit/);
}, 90_000);
