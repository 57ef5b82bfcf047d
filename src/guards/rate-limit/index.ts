export { addressKey, INVALID_ADDRESS_KEY, IPV6_KEY_BYTES } from './address.ts';
export { DEFAULT_COST, RATE_LIMIT_GUARD, type RateLimitOptions, rateLimit } from './guard.ts';
export { BURST_POLICY, DAILY_POLICY } from './headers.ts';
export {
  type CheckedLimits,
  DEFAULT_BURST_SECONDS,
  type Limits,
  MAX_RATE,
  MAX_TOKENS,
  MIN_RATE,
} from './limits.ts';
export {
  DEFAULT_MAX_KEYS,
  type MemoryRateStore,
  type MemoryRateStoreOptions,
  memoryRateStore,
} from './memory-store.ts';
export type { RateResult, RateStore } from './store.ts';
export { CLOCK_SLACK_MS } from './token-bucket.ts';
