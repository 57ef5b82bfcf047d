import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { functionOption, knownOptions, numberOption } from '../../options.ts';
import type { CheckedLimits } from './limits.ts';
import { type DayUse, untilReset, useAt } from './quota.ts';
import { createRecencyList, type Linked } from './recency.ts';
import type { RateResult, RateStore } from './store.ts';
import { type Bucket, bucketAt, charge, isFull, levelOf, take, waitFor } from './token-bucket.ts';

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
  bucket: Bucket;
  use: DayUse | undefined;
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
    const spare = isAsNew(oldest, now) ? oldest : findSpare(oldest, now);
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
      if (isAsNew(candidate, now)) return candidate;
      hand = candidate.newer;
    }
    return undefined;
  }

  function put(key: string, entry: Entry | undefined, bucket: Bucket, use: DayUse | undefined, now: number): void {
    if (entry === undefined) {
      if (entries.size >= maxKeys) makeRoom(now);
      const added: Entry = { key, bucket, use, older: undefined, newer: undefined };
      entries.set(key, added);
      recency.add(added);
      return;
    }
    entry.bucket = bucket;
    entry.use = use;
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
      const bucket = bucketAt(entry?.bucket, limits, now);
      const use = useOf(entry, limits, bucket);
      const refused = refusal(bucket, use, cost, limits);
      if (refused !== undefined) {
        put(key, entry, bucket, use, now);
        return result(bucket, use, limits, refused);
      }
      const taken = take(bucket, cost);
      const used = use && { day: use.day, used: use.used + cost };
      put(key, entry, taken, used, now);
      return result(taken, used, limits);
    },
    peek(longKey, cost, limits, now) {
      const entry = entries.get(shortKey(longKey));
      const bucket = bucketAt(entry?.bucket, limits, now);
      const use = useOf(entry, limits, bucket);
      return result(bucket, use, limits, refusal(bucket, use, cost, limits));
    },
    charge(longKey, cost, limits, now) {
      const key = shortKey(longKey);
      const entry = entries.get(key);
      const bucket = bucketAt(entry?.bucket, limits, now);
      const use = useOf(entry, limits, bucket);
      put(key, entry, charge(bucket, cost), use && { day: use.day, used: use.used + cost }, now);
    },
  };
}

interface Refusal {
  readonly waitMs: number;
  readonly by: 'rate' | 'quota';
}

/** A quota counts on also while no limit names it, so that dropping and restoring a limit gives nobody a second one. */
function useOf(entry: Entry | undefined, limits: CheckedLimits, bucket: Bucket): DayUse | undefined {
  if (limits.dailyQuota === undefined && entry?.use === undefined) return undefined;
  return useAt(entry?.use, bucket.last);
}

function refusal(
  bucket: Bucket,
  use: DayUse | undefined,
  cost: number,
  { dailyQuota }: CheckedLimits,
): Refusal | undefined {
  if (cost === 0) return undefined;
  const rateMs = waitFor(bucket, cost);
  const overQuota = dailyQuota !== undefined && (use?.used ?? 0) + cost > dailyQuota;
  const quotaMs = overQuota ? untilReset(bucket.last) : 0;
  if (rateMs === 0 && quotaMs === 0) return undefined;
  return quotaMs > rateMs ? { by: 'quota', waitMs: quotaMs } : { by: 'rate', waitMs: rateMs };
}

function result(bucket: Bucket, use: DayUse | undefined, limits: CheckedLimits, refused?: Refusal): RateResult {
  const { dailyQuota } = limits;
  return {
    ok: refused === undefined,
    waitMs: refused?.waitMs ?? 0,
    ...(refused && { refusedBy: refused.by }),
    remaining: Math.max(0, Math.floor(levelOf(bucket))),
    nextMs: waitFor(bucket, 1),
    ...(dailyQuota !== undefined && {
      quota: { remaining: Math.max(0, dailyQuota - (use?.used ?? 0)), resetMs: untilReset(bucket.last) },
    }),
  };
}

/** Whether forgetting the entry changes nothing. */
function isAsNew({ bucket, use }: Entry, now: number): boolean {
  const today = bucketAt(bucket, bucket, now);
  return isFull(today) && (use === undefined || useAt(use, today.last).used === 0);
}

/** A digest is padded past the longest plain key, so that no plain key can pass for it. */
function shortKey(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : bytesToHex(sha256(utf8ToBytes(key))).padEnd(MAX_KEY_LENGTH + 1, '#');
}
