import type { Clock } from '../../src/clock.ts';

/** Milliseconds between two looks at a store at most: it may never tell of a change, as behind a pooler of transactions. */
export const POLL_MS = 2_000;
/** Milliseconds before the second attempt; twice that before each further one, up to {@link POLL_MS}. */
export const FIRST_RETRY_MS = 100;
/** Milliseconds after which what was last seen of a store counts for nothing. */
export const MAX_STALE_MS = 10_000;

/** Keeps up with a store that other gateways write to. */
export interface Following {
  /** Whether the last look failed. */
  readonly isFailing: boolean;
  /** Whether the last look that succeeded began longer than {@link MAX_STALE_MS} ago. */
  readonly isStale: boolean;
  /** Looks now. */
  nudge(): void;
  close(): void;
}

export interface FollowParts {
  /** Looks at the store, and puts in force what it holds. */
  readonly check: () => Promise<void>;
  readonly clock: Clock;
  /** Told of the first of several looks that fail. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Looks at a store again and again; one look that fails is made again, sooner and then less often, for as long as it takes.
 * What is in force has been compared with the store when this is called.
 *
 * @example
 * const following = followStore({ check: () => book.exclusive(read), clock, onFault });
 * store.onChange(following.nudge);
 */
export function followStore({ check, clock, onFault }: FollowParts): Following {
  let seenAt = clock.elapsed();
  let failures = 0;
  let isClosed = false;
  let cancel = (): void => {};

  async function look(): Promise<void> {
    const began = clock.elapsed();
    try {
      await check();
      seenAt = Math.max(seenAt, began);
      failures = 0;
    } catch (error) {
      failures++;
      if (failures === 1) onFault(error);
    }
    plan();
  }

  function plan(): void {
    cancel();
    if (isClosed) return;
    const ms = failures === 0 ? POLL_MS : Math.min(POLL_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    // Not all gateways at once.
    cancel = clock.after(ms * (0.5 + Math.random() / 2), () => void look());
  }

  plan();
  return {
    get isFailing() {
      return failures > 0;
    },
    get isStale() {
      return clock.elapsed() - seenAt > MAX_STALE_MS;
    },
    nudge() {
      if (!isClosed) void look();
    },
    close() {
      isClosed = true;
      cancel();
    },
  };
}
