import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { ConfigError } from '../src/errors.ts';
import { errorKind } from './log.ts';
import { ENDED, ownStart, startOf, UNKNOWN_START } from './process-start.ts';

/** How often a process claims a directory before it leaves it to another. */
const ATTEMPTS = 6;
/** Milliseconds, at most, before the second attempt; twice that before each further one. */
const FIRST_WAIT_MS = 10;
const USED_BY_US = 'name another directory: this process uses it already';
/** `.lock-<process id>-<its start>-<random>`. */
const CLAIM = /^\.lock-(\d{1,15})-([\w.]{1,64})-[0-9a-f]{1,64}$/;

/** Directories that this process holds, with the file that claims each; it is empty while that is being made. */
const held = new Map<string, string>();

/**
 * Claims a directory for one log of this process, so that two never write one. A claim is an empty file whose name
 * says whose it is. It is made first and the directory listed then, so that of two the later one sees the other: at
 * most one finds itself alone. Nothing is ever taken over, as two could do so at once. It cannot see a process on
 * another machine or in another container: give each gateway a directory of its own.
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
  if (held.has(found)) throw notUsable(option, directory, USED_BY_US);
  held.set(found, '');
  try {
    const path = await usable(option, directory, () => claim(option, directory, found));
    held.set(found, path);
    return () => usable(option, directory, () => release(found, path));
  } catch (error) {
    held.delete(found);
    throw error;
  }
}

async function claim(option: string, directory: string, found: string): Promise<string> {
  const start = await ownStart();
  let owner: number | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await setTimeout(Math.random() * FIRST_WAIT_MS * 2 ** (attempt - 1));
    const name = `.lock-${process.pid}-${start}-${randomBytes(8).toString('hex')}`;
    const path = join(found, name);
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    try {
      owner = await otherOwner(found, name, start);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    if (owner === undefined) return path;
    await rm(path, { force: true });
  }
  const other = `stop process ${owner}, which uses it, or name another directory`;
  throw notUsable(option, directory, owner === process.pid ? USED_BY_US : other);
}

async function release(found: string, path: string): Promise<void> {
  // Once only: the directory may be held anew by then.
  if (held.get(found) !== path) return;
  try {
    await rm(path, { force: true });
  } finally {
    held.delete(found);
  }
}

/** The process of another living claim. Claims of processes that are gone are removed: their names never come again. */
async function otherOwner(found: string, own: string, start: string): Promise<number | undefined> {
  for (const entry of await readdir(found, { withFileTypes: true })) {
    const [, pid, claimed] = CLAIM.exec(entry.name) ?? [];
    if (pid === undefined || claimed === undefined || entry.name === own || !entry.isFile()) continue;
    if (await isLiving(Number(pid), claimed, start)) return Number(pid);
    // One that cannot be removed claims nothing all the same.
    await rm(join(found, entry.name), { force: true }).catch(() => undefined);
  }
  return undefined;
}

async function isLiving(pid: number, claimed: string, start: string): Promise<boolean> {
  // Claims of this process are in `held`; only a second copy of this module can have made one with its start.
  if (pid === process.pid) return claimed === start && start !== UNKNOWN_START;
  if (!isRunning(pid)) return false;
  const now = await startOf(pid);
  if (now === ENDED) return false;
  if (claimed === UNKNOWN_START || start === UNKNOWN_START) return true;
  return now === UNKNOWN_START || now === claimed;
}

/**
 * Makes a directory and the parents it lacks, one by one from the nearest that is there: `fs.mkdir` with `recursive`
 * never returns where the system says that a parent does not exist although it does, as in `/proc`.
 */
export async function makeDirectory(path: string): Promise<void> {
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
