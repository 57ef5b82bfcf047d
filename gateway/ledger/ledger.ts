import { rm } from 'node:fs/promises';
import { clearImmediate, setImmediate } from 'node:timers';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { lockDirectory, usable } from '../directory-lock.ts';
import { type OpenFile, openGrowingFile } from '../durable-file.ts';
import { groupCommit } from '../group-commit.ts';
import { type Chain, EMPTY_CHAIN, grow } from './chain.ts';
import { latestOf } from './entry-time.ts';
import { type Line, lineWriter, piecesOf } from './line-writer.ts';
import { markRecorded, recoveryRecord, setAside, type TornTail, tornTails } from './quarantine.ts';
import { recoverLedger } from './recover.ts';
import { beginSegment, isOfOtherDay, type OpenSegment, sealSegment } from './segment.ts';
import type { Vouched } from './vouched.ts';

/** A ledger that is being written. */
export interface Ledger {
  /**
   * Resolves when the entry of the record is on the disk. Concurrent appends share one write and one sync. Where it
   * rejects, the ledger holds no entry of the record, and the next append is tried as if this one had not been. One case is
   * beyond it: the disk failed behind the write, refuses to take it back too, and the process is killed before it does.
   * The next start then finds the entry and keeps it, as nothing tells it from one that was answered.
   */
  append(record: LedgerRecord): Promise<void>;
  /** Where it stands, with all that is on the disk. */
  readonly chain: Chain;
  /** Whether the last append was kept. */
  readonly healthy: boolean;
  /** Seals the segment that is written to if the clock shows another day (UTC) by now; the next record begins another. */
  sealOtherDay(): Promise<void>;
  /** Name of the segment that is written to, if its file is not in its place any more. */
  missingSegment(): Promise<string | undefined>;
  /** Waits for what was appended, seals, and gives the directory free. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly directory: string;
  /** Size from which a new segment is begun, in bytes. */
  readonly maxSegmentBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Roots that the ledger must have had on its way. They are asked for once the directory is claimed. */
  readonly vouched?: () => Promise<readonly Vouched[]>;
  /** Told of entries that are on the disk, in their order. */
  readonly onWritten?: (records: readonly LedgerRecord[]) => void;
  /** Told of bytes that stood behind the last whole entry and are kept elsewhere now. */
  readonly onTorn?: (tail: TornTail) => void;
  /** Told of a segment's file that had no byte and was removed. */
  readonly onEmpty?: (name: string) => void;
  /** Awaited before a segment is sealed, with everything in it on the disk. Must not reject. */
  readonly onSealing?: () => Promise<void>;
  /** Default: that of Node. */
  readonly openFile?: OpenFile;
}

/**
 * Opens a ledger and goes on where it ended. Entries are chained when they are appended, and anew where a write before them
 * failed: that moves nothing. Segments `YYYY/MM/DD/HHmmss[-n].jsonl` are named by when they were begun (UTC), always new, and
 * sealed when they reach their size, when the day of the clock changes (UTC), and at the end.
 *
 * A torn tail is set aside, and an entry of kind `recovery` says so before anything else is appended.
 *
 * @throws {ConfigError} PTC_E013 naming `WORM_BASE_DIR` if it is in use or its files cannot be read and written,
 *   PTC_E018 if it holds what no crash leaves.
 *
 * @example
 * const ledger = await openLedger({ directory: 'data/audit-worm', maxSegmentBytes: 104_857_600, now: Date.now });
 * await ledger.append(record);
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { directory, maxSegmentBytes, now, openFile } = options;
  const unlock = await lockDirectory('WORM_BASE_DIR', directory);
  const inTurn = oneByOne();
  const lines = lineWriter();
  let chain = EMPTY_CHAIN;
  let segment: OpenSegment | undefined;
  /** Name of the newest segment. */
  let newest: string | undefined;
  /** What was set aside and has no entry yet. */
  let torn: readonly TornTail[] = [];
  let lastFailed = false;
  let closed = false;

  async function recover(): Promise<void> {
    const found = await recoverLedger(directory, (await options.vouched?.()) ?? [], openFile);
    ({ chain, newest, unsealed: segment } = found);
    for (const name of found.removed) options.onEmpty?.(name);
    torn = await tornTails(directory);
    await seal();
    lines.follow(chain.lastHash, undefined);
    if (torn.length > 0) await commit([]);
  }

  /** Begins to write before it returns, unless there is anything else to do first. */
  async function commit(batch: readonly Line[]): Promise<void> {
    if (segment !== undefined && takesNoMore(segment)) await seal();
    if (segment === undefined) segment = await beginSegment(directory, now(), newest, chain.tree.size, openFile);
    newest = segment.name;
    const reports: Line[] = [];
    let { lastHash } = chain;
    for (const tail of torn) {
      const report = lines.addApart(recoveryRecord(tail, now()), lastHash);
      reports.push(report);
      lastHash = report.hash;
    }
    // A write failed, or a report goes first.
    if (batch[0]?.prev !== lastHash) lines.follow(lastHash, batch[0]);
    try {
      await write(segment, [...reports, ...batch]);
    } catch (error) {
      // At once: were the process killed first, the next start would find refused entries that are whole. Where the disk
      // fails here too, it is tried again with the next batch.
      if (segment?.file.healthy === false) await mend(segment).catch(() => undefined);
      throw error;
    } finally {
      lines.release(reports);
    }
    for (const tail of torn) {
      options.onTorn?.(tail);
      // Its entry is there; at worst the next start makes another one.
      await markRecorded(directory, tail).catch(() => undefined);
    }
    torn = [];
  }

  async function keep(batch: readonly Line[]): Promise<void> {
    try {
      await commit(batch);
      lastFailed = false;
    } catch (error) {
      lastFailed = true;
      throw error;
    } finally {
      lines.release(batch);
    }
  }

  function takesNoMore(to: OpenSegment): boolean {
    return to.isOver || !to.file.healthy || to.file.size >= maxSegmentBytes || isOfOtherDay(to, now());
  }

  async function write(to: OpenSegment, batch: readonly Line[]): Promise<void> {
    const pieces = piecesOf(batch);
    const writing = to.file.write(pieces);
    // Another thread waits for the disk meanwhile, and who was waiting for the batch before goes on first.
    const grown = once(() => {
      const digest = to.digest.copy();
      for (const piece of pieces) digest.update(piece);
      return {
        chain: grow(
          chain,
          batch.map(({ hash }) => hash),
        ),
        digest,
      };
    });
    const later = setImmediate(grown);
    try {
      await writing;
    } finally {
      clearImmediate(later);
    }
    ({ chain, digest: to.digest } = grown());
    const records = batch.map(({ record }) => record);
    to.latest = latestOf(to.latest, records);
    options.onWritten?.(records);
  }

  async function seal(): Promise<void> {
    if (segment === undefined) return;
    if (!segment.file.healthy) await mend(segment);
    const { file } = segment;
    segment.isOver = true;
    if (file.size > 0) {
      await options.onSealing?.();
      await sealSegment(segment, chain, now());
    }
    segment = undefined;
    await file.close();
    if (file.size === 0) await rm(file.path);
  }

  /** A file that failed to sync takes nothing more: what of the batch is in it nevertheless is set aside. */
  async function mend(broken: OpenSegment): Promise<void> {
    const { name, file } = broken;
    broken.isOver = true;
    await file.close();
    if (await setAside(directory, name, file.path, file.size)) torn = await tornTails(directory);
    segment = { ...broken, file: await openGrowingFile(file.path, openFile && { openFile }) };
  }

  await usable('WORM_BASE_DIR', directory, recover).catch(async (error) => {
    await segment?.file.close();
    await unlock();
    throw error;
  });
  const queue = groupCommit<Line>((batch) => inTurn(() => keep(batch)));

  return {
    get chain() {
      return chain;
    },
    get healthy() {
      return !lastFailed;
    },
    append(record) {
      if (closed) return Promise.reject(new Error('the ledger is closed'));
      try {
        const line = lines.add(record, queue.room);
        if (line !== undefined) return queue.push(line, line.end - line.start);
      } catch (error) {
        return Promise.reject(error);
      }
      lastFailed = true;
      return Promise.reject(new RangeError('too many bytes wait for the disk'));
    },
    sealOtherDay: () =>
      inTurn(async () => {
        if (segment !== undefined && isOfOtherDay(segment, now())) await seal();
      }),
    async missingSegment() {
      let missing: string | undefined;
      await inTurn(async () => {
        if (segment !== undefined && !(await segment.file.isInPlace())) missing = segment.name;
      });
      return missing;
    },
    async close() {
      closed = true;
      await queue.idle();
      try {
        await inTurn(seal);
      } finally {
        await segment?.file.close();
        await unlock();
      }
    },
  };
}

/** Runs tasks one after the other, whatever becomes of them, and the first of them at once. */
function oneByOne(): (task: () => Promise<void>) => Promise<void> {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return (task) => {
    const run = waiting === 0 ? task() : last.then(task);
    waiting++;
    const done = (): void => {
      waiting--;
    };
    last = run.then(done, done);
    return run;
  };
}

/** Does something when it is asked the first time. */
function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}
