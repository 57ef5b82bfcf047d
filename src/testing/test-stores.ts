import { type MemoryRateStore, memoryRateStore } from '../guards/rate-limit/memory-store.ts';
import type { RateStore } from '../guards/rate-limit/store.ts';
import { type MemoryReplayStore, memoryReplayStore } from '../guards/replay/memory-store.ts';
import type { ReplayStore } from '../guards/replay/store.ts';
import type { DecisionRecord } from '../ledger/record.ts';

/** Everything that guards remember, in memory. */
export interface TestStores {
  /** For `rateLimit`, and `rateStore` of the PCS preset. */
  readonly rate: RateStore;
  /** For `replay`, and `replayStore` of the PCS preset. */
  readonly replay: ReplayStore;
  /** For `ledger`, and `appendRecord` of the PCS preset. */
  readonly append: (record: DecisionRecord) => void;
  /** What was appended, oldest first. */
  readonly records: readonly DecisionRecord[];
  /** Has every call throw this from now on, as a store does that cannot be reached; `undefined` ends it. */
  failWith(error: Error | undefined): void;
  /** Forgets everything, failures too. */
  reset(): void;
}

/**
 * Stores for a test: they remember in memory, fail when told to, and forget when told to.
 *
 * @example
 * const stores = createTestStores();
 * const guard = replay({ key: (exchange) => exchange.header('idempotency-key'), store: stores.replay });
 * stores.failWith(new Error('connection refused')); // the guard now fails closed: 503
 */
export function createTestStores(): TestStores {
  let rate: MemoryRateStore = memoryRateStore();
  let replay: MemoryReplayStore = memoryReplayStore();
  const records: DecisionRecord[] = [];
  let failure: Error | undefined;

  function working<T>(store: T): T {
    if (failure !== undefined) throw failure;
    return store;
  }

  return {
    rate: {
      take: (...args) => working(rate).take(...args),
      peek: (...args) => working(rate).peek(...args),
      charge: (...args) => working(rate).charge(...args),
    },
    replay: {
      claim: (...args) => working(replay).claim(...args),
      commit: (...args) => working(replay).commit(...args),
      release: (...args) => working(replay).release(...args),
    },
    append(record) {
      working(records).push(record);
    },
    records,
    failWith(error) {
      failure = error;
    },
    reset() {
      rate = memoryRateStore();
      replay = memoryReplayStore();
      records.length = 0;
      failure = undefined;
    },
  };
}
