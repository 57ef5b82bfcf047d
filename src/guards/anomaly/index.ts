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
} from './bursts.ts';
export {
  type DeviationOptions,
  deviation,
  MAX_SIGNALS,
  type Signal,
  STALE_AFTER_MS,
  WARM_UP,
  Z_FROM,
  Z_TO,
} from './deviation.ts';
export {
  type AnomalyGuard,
  type AnomalyOptions,
  anomaly,
  DEFAULT_ALERT,
  DEFAULT_ESCALATE,
  type Factor,
  MAX_FACTORS,
  type Threshold,
} from './guard.ts';
export {
  clamp01,
  NOISY_OR_FULL,
  NOISY_OR_WEIGHT,
  type NoisyOrOptions,
  noisyOr,
  ramp,
} from './score.ts';
export { MAX_TENANTS } from './tenants.ts';
export { WINDOW_SIZE } from './window.ts';
