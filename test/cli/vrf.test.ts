import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exampleOf, NAMED } from '../guards/vrf/suites.ts';
import { bytes, hex } from '../guards/vrf/vectors.ts';
import { runCli, runCliUnread } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

const base64 = (text: string): string => Buffer.from(text, 'hex').toString('base64');

/** A file that holds a text. */
async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(await tempDirectory(), 'file');
  await writeFile(path, content);
  return path;
}

describe.each(NAMED)('vrf, %s', (name, suite) => {
  const example = exampleOf(suite);
  const ofSuite = ['--suite', name];

  test('prove and verify give what RFC 9381 publishes, in hex and base64, from files and standard input', async () => {
    const alphaFile = await fileOf(bytes(example.alpha));
    const secret = `${example.sk}\n`;
    const proved = await runCli(
      ['vrf', 'prove', ...ofSuite, '--secret-file', '-', '--alpha-file', alphaFile],
      {},
      secret,
    );
    expect(proved).toEqual({ code: 0, stdout: `${example.pi}\n`, stderr: '' });

    const inBase64 = [...ofSuite, '--encoding', 'base64'];
    const secretFile = await fileOf(`${base64(example.sk)}\n`);
    const again = ['vrf', 'prove', ...inBase64, '--secret-file', secretFile, '--alpha-bytes', base64(example.alpha)];
    expect((await runCli(again)).stdout).toBe(`${base64(example.pi)}\n`);

    const proofFile = await fileOf(base64(example.pi));
    const verify = ['vrf', 'verify', ...inBase64, '--public-key', base64(example.pk), '--proof-file', proofFile];
    const verified = await runCli([...verify, '--alpha-file', '-'], {}, bytes(example.alpha));
    expect(verified).toEqual({ code: 0, stdout: `${base64(example.beta)}\n`, stderr: '' });
  });

  test('a key of its own: in a new file that only its owner reads; what it proves is valid, for one alpha', async () => {
    const path = join(await tempDirectory(), 'secret');
    const made = await runCli(['vrf', 'keygen', ...ofSuite, '--secret-file', path]);
    expect([made.code, made.stderr]).toEqual([0, '']);
    const secret = (await readFile(path, 'utf8')).trim();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(made.stdout).toBe(`${hex(suite.publicKey(bytes(secret)))}\n`);

    const again = await runCli(['vrf', 'keygen', ...ofSuite, '--secret-file', path]);
    expect([again.code, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toMatch(/^portcullis: PTC_E013 .*--secret-file.*not there yet\n$/);
    expect((await readFile(path, 'utf8')).trim()).toBe(secret);

    const proved = await runCli(['vrf', 'prove', ...ofSuite, '--secret-file', path, '--alpha', 'Zürich']);
    const keyFile = await fileOf(made.stdout);
    const verify = ['vrf', 'verify', ...ofSuite, '--public-key-file', keyFile, '--proof', proved.stdout.trim()];
    const verified = await runCli([...verify, '--alpha', 'Zürich']);
    expect(verified.stdout).toBe(`${hex(suite.proofToHash(bytes(proved.stdout.trim()))!)}\n`);
    const other = await runCli([...verify, '--alpha', 'Zurich']);
    expect(other).toEqual({ code: 3, stdout: '', stderr: 'portcullis: not valid: challenge\n' });
  });
});

describe('vrf', () => {
  const example = exampleOf({ name: 'ECVRF-EDWARDS25519-SHA512-TAI' });
  const verify = (key: string, proof: string, ...more: string[]) =>
    runCli(['vrf', 'verify', '--public-key', key, '--proof', proof, '--alpha-bytes', example.alpha, ...more]);

  test('verify ends with 3 and the reason for a proof or key that is not valid', async () => {
    for (const [key, proof, reason] of [
      [example.pk, example.pi.slice(2), 'proof-length'],
      [example.pk, '', 'proof-length'],
      [example.pk, `${'ff'.repeat(32)}${example.pi.slice(64)}`, 'gamma-encoding'],
      [example.pk, `${example.pi.slice(0, 96)}${'ff'.repeat(32)}`, 's-range'],
      [example.pk.slice(2), example.pi, 'key-length'],
      ['ff'.repeat(32), example.pi, 'key-encoding'],
      ['00'.repeat(32), example.pi, 'key-small-order'],
    ] as const) {
      expect(await verify(key, proof)).toEqual({ code: 3, stdout: '', stderr: `portcullis: not valid: ${reason}\n` });
    }
    const other = await verify(example.pk, example.pi, '--suite', 'ECVRF-EDWARDS25519-SHA512-ELL2');
    expect([other.code, other.stderr]).toEqual([3, 'portcullis: not valid: challenge\n']);
    expect((await verify(example.pk, example.pi)).stdout).toBe(`${example.beta}\n`);
  });

  test('what cannot be done ends with 1 and one line, which repeats nothing that was typed or read', async () => {
    const secretFile = await fileOf('5ec2e7'.repeat(7));
    const notHex = await fileOf('canary-secret');
    const proveWith = (path: string) => ['prove', '--secret-file', path, '--alpha', 'a'];
    for (const [args, message] of [
      [['prove', '--alpha', 'a'], /PTC_E001 .*--secret-file is missing/],
      [['prove', '--secret', 'canary', '--alpha', 'a'], /an option is not known; see portcullis vrf --help/],
      [['prove', '--secret-key', 'canary', '--alpha', 'a'], /an option is not known/],
      [['prove', 'canary', ...proveWith(secretFile).slice(1)], /an argument is not expected/],
      [proveWith('canary-5ec2e7'), /PTC_E013 .*--secret-file is a string of 13 characters/],
      [proveWith(secretFile), /PTC_E008 .*--secret-file is an object; give a secret key of ECVRF/],
      [proveWith(notHex), /PTC_E002 .*--secret-file is a string of 13 characters; give hex digits/],
      [['prove', '--secret-file', secretFile], /PTC_E001 .*--alpha or --alpha-bytes or --alpha-file is missing/],
      [[...proveWith(secretFile), '--alpha-bytes', '00'], /PTC_E003 .*give one of them only/],
      [['prove', '--secret-file', '-', '--alpha-file', '-'], /PTC_E003 .*standard input for one option only/],
      [[...proveWith(secretFile), '--suite', 'ECVRF-canary'], /PTC_E003 .*--suite .*ECVRF-P256-SHA256-TAI/],
      [[...proveWith(secretFile), '--encoding', 'canary'], /PTC_E003 .*--encoding .*hex, base64/],
      [['verify', '--public-key', 'canary', '--proof', '00', '--alpha', ''], /PTC_E002 .*--public-key .*hex digits/],
      [['verify', '--public-key', '00', '--proof', '0', '--alpha', ''], /PTC_E002 .*--proof .*hex digits/],
      [['keygen'], /PTC_E001 .*--secret-file is missing/],
      [['keygen', '--secret-file', '-'], /PTC_E003 .*not there yet/],
      [['keygen', '--secret-file', '/proc/canary/x'], /PTC_E013 .*--secret-file/],
    ] as const) {
      const ran = await runCli(['vrf', ...args]);
      expect([ran.code, ran.stdout], args.join(' ')).toEqual([1, '']);
      expect(ran.stderr, args.join(' ')).toMatch(message);
      expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(ran.stderr).not.toMatch(/canary|5ec2e7/);
    }
  });

  test('reads no more of a key or a proof than one could have, from a file or from standard input', async () => {
    const long = '5ec2e7'.repeat(20_000);
    const file = await fileOf(long);
    for (const args of [
      ['prove', '--secret-file', file, '--alpha', 'a'],
      ['prove', '--secret-file', '-', '--alpha', 'a'],
      ['verify', '--public-key-file', file, '--proof', '00', '--alpha', 'a'],
      ['verify', '--public-key', '00', '--proof-file', '-', '--alpha', 'a'],
    ]) {
      const { code, stdout, stderr } = await runCli(['vrf', ...args], {}, long);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^portcullis: PTC_E003 .*; give a file of at most 65536 bytes\n$/);
    }
    const { stdout } = await runCli(['vrf', 'prove', '--secret-file', '-', '--alpha-file', file], {}, example.sk);
    expect(stdout).toMatch(/^[0-9a-f]{160}\n$/);
  });

  test('says in one line that its output is not taken', async () => {
    const secretFile = await fileOf(example.sk);
    expect(await runCliUnread(['vrf', 'prove', '--secret-file', secretFile, '--alpha', 'a'])).toEqual({
      code: 1,
      stderr: 'portcullis: standard output cannot be written to\n',
    });
  });

  test('says what it takes', async () => {
    for (const args of [['--help'], ['-h'], ['keygen', '--help'], ['prove', '-h'], ['verify', '--help']]) {
      const help = await runCli(['vrf', ...args]);
      expect([help.code, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toContain('usage: portcullis vrf keygen');
      for (const [name] of NAMED) expect(help.stdout).toContain(name);
    }
    for (const args of [[], ['frobnicate']]) {
      const ran = await runCli(['vrf', ...args]);
      expect([ran.code, ran.stdout]).toEqual([2, '']);
      expect(ran.stderr).toContain('usage: portcullis vrf keygen');
    }
    expect((await runCli(['help'])).stdout).toMatch(/^ {2}vrf +make a VRF key/m);
  });
});
