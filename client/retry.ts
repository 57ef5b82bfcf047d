/** Milliseconds of the longest first wait; it doubles with each attempt. */
export const DEFAULT_BACKOFF_MS = 200;

/** Milliseconds of the longest wait between two attempts. */
export const DEFAULT_MAX_WAIT_MS = 30_000;

export interface RetryTiming {
  readonly backoffMs: number;
  readonly maxWaitMs: number;
  readonly random: () => number;
  readonly now: () => number;
}

/**
 * Milliseconds to wait after an attempt: a random part of a ceiling that doubles (full jitter, so that clients that
 * failed together do not come back together), on top of `Retry-After` (RFC 9110 section 10.2.3, seconds or a date)
 * where the server sent one. `undefined` if the server asks for more than `maxWaitMs`.
 *
 * @param attempt 1 for the first
 *
 * @example
 * retryDelay(3, null, { backoffMs: 200, maxWaitMs: 30_000, random: () => 0.5, now: Date.now }); // 400
 */
export function retryDelay(
  attempt: number,
  retryAfter: string | null | undefined,
  { backoffMs, maxWaitMs, random, now }: RetryTiming,
): number | undefined {
  const asked = retryAfterMs(retryAfter, now);
  if (asked > maxWaitMs) return undefined;
  const jitter = random() * Math.min(maxWaitMs, backoffMs * 2 ** (attempt - 1));
  return Math.min(maxWaitMs, asked + jitter);
}

function retryAfterMs(value: string | null | undefined, now: () => number): number {
  if (value === null || value === undefined) return 0;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now());
}
