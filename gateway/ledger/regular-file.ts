import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ConfigError } from '../../src/errors.ts';
import { errorKind } from '../log.ts';

/** What the system says of a link where none is followed, and of a socket. */
const NO_FILE: ReadonlySet<string> = new Set(['ELOOP', 'ENXIO', 'EMLINK']);

/**
 * Opens a file of a ledger for reading. In its place may be what somebody put there: a pipe would never answer, a link lead
 * to what never ends.
 *
 * @param follow whether a link to a file will do. Default false
 * @throws {ConfigError} PTC_E013 naming the file if it is none; what the system says of one that cannot be opened
 *
 * @example
 * const handle = await openRegular('data/audit-worm/2030/12/31/235958.jsonl');
 */
export async function openRegular(path: string, follow = false): Promise<FileHandle> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const handle = await open(path, O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW)).catch((error) => {
    throw NO_FILE.has(errorKind(error)) ? notRegular(path) : error;
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notRegular(path);
}

/** The text of a small file. `undefined` if it has more bytes than that. Throws as {@link openRegular} does. */
export async function readRegular(path: string, maxBytes: number, follow = false): Promise<string | undefined> {
  const handle = await openRegular(path, follow);
  try {
    return (await handle.stat()).size > maxBytes ? undefined : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/**
 * Runs a task that reads a ledger, and runs it again where a file went away meanwhile, as retention does it.
 *
 * @throws {ConfigError} PTC_E013 where one went away again
 */
export async function readAgain<T>(path: string, task: () => Promise<T>): Promise<T> {
  const isGone = (error: unknown): boolean => errorKind(error) === 'ENOENT';
  try {
    return await task().catch((error) => {
      if (isGone(error)) return task();
      throw error;
    });
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new ConfigError('PTC_E013', 'WORM_BASE_DIR', path, 'files went away while they were read: run this again');
  }
}

function notRegular(path: string): ConfigError {
  const [name = ''] = /(?:\d{4}\/\d{2}\/\d{2}\/|checkpoints\/|quarantine\/)?[^/]*$/.exec(path) ?? [];
  return new ConfigError('PTC_E013', 'WORM_BASE_DIR', path, `${name} is no regular file: look who put it there`);
}
