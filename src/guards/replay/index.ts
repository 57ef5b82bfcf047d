export { DEFAULT_TTL_MS, MOMENTARY_HEADERS, REPLAY_GUARD, type ReplayOptions, replay } from './guard.ts';
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_ENTRIES,
  DEFAULT_MAX_WAITING,
  ENTRY_OVERHEAD_BYTES,
  type MemoryReplayStore,
  type MemoryReplayStoreOptions,
  memoryReplayStore,
} from './memory-store.ts';
export type { Claim, ReplayStore, StoredAnswer } from './store.ts';
