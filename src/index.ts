export { addressKey, INVALID_ADDRESS_KEY, IPV6_KEY_BYTES } from './address.ts';
export { decodeBase64, encodeBase64 } from './base64.ts';
export { BUDGETS, type Budget, percentile } from './budget.ts';
export { type AddressOf, clientAddress, type ProxyTrust } from './client-address.ts';
export { type Clock, SYSTEM_CLOCK } from './clock.ts';
export type { Decision, GuardRun, Outcome, Reason, Ruling } from './decide.ts';
export {
  CONFIG_CODES,
  type ConfigCode,
  ConfigError,
  ConfigErrors,
  DECISION_CODES,
  type DecisionCode,
  type DecisionCodeInfo,
  WARNING_CODES,
  type WarningCode,
} from './errors.ts';
export { type BodyResult, createExchange, type Exchange, type ExchangeInit, redactedBytes } from './exchange.ts';
export { createGate, type Fault, type Gate, type GateOptions } from './gate.ts';
export {
  DEFAULT_DEADLINE_MS,
  defineGuard,
  type Facts,
  type Finding,
  type Guard,
  type GuardContext,
  type KnownResponse,
  type OnError,
  PASS,
  type Place,
  type Verdict,
  type VerdictKind,
} from './guard.ts';
export {
  FAILURE_HALF_LIFE_MS,
  FAILURES_FROM,
  FAILURES_TO,
  type FailureBurstOptions,
  failureBurst,
  RATE_MIN_RELATIVE_SPREAD,
  RATE_MIN_SPREAD,
  RATE_WARM_UP,
  RATE_WINDOW_MS,
  type RateSpikeOptions,
  rateSpike,
  SIGNATURE_FAILURES,
} from './guards/anomaly/bursts.ts';
export {
  type DeviationOptions,
  deviation,
  MAX_SIGNALS,
  type Signal,
  STALE_AFTER_MS,
  WARM_UP,
  Z_FROM,
  Z_TO,
} from './guards/anomaly/deviation.ts';
export {
  type AnomalyGuard,
  type AnomalyOptions,
  anomaly,
  DEFAULT_ALERT,
  DEFAULT_ESCALATE,
  type Factor,
  MAX_FACTORS,
  type Threshold,
} from './guards/anomaly/guard.ts';
export {
  clamp01,
  NOISY_OR_FULL,
  NOISY_OR_WEIGHT,
  type NoisyOrOptions,
  noisyOr,
  ramp,
} from './guards/anomaly/score.ts';
export { MAX_TENANTS } from './guards/anomaly/tenants.ts';
export { WINDOW_SIZE } from './guards/anomaly/window.ts';
export {
  type CoolingRateLimit,
  type CoolingRateLimitOptions,
  coolingRateLimit,
} from './guards/rate-limit/cooldown.ts';
export { DEFAULT_COST, RATE_LIMIT_GUARD, type RateLimitOptions, rateLimit } from './guards/rate-limit/guard.ts';
export { BURST_POLICY, DAILY_POLICY } from './guards/rate-limit/headers.ts';
export {
  type CheckedLimits,
  DEFAULT_BURST_SECONDS,
  type Limits,
  MAX_RATE,
  MAX_TOKENS,
  MIN_RATE,
} from './guards/rate-limit/limits.ts';
export {
  DEFAULT_MAX_KEYS,
  type MemoryRateStore,
  type MemoryRateStoreOptions,
  memoryRateStore,
} from './guards/rate-limit/memory-store.ts';
export type { DayUse } from './guards/rate-limit/quota.ts';
export { chargeTokens, peekTokens, type RateState, takeTokens } from './guards/rate-limit/state.ts';
export type { RateResult, RateStore } from './guards/rate-limit/store.ts';
export { type Bucket, type BucketRate, CLOCK_SLACK_MS } from './guards/rate-limit/token-bucket.ts';
export { MAX_COOLDOWN_MS, MAX_DRY_KEYS } from './guards/rate-limit/turnstile.ts';
export { DEFAULT_TTL_MS, MOMENTARY_HEADERS, REPLAY_GUARD, type ReplayOptions, replay } from './guards/replay/guard.ts';
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_ENTRIES,
  DEFAULT_MAX_WAITING,
  ENTRY_OVERHEAD_BYTES,
  type MemoryReplayStore,
  type MemoryReplayStoreOptions,
  memoryReplayStore,
} from './guards/replay/memory-store.ts';
export type { Claim, ReplayStore, StoredAnswer } from './guards/replay/store.ts';
export { type BoundsOptions, bounds } from './guards/sanity/bounds.ts';
export { type FormatName, format, MAX_FORMAT_LENGTH } from './guards/sanity/format.ts';
export { MAX_RULES, MAX_SANITY_FINDINGS, type SanityOptions, SEVERITY, sanity } from './guards/sanity/guard.ts';
export { MAX_MONOTONIC_KEYS, type MonotonicOptions, monotonic } from './guards/sanity/monotonic.ts';
export { relation } from './guards/sanity/relation.ts';
export { required } from './guards/sanity/required.ts';
export {
  defineRule,
  type OnViolation,
  PLAUSIBILITY_CODE,
  type Rule,
  type RuleOptions,
  STRUCTURE_CODE,
} from './guards/sanity/rule.ts';
export {
  KEY_ID_FACT,
  RAW_PROFILE,
  SIGNATURE_GUARD,
  SIGNATURE_HEADER,
  SIGNATURE_PROFILE_FACT,
  type SignatureOptions,
  signature,
} from './guards/signature/guard.ts';
export {
  createKeyRing,
  type KeyAlgorithm,
  type KeyRing,
  type KeySpec,
  MAX_RING_KEYS,
  type RingKey,
} from './guards/signature/key-ring.ts';
export type { SignedInput } from './guards/signature/match.ts';
export { assertDistinctKeys } from './guards/signature/shared-keys.ts';
export {
  type JsonDocument,
  type JsonResult,
  type JsonString,
  MAX_JSON_DEPTH,
  parseJson,
  pointerToken,
  valueAt,
} from './json.ts';
export { applyPatches, type Patch } from './patch.ts';
export { type Problem, problemResponse } from './problem.ts';
export type { Sink } from './sinks.ts';
export type { EffectiveStage, Stage, Stages } from './stage.ts';
export { gateMetrics } from './telemetry/gate-metrics.ts';
export type { Counter, Histogram, Meter } from './telemetry/meter.ts';
export { type KnownTenantOptions, knownTenant } from './tenancy/guard.ts';
export { pinTenants, type TenantRequest } from './tenancy/pin.ts';
export {
  createTenantRegistry,
  createTenants,
  type PreparedTenant,
  type TenantRegistry,
  type TenantRegistryOptions,
} from './tenancy/registry.ts';
export type { Tenant, TenantDirectory, TenantSpec, TenantVrf } from './tenancy/tenant.ts';
