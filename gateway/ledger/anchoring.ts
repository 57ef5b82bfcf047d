import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { ConfigError } from '../../src/errors.ts';
import { parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { parseNote } from '../../src/ledger/note.ts';
import { errorKind } from '../log.ts';
import { writeDurably } from '../write-durably.ts';
import type { Anchor } from './anchor.ts';
import { ANCHORED, checkpointSizes, checkpointsPath, readCheckpoint } from './checkpoints.ts';
import { damaged } from './damaged.ts';
import { readRegular } from './regular-file.ts';

/** Milliseconds before the second attempt; twice that before each further one. */
export const FIRST_RETRY_MS = 1_000;
/** Milliseconds between attempts at most. */
export const LAST_RETRY_MS = 300_000;
/** Checkpoints that are kept in memory until they are anchored; behind so many they are read from the folder when their turn comes. */
const MAX_KEPT = 10_000;
/** Bytes of the file that says what was anchored, at most. */
const MAX_ANCHORED_BYTES = 64;

/** A checkpoint that is not anchored yet. */
interface Waiting {
  readonly size: number;
  /** As it was when it was written: by its turn the file may be gone, or another. */
  readonly note?: Promise<string | undefined>;
}

/** Checkpoints on their way to another place. */
export interface Anchoring {
  /** Checkpoints that are not there yet. */
  readonly pending: number;
  /** Puts one more behind those that wait, which was written just now. */
  add(size: number): void;
  /** Resolves when none waits any more, the one that is tried was not taken, or the milliseconds are over. */
  idle(ms: number): Promise<void>;
  /** Gives up on what is under way; the next start takes it up again. */
  close(): Promise<void>;
}

export interface AnchoringOptions {
  /** The ledger's. */
  readonly directory: string;
  readonly anchor: Anchor;
  readonly clock: Clock;
  /** Told of each attempt that failed, and of each checkpoint that was gone when its turn came. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Hands checkpoints to an anchor in their order, one at a time, and tries again where it did not take one. What it took
 * is on the disk, so that a restart goes on there; a ledger that had no anchor so far begins with its newest checkpoint.
 * An anchor may get a checkpoint twice. One that somebody took away is left out: the next vouches for the same entries. Nothing waits for it.
 *
 * @throws {ConfigError} PTC_E013 where something else than a file says what was anchored
 */
export async function startAnchoring(options: AnchoringOptions): Promise<Anchoring> {
  const { directory, anchor, clock, onFailure } = options;
  const path = join(checkpointsPath(directory), ANCHORED);
  const stop = new AbortController();
  const waiting: Waiting[] = (await notAnchored(directory, path)).map((size) => ({ size }));
  let running: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let failures = 0;

  async function run(): Promise<void> {
    for (let [one] = waiting; one !== undefined && !stop.signal.aborted; [one] = waiting) {
      const { size } = one;
      const note = (await one.note) ?? (await noteOf(directory, size));
      if (note === undefined) onFailure(damaged(directory, `the checkpoint of size ${size} is gone`));
      else {
        await anchor(note, stop.signal);
        await writeDurably(path, `${size}\n`);
      }
      waiting.shift();
      failures = 0;
    }
  }

  function start(): void {
    if (running !== undefined || cancelRetry !== undefined || stop.signal.aborted) return;
    running = run()
      .catch((error) => {
        if (stop.signal.aborted) return;
        onFailure(error);
        const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++);
        cancelRetry = clock.after(wait, () => {
          cancelRetry = undefined;
          start();
        });
      })
      .finally(() => {
        running = undefined;
      });
  }

  start();
  return {
    get pending() {
      return waiting.length;
    },
    add(size) {
      const note = waiting.length < MAX_KEPT ? noteOf(directory, size).catch(() => undefined) : undefined;
      waiting.push({ size, ...(note && { note }) });
      start();
    },
    async idle(ms) {
      let cancel = (): void => undefined;
      const over = new Promise<void>((resolve) => {
        cancel = clock.after(ms, resolve);
      });
      await Promise.race([running, over]);
      cancel();
    },
    async close() {
      cancelRetry?.();
      stop.abort();
      await running;
    },
  };
}

async function notAnchored(directory: string, path: string): Promise<number[]> {
  const sizes = await checkpointSizes(directory);
  const text = await readRegular(path, MAX_ANCHORED_BYTES).catch((error) => {
    if (errorKind(error) === 'ENOENT') return undefined;
    throw error;
  });
  const anchored = /^\d{1,16}\n$/.test(text ?? '') ? Number(text) : undefined;
  // Past the newest checkpoint it was not the gateway that wrote it.
  if (anchored === undefined || anchored > (sizes.at(-1) ?? 0)) return sizes.slice(-1);
  return sizes.filter((size) => size > anchored);
}

/** A checkpoint as it is in the folder; `undefined` where there is none of that size. */
async function noteOf(directory: string, size: number): Promise<string | undefined> {
  const note = await readCheckpoint(directory, size).catch((error) => {
    if (error instanceof ConfigError || errorKind(error) === 'ENOENT') return '';
    throw error;
  });
  return parseCheckpoint(parseNote(note)?.text ?? '')?.size === size ? note : undefined;
}
