import { execFileSync } from 'node:child_process';
import { symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_SETTINGS_FILE_BYTES, readSettingsFile } from '../../gateway/settings-file.ts';
import { tempDirectory } from '../helpers/temp.ts';

const read = (path: string): string => readSettingsFile({ FILE: path }, 'FILE', 'the remedy');

test('a file, or a link to one as a mounted secret is', async () => {
  const directory = await tempDirectory();
  await writeFile(join(directory, 'a'), '{"é":1}');
  await symlink(join(directory, 'a'), join(directory, 'b'));
  expect([read(join(directory, 'a')), read(join(directory, 'b'))]).toEqual(['{"é":1}', '{"é":1}']);
});

test('what never ends, never answers or is no file is refused at once', async () => {
  const directory = await tempDirectory();
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await symlink('/dev/zero', join(directory, 'link'));
  for (const path of ['/dev/zero', join(directory, 'link'), pipe, directory, join(directory, 'none'), '']) {
    expect(() => read(path)).toThrow(/^PTC_E011 .*: FILE is .*; the remedy$/);
  }
});

test('one that is too large is refused before it is read; one that is as large as may be is read', async () => {
  const path = join(await tempDirectory(), 'large');
  await writeFile(path, 'x');
  await truncate(path, MAX_SETTINGS_FILE_BYTES + 1);
  expect(() => read(path)).toThrow(/^PTC_E011 .*FILE .*at most 64 MiB$/);
  await truncate(path, MAX_SETTINGS_FILE_BYTES);
  expect(read(path)).toHaveLength(MAX_SETTINGS_FILE_BYTES);
});

test('what is not UTF-8 is refused: a key must not change by being read', async () => {
  const path = join(await tempDirectory(), 'latin1');
  await writeFile(path, Uint8Array.of(0xe9));
  expect(() => read(path)).toThrow(/^PTC_E011 .*must be UTF-8$/);
});
