import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { errorKind } from '../log.ts';
import { writeDurably } from '../write-durably.ts';
import type { Anchor } from './anchor.ts';
import { ANCHORED, checkpointSizes, checkpointsPath, readCheckpoint } from './checkpoints.ts';

/** Milliseconds before the second attempt; twice that before each further one. */
export const FIRST_RETRY_MS = 1_000;
/** Milliseconds between attempts at most. */
export const LAST_RETRY_MS = 300_000;

/** Checkpoints on their way to another place. */
export interface Anchoring {
  /** Checkpoints that are not there yet. */
  readonly pending: number;
  /** Puts one more behind those that wait. */
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
  /** Told of each attempt that failed. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Hands checkpoints to an anchor in their order, one at a time, and tries again where it did not take one. What it took
 * is on the disk, so that a restart goes on there; a ledger that had no anchor so far begins with its newest checkpoint.
 * An anchor may get a checkpoint twice. Nothing waits for it.
 */
export async function startAnchoring(options: AnchoringOptions): Promise<Anchoring> {
  const { directory, anchor, clock, onFailure } = options;
  const path = join(checkpointsPath(directory), ANCHORED);
  const stop = new AbortController();
  const waiting = await notAnchored(directory, path);
  let running: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let failures = 0;

  async function run(): Promise<void> {
    for (let [size] = waiting; size !== undefined && !stop.signal.aborted; [size] = waiting) {
      await anchor(await readCheckpoint(directory, size), stop.signal);
      await writeDurably(path, `${size}\n`);
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
      waiting.push(size);
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
  const text = await readFile(path, 'utf8').catch((error) => {
    if (errorKind(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined || !/^\d{1,16}\n$/.test(text)) return sizes.slice(-1);
  return sizes.filter((size) => size > Number(text));
}
