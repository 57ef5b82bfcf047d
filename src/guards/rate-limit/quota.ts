/** Length of a UTC day in milliseconds; UTC as computers count it has no longer or shorter ones. */
export const DAY_MS = 86_400_000;

/** What one key used on one UTC day. */
export interface DayUse {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly used: number;
}

/**
 * The use at `now`: nothing, from 00:00 UTC of a later day on. A day that lies before the one seen last keeps the
 * count, so that a clock that is set back gives nobody a second quota.
 *
 * @example
 * useAt({ day: 19_723, used: 100 }, Date.UTC(2024, 0, 2)).used; // 0: 2024-01-01 was day 19723
 */
export function useAt(use: DayUse | undefined, now: number): DayUse {
  const day = Math.floor(now / DAY_MS);
  if (use === undefined || day > use.day) return { day, used: 0 };
  return day === use.day ? use : { day, used: use.used };
}

/** Milliseconds from `now` until the next 00:00 UTC: 1 to {@link DAY_MS}. */
export function untilReset(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS - now;
}
