import { ConfigError } from '../../errors.ts';
import { numberOption } from '../../options.ts';

/** The burst where none is given, in seconds of the rate. */
export const DEFAULT_BURST_SECONDS = 2;
/** Lowest rate, in tokens per second: less than one a day. Rarer events need a quota. */
export const MIN_RATE = 0.00001;
/** Highest rate, in tokens per second. */
export const MAX_RATE = 1_000_000_000;
/** Largest burst and daily quota, in tokens: structured fields carry it without rounding. */
export const MAX_TOKENS = 1_000_000_000_000;

/** How much one key may do. */
export interface Limits {
  /** Tokens per second that flow back: {@link MIN_RATE} to {@link MAX_RATE}. */
  readonly rate: number;
  /** Most tokens at once, a fraction is dropped. Default: {@link DEFAULT_BURST_SECONDS} seconds of the rate, at least 1. */
  readonly burst?: number | undefined;
  /** Most tokens from 00:00 to 24:00 UTC, whole. Default: no such limit. */
  readonly dailyQuota?: number | undefined;
}

/** Limits with every default filled in; the numbers are whole but for the rate. */
export interface CheckedLimits {
  readonly rate: number;
  readonly burst: number;
  readonly dailyQuota: number | undefined;
}

/**
 * Checks limits and fills in the defaults.
 *
 * @throws {ConfigError} naming the limit that cannot work.
 *
 * @example
 * checkLimits('api', { rate: 100 }).burst; // 200
 */
export function checkLimits(where: string, limits: Limits): CheckedLimits {
  if (typeof limits !== 'object' || limits === null) {
    throw new ConfigError('PTC_E002', where, limits, 'give { rate, burst, dailyQuota }');
  }
  const { rate, burst, dailyQuota } = limits;
  if (rate === undefined) throw new ConfigError('PTC_E001', `${where}.rate`, rate, 'give tokens per second');
  numberOption(`${where}.rate`, rate, rate, { min: MIN_RATE, max: MAX_RATE });
  const usual = Math.max(1, Math.ceil(rate * DEFAULT_BURST_SECONDS));
  return Object.freeze({
    rate,
    burst: Math.floor(numberOption(`${where}.burst`, burst, usual, { min: 1, max: MAX_TOKENS })),
    dailyQuota:
      dailyQuota === undefined
        ? undefined
        : numberOption(`${where}.dailyQuota`, dailyQuota, 1, { min: 1, max: MAX_TOKENS, integer: true }),
  });
}
