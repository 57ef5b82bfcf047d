import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';

/** Not there on Windows. */
const O_DSYNC: number | undefined = constants.O_DSYNC;

/** Bytes that may wait for a sync; past that an append is refused, so a slow disk cannot fill the memory. */
export const MAX_WAITING_BYTES: number = 64 * 1_048_576;

/** A file that only grows. */
export interface DurableFile {
  readonly path: string;
  /** Bytes appended and synced so far, with what was there when it was opened. */
  readonly size: number;
  /** Whether it still takes anything. */
  readonly healthy: boolean;
  /** Resolves when the bytes are on the disk. Concurrent appends share one write and one sync. */
  append(bytes: Uint8Array): Promise<void>;
  /** Waits for what was appended, then closes. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Fail if the file exists already. */
  readonly exclusive?: boolean;
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Failures of a write that leave the file as good as it was: there was no room. */
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Opens a file for group-committed appends. It is opened with O_DSYNC, so that writing and syncing is one call to
 * another thread and not two. Where there was no room, what was half written is cut off again; after any other failure
 * the file takes nothing more, because the kernel may have dropped the pages and would report success next time.
 */
export async function openDurableFile(path: string, options: OpenOptions = {}): Promise<DurableFile> {
  const { O_CREAT, O_EXCL, O_RDWR } = constants;
  const flags = O_RDWR | O_CREAT | (O_DSYNC ?? 0) | (options.exclusive ? O_EXCL : 0);
  const handle = await open(path, flags, 0o600);
  let size = (await handle.stat()).size;
  if (size === 0) await syncDirectory(dirname(path));
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | undefined;
  /** Apart from `running`, because a run that has nothing to wait for is over before its promise is there. */
  let draining = false;
  let broken: unknown;
  let closed = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      waitingBytes = 0;
      try {
        if (broken !== undefined) throw broken;
        size = await commit(handle, size, batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
        broken ??= await cutBack(handle, size, error);
      }
    }
    draining = false;
  }

  return {
    path,
    get size() {
      return size;
    },
    get healthy() {
      return broken === undefined && !closed;
    },
    append(bytes) {
      if (closed) return Promise.reject(new Error('the file is closed'));
      if (waitingBytes + bytes.byteLength > MAX_WAITING_BYTES) {
        return Promise.reject(new RangeError('too many bytes wait for the disk'));
      }
      waitingBytes += bytes.byteLength;
      const done = new Promise<void>((resolve, reject) => waiting.push({ bytes, resolve, reject }));
      if (!draining) {
        draining = true;
        running = drain();
      }
      return done;
    },
    async close() {
      closed = true;
      await running;
      await handle.close();
    },
  };
}

async function commit(handle: FileHandle, size: number, batch: readonly Waiting[]): Promise<number> {
  const buffers = batch.map(({ bytes }) => bytes);
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
