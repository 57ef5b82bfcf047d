import { functionOption, knownOptions, numberOption } from '../../options.ts';
import { sha256Hex } from '../../sha256.ts';
import { createRecencyList, type Linked } from './recency.ts';
import { chargeTokens, isAsNew, peekTokens, type RateState, takeTokens } from './state.ts';
import type { RateStore } from './store.ts';

/** Keys that a store remembers at most: some 30 MB. */
export const DEFAULT_MAX_KEYS = 100_000;
/** Longest key that is kept as it is, in UTF-16 units; of longer ones the SHA-256 is kept, so memory stays bounded. */
export const MAX_KEY_LENGTH = 128;
/** Keys looked at, besides the oldest, for one that can be forgotten without loss. */
export const EVICTION_STEPS = 8;

export interface MemoryRateStoreOptions {
  /** Keys at most, 1 or more. Default {@link DEFAULT_MAX_KEYS}. */
  readonly maxKeys?: number;
  /** Told when a key was forgotten that had tokens missing, with the number of such evictions so far. */
  readonly onEvict?: (evicted: number) => void;
}

export interface MemoryRateStore extends RateStore {
  readonly size: number;
  /** Keys forgotten while they had tokens missing: their debts are forgiven, so a number that grows asks for more keys. */
  readonly evicted: number;
}

interface Entry extends Linked<Entry> {
  readonly key: string;
  state: RateState;
}

/**
 * Keeps buckets in memory, for one process. Calls are synchronous and O(1).
 *
 * When a new key comes and the store is full, one key is forgotten: the least recently used one if its bucket is full
 * and its quota untouched, for then it is as good as new; else the first such key among {@link EVICTION_STEPS}
 * others, chosen in turn; else the least recently used one after all, which is counted in `evicted`.
 *
 * @throws {ConfigError} if an option is not valid.
 *
 * @example
 * const guard = rateLimit({ key: (exchange) => addressKey(exchange.address), rate: 10, store: memoryRateStore() });
 */
export function memoryRateStore(options: MemoryRateStoreOptions = {}): MemoryRateStore {
  knownOptions('memoryRateStore', options, ['maxKeys', 'onEvict']);
  const maxKeys = numberOption('memoryRateStore.maxKeys', options.maxKeys, DEFAULT_MAX_KEYS, {
    min: 1,
    max: 10_000_000,
    integer: true,
  });
  const { onEvict } = options;
  if (onEvict !== undefined) functionOption('memoryRateStore.onEvict', onEvict, 'give a function');

  const entries = new Map<string, Entry>();
  const recency = createRecencyList<Entry>();
  let hand: Entry | undefined;
  let evicted = 0;

  function forget(entry: Entry): void {
    if (entry === hand) hand = entry.newer;
    entries.delete(entry.key);
    recency.remove(entry);
  }

  function makeRoom(now: number): void {
    const oldest = recency.oldest();
    if (oldest === undefined) return;
    const spare = isAsNew(oldest.state, now) ? oldest : findSpare(oldest, now);
    forget(spare ?? oldest);
    if (spare !== undefined) return;
    evicted++;
    try {
      onEvict?.(evicted);
    } catch {
      // Whoever listens must not decide about the request that came in.
    }
  }

  /** Goes on where the last search ended, so that in time every entry is looked at. */
  function findSpare(oldest: Entry, now: number): Entry | undefined {
    for (let step = 0; step < EVICTION_STEPS; step++) {
      const candidate: Entry = hand ?? oldest;
      if (isAsNew(candidate.state, now)) return candidate;
      hand = candidate.newer;
    }
    return undefined;
  }

  function put(key: string, entry: Entry | undefined, state: RateState, now: number): void {
    if (entry === undefined) {
      if (entries.size >= maxKeys) makeRoom(now);
      const added: Entry = { key, state, older: undefined, newer: undefined };
      entries.set(key, added);
      recency.add(added);
      return;
    }
    entry.state = state;
    if (entry === hand) hand = entry.newer;
    recency.touch(entry);
  }

  return {
    get size() {
      return entries.size;
    },
    get evicted() {
      return evicted;
    },
    take(longKey, cost, limits, now) {
      const key = shortKey(longKey);
      const entry = entries.get(key);
      const { state, result } = takeTokens(entry?.state, cost, limits, now);
      put(key, entry, state, now);
      return result;
    },
    peek: (longKey, cost, limits, now) => peekTokens(entries.get(shortKey(longKey))?.state, cost, limits, now),
    charge(longKey, cost, limits, now) {
      const key = shortKey(longKey);
      const entry = entries.get(key);
      put(key, entry, chargeTokens(entry?.state, cost, limits, now), now);
    },
  };
}

/** A digest is padded past the longest plain key, so that no plain key can pass for it. */
function shortKey(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : sha256Hex(key).padEnd(MAX_KEY_LENGTH + 1, '#');
}
