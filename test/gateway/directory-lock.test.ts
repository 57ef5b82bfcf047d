import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { lockDirectory } from '../../gateway/directory-lock.ts';
import { tempDirectory } from '../helpers/temp.ts';

test('makes the directory with its parents, holds it, and gives it free', async () => {
  const directory = join(await tempDirectory(), 'a', 'b', 'c');
  const unlock = await lockDirectory('WAL_DIR', directory);
  expect(await readFile(join(directory, '.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  await unlock();
  expect(await readdir(directory)).toEqual([]);
  await unlock();
});

test('a directory that this process holds is not given again, by whatever path', async () => {
  const base = await tempDirectory();
  const directory = join(base, 'held');
  const unlock = await lockDirectory('WAL_DIR', directory);
  await symlink(directory, join(base, 'alias'));
  for (const path of [directory, `${directory}/`, join(base, 'alias'), join(base, 'x', '..', 'held')]) {
    await expect(lockDirectory('WORM_BASE_DIR', path)).rejects.toThrow(
      /^PTC_E013 .*: WORM_BASE_DIR is a string of \d+ characters; name another directory[^/]*$/,
    );
  }
  expect(await readdir(directory)).toEqual(['.lock']);
  await unlock();
  await (await lockDirectory('WAL_DIR', directory))();
});

test('of two that want it at once, one gets it', async () => {
  const directory = join(await tempDirectory(), 'wanted');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory('WAL_DIR', directory)));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
});

test('a claim with our own process id that we do not hold is one of a past life', async () => {
  const directory = await tempDirectory();
  for (const left of [String(process.pid), `${process.pid} 0d5c3e51-0000-4000-8000-000000000000`, '', 'garbage']) {
    await writeFile(join(directory, '.lock'), left);
    await (await lockDirectory('WAL_DIR', directory))();
    expect(await readdir(directory)).toEqual([]);
  }
});

test('what somebody else has claimed meanwhile is not given free', async () => {
  const directory = await tempDirectory();
  const unlock = await lockDirectory('WAL_DIR', directory);
  await writeFile(join(directory, '.lock'), '1 other');
  await unlock();
  expect(await readFile(join(directory, '.lock'), 'utf8')).toBe('1 other');
});

test('what cannot be a directory is said in one line that shows no path', async () => {
  const base = await tempDirectory();
  const file = join(base, 'canary-file');
  await writeFile(file, '');
  await symlink(join(base, 'canary-nowhere'), join(base, 'canary-dangling'));
  await symlink(join(base, 'canary-loop'), join(base, 'canary-loop'));
  await mkdir(join(base, 'canary-lock', '.lock'), { recursive: true });
  for (const path of [
    file,
    join(file, 'below'),
    join(file, 'far', 'below'),
    join(base, 'canary-dangling'),
    join(base, 'canary-dangling', 'below'),
    join(base, 'canary-loop'),
    join(base, 'canary-lock'),
    join(base, 'canary'.repeat(100)),
    `${base}/canary\0null`,
    `${base}/${'canary/'.repeat(1_000)}`,
  ]) {
    const failed = lockDirectory('WAL_DIR', path);
    await expect(failed).rejects.toThrow(/^PTC_E013 A file could not be opened: WAL_DIR is a string of [^\n]*$/);
    await expect(failed).rejects.not.toThrow(/canary/);
  }
});
