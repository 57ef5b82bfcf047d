/** Bytes that may wait for a commit; past that an item is refused, so a slow disk cannot fill the memory. */
export const MAX_WAITING_BYTES: number = 64 * 1_048_576;

/** Items up to which all that wait are one batch. */
const WHOLE_BATCH = 32;

/** Items that are committed in batches, in the order in which they came. */
export interface GroupCommit<T> {
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

/**
 * Gathers what comes while a batch is being committed into the next batch, so that many share the cost of one commit.
 * One batch is committed at a time. Of many writers that come again as soon as they are served, half are in one batch and half in
 * the next, so that their items are made while the disk works. What waits is bounded; O(1) per item besides `commit`.
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
  let running: Promise<void> | undefined;
  /** Apart from `running`, because a run that has nothing to wait for is over before its promise is there. */
  let draining = false;

  async function drain(): Promise<void> {
    for (let last = 0; waiting.length > 0; ) {
      const share = Math.max(WHOLE_BATCH, Math.ceil((waiting.length + last) / 2));
      const batch = waiting.slice(0, share);
      waiting = waiting.slice(share);
      last = batch.length;
      for (const { bytes } of batch) waitingBytes -= bytes;
      try {
        await commit(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    draining = false;
  }

  return {
    push(item, bytes) {
      if (waitingBytes + bytes > MAX_WAITING_BYTES) {
        return Promise.reject(new RangeError('too many bytes wait for the disk'));
      }
      waitingBytes += bytes;
      const done = new Promise<void>((resolve, reject) => waiting.push({ item, bytes, resolve, reject }));
      if (!draining) {
        draining = true;
        running = drain();
      }
      return done;
    },
    async idle() {
      await running;
    },
  };
}
