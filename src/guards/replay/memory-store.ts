import { functionOption, knownOptions, numberOption } from '../../options.ts';
import type { Claim, ReplayStore, StoredAnswer } from './store.ts';

/** Accepted requests that a store remembers at most. */
export const DEFAULT_MAX_ENTRIES = 100_000;
/** Bytes that they may take together: 128 MiB, text counted at two bytes a character. */
export const DEFAULT_MAX_BYTES = 134_217_728;
/** Requests that may wait for others at the same time, all keys together. */
export const DEFAULT_MAX_WAITING = 10_000;
/** What an entry takes besides its texts, in bytes, roughly. */
export const ENTRY_OVERHEAD_BYTES = 256;

export interface MemoryReplayStoreOptions {
  /** Accepted requests at most, 1 or more. Default {@link DEFAULT_MAX_ENTRIES}. */
  readonly maxEntries?: number;
  /** Bytes at most. Default {@link DEFAULT_MAX_BYTES}. */
  readonly maxBytes?: number;
  /** Requests that may wait at the same time, 0 or more. Default {@link DEFAULT_MAX_WAITING}. */
  readonly maxWaiting?: number;
  /** Told when a request was forgotten before its time, with the number of such evictions so far. */
  readonly onEvict?: (evicted: number) => void;
}

export interface MemoryReplayStore extends ReplayStore {
  /** Requests remembered, some of them perhaps past their time. */
  readonly size: number;
  /** Bytes they take, by estimate. */
  readonly bytes: number;
  /** Requests forgotten before their time: each may be accepted once more. */
  readonly evicted: number;
  /** Requests that wait for others. */
  readonly waiting: number;
}

interface Entry {
  readonly key: string;
  readonly digest: string;
  readonly answer: StoredAnswer;
  readonly expiresAt: number;
  readonly bytes: number;
}

/** A body that is being processed, and those who wait for what comes of it, first come first. */
interface Flight {
  readonly digest: string;
  readonly waiting: Set<(claim: Claim) => void>;
}

/**
 * Remembers accepted requests in memory, for one process. Every call is O(1) amortised, plus one step for each request
 * that waited. When it is full, the oldest is forgotten, and counted in `evicted` if its time was not over. An answer
 * that is larger than the whole store is remembered as a fact without its text.
 *
 * @throws {ConfigError} if an option is not valid.
 *
 * @example
 * const store = memoryReplayStore({ maxEntries: 10_000 });
 * const once = replay({ key: (exchange) => exchange.header('idempotency-key'), store });
 */
export function memoryReplayStore(options: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  knownOptions('memoryReplayStore', options, ['maxEntries', 'maxBytes', 'maxWaiting', 'onEvict']);
  const whole = (option: 'maxEntries' | 'maxBytes' | 'maxWaiting', fallback: number, min: number): number =>
    numberOption(`memoryReplayStore.${option}`, options[option], fallback, { min, integer: true });
  const maxEntries = whole('maxEntries', DEFAULT_MAX_ENTRIES, 1);
  const maxBytes = whole('maxBytes', DEFAULT_MAX_BYTES, 1);
  const maxWaiting = whole('maxWaiting', DEFAULT_MAX_WAITING, 0);
  const { onEvict } = options;
  if (onEvict !== undefined) functionOption('memoryReplayStore.onEvict', onEvict, 'give a function');

  const entries = new Map<string, Entry>();
  const flights = new Map<string, Flight>();
  // One iterator for the store's life: a new one would step over every key deleted before.
  let inOrder = entries.values();
  let front: Entry | undefined;
  let bytes = 0;
  let evicted = 0;
  let waiting = 0;

  function forget(entry: Entry): void {
    entries.delete(entry.key);
    bytes -= entry.bytes;
  }

  function oldest(): Entry | undefined {
    while (front === undefined || entries.get(front.key) !== front) {
      let next = inOrder.next();
      if (next.done) {
        inOrder = entries.values();
        next = inOrder.next();
      }
      if (next.done) return undefined;
      front = next.value;
    }
    return front;
  }

  function find(key: string, now: number): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || now < entry.expiresAt) return entry;
    forget(entry);
    return undefined;
  }

  function makeRoom(needed: number, now: number): void {
    for (let entry = oldest(); entry !== undefined; entry = oldest()) {
      const isOver = entry.expiresAt <= now;
      if (!isOver && entries.size < maxEntries && bytes + needed <= maxBytes) return;
      forget(entry);
      if (!isOver) countEviction();
    }
  }

  function countEviction(): void {
    evicted++;
    try {
      onEvict?.(evicted);
    } catch {
      // Whoever listens must not keep a claim from ending.
    }
  }

  function remember(key: string, digest: string, answer: StoredAnswer, expiresAt: number, now: number): Entry {
    const size = sizeOf(key, digest, answer);
    if (size > maxBytes && answer !== undefined) return remember(key, digest, undefined, expiresAt, now);
    const entry: Entry = { key, digest, answer, expiresAt, bytes: size };
    if (size > maxBytes) {
      countEviction();
      return entry;
    }
    makeRoom(size, now);
    entries.set(key, entry);
    bytes += size;
    return entry;
  }

  return {
    get size() {
      return entries.size;
    },
    get bytes() {
      return bytes;
    },
    get evicted() {
      return evicted;
    },
    get waiting() {
      return waiting;
    },
    claim(key, digest, now) {
      const flight = flights.get(key);
      if (flight?.digest === digest) {
        if (waiting >= maxWaiting) return { kind: 'busy' };
        waiting++;
        return new Promise((resolve) => flight.waiting.add(resolve));
      }
      const entry = find(key, now);
      if (entry?.digest === digest) return { kind: 'stored', answer: entry.answer };
      if (entry !== undefined || flight !== undefined) return { kind: 'other-body' };
      flights.set(key, { digest, waiting: new Set() });
      return { kind: 'new' };
    },
    commit(key, digest, answer, now, ttlMs) {
      const entry = find(key, now) ?? remember(key, digest, answer, now + ttlMs, now);
      const flight = flights.get(key);
      if (flight?.digest !== digest) return;
      flights.delete(key);
      waiting -= flight.waiting.size;
      const claim: Claim = { kind: 'stored', answer: entry.digest === digest ? entry.answer : answer };
      for (const resolve of flight.waiting) resolve(claim);
    },
    release(key, digest) {
      const flight = flights.get(key);
      if (flight?.digest !== digest) return;
      for (const next of flight.waiting) {
        flight.waiting.delete(next);
        waiting--;
        return next({ kind: 'new' });
      }
      flights.delete(key);
    },
  };
}

function sizeOf(key: string, digest: string, answer: StoredAnswer): number {
  let characters = key.length + digest.length + (answer?.body.length ?? 0);
  for (const [name, value] of Object.entries(answer?.headers ?? {})) characters += name.length + value.length;
  return ENTRY_OVERHEAD_BYTES + 2 * characters;
}
