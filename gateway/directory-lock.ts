import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { ConfigError } from '../src/errors.ts';

/**
 * Claims a directory for this process, so that two gateways never write one log. The claim of a process that is
 * gone is taken over. It cannot see a process on another machine or in another container: give each gateway a
 * directory of its own.
 *
 * @param option the variable that names the directory, for the error
 * @returns a function that gives the directory free again.
 * @throws {ConfigError} PTC_E013 if a running process holds it, or it cannot be written.
 */
export async function lockDirectory(option: string, directory: string): Promise<() => Promise<void>> {
  const path = join(directory, '.lock');
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== 'EEXIST') throw notUsable(option, directory, `make it writable (${String(code)})`);
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => Number.NaN));
    if (owner !== process.pid && isRunning(owner)) {
      throw notUsable(option, directory, `stop process ${owner}, which uses it, or name another directory`);
    }
    await rm(path, { force: true });
  }
  throw notUsable(option, directory, 'make sure that only one gateway uses it');
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
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
