import type { CheckedLimits } from './limits.ts';

/** What became of one request for tokens. */
export interface RateResult {
  /** Whether rate and quota both have the tokens. */
  readonly ok: boolean;
  /** Milliseconds until this very request would find its tokens, if nobody else takes any; 0 if `ok`. */
  readonly waitMs: number;
  /** Which limit makes it wait, the longer one if both do. */
  readonly refusedBy?: 'rate' | 'quota';
  /** Whole tokens left in the bucket, 0 or more. */
  readonly remaining: number;
  /** Milliseconds until the bucket has a whole token again; 0 if it has one. */
  readonly nextMs: number;
  /** There if the limits have a daily quota. */
  readonly quota?: {
    /** Tokens left today. */
    readonly remaining: number;
    /** Milliseconds until 00:00 UTC. */
    readonly resetMs: number;
  };
}

/**
 * Where buckets live. Answers may be promises, so that a shared store can stand behind it. Each call must be atomic
 * per key. A store that rejects makes the guard fail, and the guard's `onError` says what that means.
 * `cost` is a whole number from 0 to the smaller of burst and daily quota; `now` is milliseconds since the epoch, and
 * a store with a clock of its own may use that one instead.
 */
export interface RateStore {
  /** Takes `cost` tokens from bucket and quota if both have them, else none from either. */
  take(key: string, cost: number, limits: CheckedLimits, now: number): RateResult | Promise<RateResult>;
  /** Says what `take` would say, and takes nothing. */
  peek(key: string, cost: number, limits: CheckedLimits, now: number): RateResult | Promise<RateResult>;
  /** Takes `cost` tokens whether they are there or not; the debt of a bucket never exceeds one burst. */
  charge(key: string, cost: number, limits: CheckedLimits, now: number): void | Promise<void>;
}
