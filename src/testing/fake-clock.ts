import type { Clock } from '../clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Goes back to where it started and forgets every timer. */
  reset(): void;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told otherwise.
 *
 * @example
 * const clock = createFakeClock(Date.UTC(2030, 0, 1));
 * clock.advance(1_000);
 * clock.now(); // a second later
 */
export function createFakeClock(startMs = 0): FakeClock {
  let now = startMs;
  const timers = new Set<Timer>();

  function nextDue(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }

  return {
    now: () => now,
    elapsed: () => now - startMs,
    after(ms, callback) {
      const timer = { due: now + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        now = timer.due;
        timer.callback();
      }
      now = until;
    },
    reset() {
      now = startMs;
      timers.clear();
    },
  };
}
