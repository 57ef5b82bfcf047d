import { type FileHandle, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type OpenFile, openDurableFile, openGrowingFile } from '../../gateway/durable-file.ts';
import { MAX_WAITING_BYTES } from '../../gateway/group-commit.ts';
import { tempDirectory } from '../helpers/temp.ts';

test('concurrent appends arrive whole, in order, and are there when they resolve', async () => {
  const path = join(await tempDirectory(), 'log');
  const file = await openDurableFile(path);
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at}\n`);
  await Promise.all(
    lines.map(async (line, at) => {
      await file.append(Buffer.from(line));
      expect(await readFile(path, 'utf8')).toContain(`line ${at}\n`);
    }),
  );
  expect(await readFile(path, 'utf8')).toBe(lines.join(''));
  expect(file.size).toBe(lines.join('').length);
  await file.close();
});

test('an existing file is continued, or refused if it had to be new', async () => {
  const path = join(await tempDirectory(), 'log');
  await writeFile(path, 'before ');
  await expect(openDurableFile(path, { exclusive: true })).rejects.toMatchObject({ code: 'EEXIST' });
  const file = await openDurableFile(path);
  await file.append(Buffer.from('after'));
  await file.close();
  expect(await readFile(path, 'utf8')).toBe('before after');
});

test('after close, and past the bytes that may wait, an append is refused', async () => {
  const file = await openDurableFile(join(await tempDirectory(), 'log'));
  const first = file.append(Buffer.from('x'));
  await setImmediate();
  // The first write is under way, so these wait.
  const half = Buffer.alloc(MAX_WAITING_BYTES / 2);
  const waiting = [file.append(half), file.append(half)];
  await expect(file.append(Buffer.from('y'))).rejects.toThrow('too many bytes wait for the disk');
  await Promise.all([first, ...waiting]);
  await file.close();
  await expect(file.append(Buffer.from('z'))).rejects.toThrow('closed');
});

test('a new file that cannot be asked for its size is closed and removed, an old one only closed', async () => {
  const directory = await tempDirectory();
  const opened: FileHandle[] = [];
  const openFile: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    opened.push(handle);
    return Object.assign(handle, { stat: () => Promise.reject(Object.assign(new Error('i/o'), { code: 'EIO' })) });
  };
  const fresh = join(directory, 'fresh');
  await expect(openGrowingFile(fresh, { exclusive: true, openFile })).rejects.toMatchObject({ code: 'EIO' });
  const old = join(directory, 'old');
  await writeFile(old, '');
  await expect(openGrowingFile(old, { openFile })).rejects.toMatchObject({ code: 'EIO' });
  expect(await readdir(directory)).toEqual(['old']);
  // A handle that is closed has no descriptor.
  expect(opened.map(({ fd }) => fd)).toEqual([-1, -1]);
});

test('a disk that takes nothing rejects the append and all that come after it', async () => {
  const file = await openDurableFile('/dev/full');
  await expect(file.append(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
  for (let at = 0; at < 3; at++) await expect(file.append(Buffer.from('x'))).rejects.toThrow();
  await file.close();
});
