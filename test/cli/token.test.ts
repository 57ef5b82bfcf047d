import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findToken, parseTokens } from '../../gateway/admin/tokens.ts';
import { runCli } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

test('a token in a file of its own, and a line that does not tell it', async () => {
  const file = join(await tempDirectory(), 'ops.token');
  const before = Date.now();
  const ran = await runCli(['token', '--name', 'ops@example.org', '--scopes', 'read, operate', '--token-file', file]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const token = (await readFile(file, 'utf8')).trimEnd();
  expect(token).toMatch(/^ptc_[\w-]{43}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(ran.stdout).not.toContain(token);
  const line = JSON.parse(ran.stdout);
  expect(line).toEqual({
    name: 'ops@example.org',
    sha256: createHash('sha256').update(token).digest('hex'),
    scopes: ['read', 'operate'],
    notAfter: expect.any(String),
  });
  const days = (Date.parse(line.notAfter) - before) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(90);
  expect(days).toBeLessThan(90.01);

  // The gateway takes the line as it is, and the token for what the line says.
  const tokens = parseTokens(ran.stdout);
  expect(findToken(tokens, token, Date.parse(line.notAfter))).toMatchObject({ name: 'ops@example.org' });
  expect(findToken(tokens, token, Date.parse(line.notAfter) + 1)).toBeUndefined();
  expect(findToken(tokens, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, before)).toBeUndefined();
});

test('every mistake is named, and nothing is written', async () => {
  const file = join(await tempDirectory(), 'a.token');
  const ran = await runCli(['token', '--name', 'a b', '--scopes', 'read,root', '--token-file', file, '--days', '0']);
  expect([ran.code, ran.stdout]).toEqual([1, '']);
  expect(ran.stderr.split('\n').map((line) => /(--\S+?) is /.exec(line)?.[1])).toEqual([
    '--name',
    '--scopes[1]',
    '--days',
    undefined,
  ]);
  await expect(stat(file)).rejects.toThrow(/ENOENT/);
});

test('a file that is there is not written over; help is help', async () => {
  const file = join(await tempDirectory(), 'a.token');
  await writeFile(file, 'mine');
  const ran = await runCli(['token', '--name', 'a', '--scopes', 'read', '--token-file', file]);
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/PTC_E013 .*--token-file/)]);
  expect(await readFile(file, 'utf8')).toBe('mine');
  expect((await runCli(['token', '--help'])).stdout).toMatch(/^usage: portcullis token /);
});

test.each<[string, string, RegExp]>([
  ['no line', '\n\n', /ADMIN_TOKENS_FILE is an empty array/],
  ['no JSON', 'ptc_secret', /line 1 .*must hold JSON/],
  ['no object', '7', /line 1 is the number 7/],
  ['a scope of no kind', '{"name":"a","sha256":"","scopes":["root"],"notAfter":"2030"}', /line 1\.scopes\[0\]/],
])('a tokens file with mistakes stops the start: %s', (_name, text, message) => {
  expect(() => parseTokens(text)).toThrow(message);
  expect(() => parseTokens(text)).not.toThrow(/ptc_secret/);
});

test('all mistakes of all lines; a name or a digest twice', () => {
  const good = { name: 'a', sha256: 'a'.repeat(64), scopes: ['read'], notAfter: '2030-01-01T00:00:00Z' };
  const lines = [
    good,
    { ...good, name: 'b' },
    { ...good, sha256: 'b'.repeat(64) },
    { name: '', sha256: 'A'.repeat(64), scopes: [], notAfter: 5, more: 1 },
  ];
  let message = '';
  try {
    parseTokens(lines.map((line) => JSON.stringify(line)).join('\n'));
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.split('\n').map((line) => /ADMIN_TOKENS_FILE (.*?) is /.exec(line)?.[1])).toEqual([
    'line 2',
    'line 3',
    'line 4.more',
    'line 4.name',
    'line 4.sha256',
    'line 4.scopes',
    'line 4.notAfter',
  ]);
  expect(parseTokens(`${JSON.stringify(good)}\r\n\n`)).toMatchObject([{ name: 'a', scopes: ['read'] }]);
});
