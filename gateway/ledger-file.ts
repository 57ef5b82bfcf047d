import { Buffer } from 'node:buffer';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LedgerRecord } from '../src/ledger/record.ts';
import { lockDirectory } from './directory-lock.ts';
import { type DurableFile, openDurableFile } from './durable-file.ts';

export interface LedgerFile {
  /** Resolves when the record is on the disk. */
  append(record: LedgerRecord): Promise<void>;
  readonly healthy: boolean;
  close(): Promise<void>;
}

export interface LedgerFileOptions {
  readonly directory: string;
  /** Size from which a new segment is begun, in bytes. */
  readonly maxSegmentBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Appends records as JSON lines to segments `YYYY/MM/DD/HHmmss[-n].jsonl`, named by when they were begun (UTC) and
 * always new, so that a line that a crash cut off stays the last of its file. A segment ends at its size limit or
 * at midnight UTC; the next one is begun when there is something to write.
 */
export async function openLedgerFile(options: LedgerFileOptions): Promise<LedgerFile> {
  const { directory, maxSegmentBytes, now } = options;
  const unlock = await lockDirectory('WORM_BASE_DIR', directory);
  let segment: { readonly file: DurableFile; readonly day: string } | undefined;
  let beginning: Promise<void> | undefined;
  let lastFailed = false;

  async function begin(day: string): Promise<void> {
    const before = segment;
    segment = { file: await openSegment(directory, now()), day };
    await before?.file.close();
  }

  async function write(line: Buffer): Promise<void> {
    const day = dayOf(now());
    const isFull = segment === undefined || segment.file.size >= maxSegmentBytes;
    // A file that failed to sync takes nothing more: what comes next goes into a new one.
    if (isFull || segment?.day !== day || !segment.file.healthy) {
      beginning ??= begin(day).finally(() => {
        beginning = undefined;
      });
      await beginning;
    }
    await segment?.file.append(line);
  }

  return {
    get healthy() {
      return !lastFailed;
    },
    async append(record) {
      try {
        await write(Buffer.from(`${JSON.stringify(record)}\n`));
        lastFailed = false;
      } catch (error) {
        lastFailed = true;
        throw error;
      }
    },
    async close() {
      await beginning;
      await segment?.file.close();
      await unlock();
    },
  };
}

async function openSegment(directory: string, now: number): Promise<DurableFile> {
  const time = new Date(now).toISOString();
  const base = join(directory, ...dayOf(now).split('-'), time.slice(11, 19).replaceAll(':', ''));
  await mkdir(dirname(base), { recursive: true, mode: 0o700 });
  for (let n = 0; ; n++) {
    try {
      return await openDurableFile(`${base}${n === 0 ? '' : `-${n}`}.jsonl`, { exclusive: true });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
  }
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
