import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { ConfigError } from '../src/errors.ts';
import { errorKind } from './log.ts';

/** Directories that this process holds. A claim with its own id that is not among them is one of a past life. */
const held = new Set<string>();

/**
 * Claims a directory for one log of this process, so that two never write one. The claim of a process that is
 * gone is taken over. It cannot see a process on another machine or in another container: give each gateway a
 * directory of its own.
 *
 * @param option the variable that names the directory, for the error
 * @returns a function that gives the directory free again.
 * @throws {ConfigError} PTC_E013 if a running process holds it, this one included, or it cannot be written.
 */
export async function lockDirectory(option: string, directory: string): Promise<() => Promise<void>> {
  const found = await usable(option, directory, async () => {
    await makeDirectory(resolve(directory));
    return realpath(directory);
  });
  if (held.has(found)) throw notUsable(option, directory, 'name another directory: this process uses it already');
  held.add(found);
  try {
    return await usable(option, directory, () => claim(option, directory, found));
  } catch (error) {
    held.delete(found);
    throw error;
  }
}

async function claim(option: string, directory: string, found: string): Promise<() => Promise<void>> {
  const path = join(found, '.lock');
  const content = `${process.pid} ${randomUUID()}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await created(path, content)) {
      return async () => {
        held.delete(found);
        if ((await readFile(path, 'utf8').catch(() => undefined)) === content) await rm(path, { force: true });
      };
    }
    const owner = await ownerOf(path);
    if (owner !== process.pid && isRunning(owner)) {
      throw notUsable(option, directory, `stop process ${owner}, which uses it, or name another directory`);
    }
    await rm(path, { force: true });
  }
  throw notUsable(option, directory, 'make sure that only one gateway uses it');
}

async function created(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorKind(error) === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(path: string): Promise<number> {
  // Reading a pipe would never end.
  if (!(await lstat(path)).isFile()) throw Object.assign(new Error('no file'), { code: 'EISDIR' });
  const [owner = ''] = (await readFile(path, 'utf8')).split(' ');
  return /^\d{1,15}$/.test(owner) ? Number(owner) : Number.NaN;
}

/**
 * Makes a directory and the parents it lacks, one by one from the nearest that is there: `fs.mkdir` with `recursive`
 * never returns where the system says that a parent does not exist although it does, as in `/proc`.
 */
async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  let nearest = path;
  while (!(await exists(nearest)) && dirname(nearest) !== nearest) {
    missing.push(nearest);
    nearest = dirname(nearest);
  }
  if (!(await stat(nearest)).isDirectory()) throw Object.assign(new Error('no directory'), { code: 'ENOTDIR' });
  for (const next of missing.reverse()) {
    await mkdir(next, { mode: 0o700 }).catch((error) => {
      // Another process may make the same parents.
      if (errorKind(error) !== 'EEXIST') throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorKind(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Runs something that needs the files of a directory; what fails names the variable and the system's word for why.
 *
 * @throws {ConfigError} PTC_E013.
 */
export async function usable<T>(option: string, directory: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw notUsable(option, directory, `name a directory whose files can be read and written (${errorKind(error)})`);
  }
}

function notUsable(option: string, directory: string, remedy: string): ConfigError {
  return new ConfigError('PTC_E013', option, directory, remedy);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorKind(error) === 'EPERM';
  }
}
