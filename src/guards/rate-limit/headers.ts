import type { CheckedLimits } from './limits.ts';
import { DAY_MS } from './quota.ts';
import type { RateResult } from './store.ts';

/** How the bucket is called in the header fields. */
export const BURST_POLICY = 'burst';
/** How the daily quota is called in the header fields. */
export const DAILY_POLICY = 'daily';

/**
 * The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11 sections 3 and 4), by
 * lower-case name. `w` of the bucket is the time in which an empty one fills.
 *
 * The effective window `t` of the bucket is its `w`, so that a client which spreads `r` over `t` keeps to the rate
 * (section 8.5); with nothing left it is the wait for the next token. A refusal names only the limit that refused,
 * with the wait that `Retry-After` gives too (section 6 wants it no earlier than the window's end).
 *
 * @example
 * rateLimitHeaders({ rate: 100, burst: 200, dailyQuota: undefined }, result)['ratelimit']; // '"burst";r=199;t=2'
 */
export function rateLimitHeaders(limits: CheckedLimits, result: RateResult): Readonly<Record<string, string>> {
  const { burst, dailyQuota } = limits;
  const window = seconds((burst / limits.rate) * 1000);
  let policy = `"${BURST_POLICY}";q=${burst};w=${window}`;
  if (dailyQuota !== undefined) policy += `, "${DAILY_POLICY}";q=${dailyQuota};w=${DAY_MS / 1000}`;
  return { 'ratelimit-policy': policy, ratelimit: current(result, window) };
}

function current({ ok, waitMs, refusedBy, remaining, nextMs, quota }: RateResult, window: number): string {
  if (!ok) {
    const left = refusedBy === 'quota' ? (quota?.remaining ?? 0) : remaining;
    return item(refusedBy === 'quota' ? DAILY_POLICY : BURST_POLICY, left, seconds(waitMs));
  }
  const bucket = item(BURST_POLICY, remaining, remaining > 0 ? window : seconds(nextMs));
  return quota === undefined ? bucket : `${bucket}, ${item(DAILY_POLICY, quota.remaining, seconds(quota.resetMs))}`;
}

function item(policy: string, left: number, window: number): string {
  return `"${policy}";r=${left};t=${window}`;
}

/** As `Retry-After` counts: whole, rounded up, at least 1; at most what a structured field's integer can be. */
function seconds(ms: number): number {
  return Math.min(Math.max(1, Math.ceil(ms / 1000)), 999_999_999_999_999);
}
