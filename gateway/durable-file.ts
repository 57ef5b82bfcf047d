import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { groupCommit } from './group-commit.ts';

/** Not there on Windows. */
const O_DSYNC: number | undefined = constants.O_DSYNC;

/** A file that only grows, written to by one at a time. */
export interface GrowingFile {
  readonly path: string;
  /** Bytes written and synced so far, with what was there when it was opened. */
  readonly size: number;
  /** Whether it still takes anything. */
  readonly healthy: boolean;
  /** Resolves when the bytes are on the disk; after a failure none of them count. Not to be called before it is settled. */
  write(buffers: readonly Uint8Array[]): Promise<void>;
  /** Lets nobody write to the file any more, this process included once it is closed. */
  protect(): Promise<void>;
  /** Whether the file is still the one that its path names: one that was deleted takes writes as before. */
  isInPlace(): Promise<boolean>;
  close(): Promise<void>;
}

/** A file that only grows, for any number of writers. */
export interface DurableFile extends Pick<GrowingFile, 'path' | 'size' | 'healthy'> {
  /** Resolves when the bytes are on the disk. Concurrent appends share one write and one sync. */
  append(bytes: Uint8Array): Promise<void>;
  /** Waits for what was appended, then closes. */
  close(): Promise<void>;
}

/** Opens a file as `open` of `node:fs/promises` does; a test gives one whose files fail. */
export type OpenFile = (path: string, flags: number, mode: number) => Promise<FileHandle>;

export interface OpenOptions {
  /** Fail if the file exists already. */
  readonly exclusive?: boolean;
  /** Default: that of Node. */
  readonly openFile?: OpenFile;
}

/** Failures of a write that leave the file as good as it was: there was no room. */
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Opens a file for durable writes. It is opened with O_DSYNC, so that writing and syncing is one call to
 * another thread and not two. Where there was no room, what was half written is cut off again; after any other failure
 * the file takes nothing more, because the kernel may have dropped the pages and would report success next time.
 */
export async function openGrowingFile(path: string, options: OpenOptions = {}): Promise<GrowingFile> {
  const { O_CREAT, O_EXCL, O_RDWR } = constants;
  const flags = O_RDWR | O_CREAT | (O_DSYNC ?? 0) | (options.exclusive ? O_EXCL : 0);
  const handle = await (options.openFile ?? open)(path, flags, 0o600);
  let size = await sizeOf(handle, path).catch(async (error) => {
    await handle.close().catch(() => undefined);
    // It is ours alone and empty: left there, it would stand between files that came before and after.
    if (options.exclusive) await rm(path, { force: true }).catch(() => undefined);
    throw error;
  });
  let broken: unknown;
  let closed = false;
  return {
    path,
    get size() {
      return size;
    },
    get healthy() {
      return broken === undefined && !closed;
    },
    async write(buffers) {
      if (broken !== undefined) throw broken;
      try {
        size = await writeAt(handle, size, buffers);
      } catch (error) {
        broken = await cutBack(handle, size, error);
        throw error;
      }
    },
    async protect() {
      await handle.chmod(0o400);
      await handle.sync();
    },
    async isInPlace() {
      const [mine, there] = await Promise.all([handle.stat({ bigint: true }), statOf(path)]);
      return there !== undefined && there.ino === mine.ino && there.dev === mine.dev;
    },
    async close() {
      closed = true;
      await handle.close();
    },
  };
}

/** Opens a file as {@link openGrowingFile} does, for group-committed appends. */
export async function openDurableFile(path: string, options: OpenOptions = {}): Promise<DurableFile> {
  const file = await openGrowingFile(path, options);
  const queue = groupCommit<Uint8Array>(file.write);
  let closed = false;
  return {
    path,
    get size() {
      return file.size;
    },
    get healthy() {
      return file.healthy && !closed;
    },
    append(bytes) {
      if (closed) return Promise.reject(new Error('the file is closed'));
      return queue.push(bytes, bytes.byteLength);
    },
    async close() {
      closed = true;
      await queue.idle();
      await file.close();
    },
  };
}

/** Of the name itself, not of what a link leads to; `undefined` where there is none. */
function statOf(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch((error) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Size of a file that was opened; a new one's name is on the disk by then. */
async function sizeOf(handle: FileHandle, path: string): Promise<number> {
  const { size } = await handle.stat();
  if (size === 0) await syncDirectory(dirname(path));
  return size;
}

async function writeAt(handle: FileHandle, size: number, buffers: readonly Uint8Array[]): Promise<number> {
  const total = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { bytesWritten } = await handle.writev(buffers, size);
  if (bytesWritten !== total) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
  if (O_DSYNC === undefined) await handle.datasync();
  return size + total;
}

/** Removes a half-written batch; returns why the file can take no more, if it cannot. */
async function cutBack(handle: FileHandle, size: number, error: unknown): Promise<unknown> {
  if (!NO_ROOM.has((error as { code?: unknown }).code)) return error;
  try {
    await handle.truncate(size);
    return undefined;
  } catch (truncateError) {
    return truncateError;
  }
}

/** A file that a crash takes the name of is as good as lost; Windows neither needs this nor has it. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
