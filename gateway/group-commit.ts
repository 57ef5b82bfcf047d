import { setImmediate } from 'node:timers/promises';

/** Bytes that may wait for a commit; past that an item is refused, so a slow disk cannot fill the memory. */
export const MAX_WAITING_BYTES: number = 64 * 1_048_576;

/** Items up to which all that wait are one batch. */
const WHOLE_BATCH = 32;

/** Items that are committed in batches, in the order in which they came. */
export interface GroupCommit<T> {
  /** Bytes that there is room for. */
  readonly room: number;
  /**
   * Resolves when the item's batch is committed; rejects with why it was not.
   *
   * @param bytes what the item takes of {@link MAX_WAITING_BYTES} while it waits
   */
  push(item: T, bytes: number): Promise<void>;
  /** Resolves when everything pushed so far is settled. */
  idle(): Promise<void>;
}

interface Waiting<T> {
  readonly item: T;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A batch that is being committed; `done` never rejects. */
interface Running<T> {
  readonly batch: readonly Waiting<T>[];
  readonly done: Promise<{ readonly error: unknown } | undefined>;
}

/**
 * Gathers what comes while a batch is being committed into the next batch, so that many share the cost of one commit. Where
 * nothing is being committed, all that comes in one turn of the event loop is a batch.
 * One batch is committed at a time, and the next begins before the first one's writers go on: they do that while the disk
 * works. Of many writers that come again as soon as they are served, half are in one batch and half in the next, for the same
 * reason. What waits is bounded; O(1) per item besides `commit`.
 *
 * @param commit makes a whole batch lasting, or rejects: then every item of the batch is refused, and the next is tried
 *
 * @example
 * const { push } = groupCommit<string>((lines) => appendFile('log', lines.join(''), { flush: true }));
 * await push('a line\n', 7);
 */
export function groupCommit<T>(commit: (batch: readonly T[]) => Promise<void>): GroupCommit<T> {
  let waiting: Waiting<T>[] = [];
  let waitingBytes = 0;
  let draining: Promise<void> | undefined;

  /** @param last items of the batch before */
  function begin(last: number): Running<T> | undefined {
    if (waiting.length === 0) return undefined;
    const share = Math.max(WHOLE_BATCH, Math.ceil((waiting.length + last) / 2));
    const batch = waiting.slice(0, share);
    waiting = waiting.slice(share);
    for (const { bytes } of batch) waitingBytes -= bytes;
    return { batch, done: outcomeOf(batch) };
  }

  async function outcomeOf(batch: readonly Waiting<T>[]): Promise<{ readonly error: unknown } | undefined> {
    try {
      await commit(batch.map(({ item }) => item));
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  async function drain(): Promise<void> {
    await setImmediate();
    for (let running = begin(0); running !== undefined; ) {
      const failed = await running.done;
      const next = begin(running.batch.length);
      for (const { resolve, reject } of running.batch) {
        if (failed === undefined) resolve();
        else reject(failed.error);
      }
      running = next;
    }
    draining = undefined;
  }

  return {
    get room() {
      return MAX_WAITING_BYTES - waitingBytes;
    },
    push(item, bytes) {
      if (waitingBytes + bytes > MAX_WAITING_BYTES) {
        return Promise.reject(new RangeError('too many bytes wait for the disk'));
      }
      waitingBytes += bytes;
      const done = new Promise<void>((resolve, reject) => waiting.push({ item, bytes, resolve, reject }));
      draining ??= drain();
      return done;
    },
    async idle() {
      await draining;
    },
  };
}
