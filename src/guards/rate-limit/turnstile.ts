import type { CheckedLimits } from './limits.ts';
import { MAX_KEY_LENGTH } from './memory-store.ts';
import type { RateResult } from './store.ts';

/** Milliseconds for which it is relied on that a key has no tokens; then one request at a time finds out again. */
export const MAX_COOLDOWN_MS = 1_000;
/** Keys without tokens that are remembered: some 4 MB. The one that is known longest makes room; longer ones are not. */
export const MAX_DRY_KEYS = 10_000;

/** Whether a request may go on to the store, or how long it would be refused there. */
export type Turn = 'go' | Pick<RateResult, 'waitMs' | 'refusedBy'>;

/** Counts the requests of keys that ran out of tokens, between the front of a gate and the store. */
export interface Turnstile {
  /** At the front. Waits where it takes others of the same key to say what becomes of this one. */
  enter(visitor: object, key: string, limits: CheckedLimits, now: number): Turn | Promise<Turn>;
  /** What the store said to it. */
  told(visitor: object, key: string, limits: CheckedLimits, now: number, result: RateResult): void;
  /** It is over, whether it got to the store or not. */
  leave(visitor: object): void;
}

/** What is known of a key without tokens. Times are milliseconds since the epoch. */
interface Dry {
  readonly limits: CheckedLimits;
  /** When it was found out. */
  from: number;
  /** Tokens that were left then. */
  tokens: number;
  /** When there is one more. */
  until: number;
  by: 'rate' | 'quota' | undefined;
  /** Requests that are under way to the store. */
  going: number;
  /** Requests that wait, in the order in which they came. */
  first: Visit | undefined;
  last: Visit | undefined;
}

interface Visit {
  readonly dry: Dry;
  readonly now: number;
  readonly resolve: ((turn: Turn) => void) | undefined;
  state: 'waiting' | 'going' | 'gone';
  next: Visit | undefined;
}

/**
 * Lets no more requests of a key without tokens through to the store than there can be tokens by now. The others are refused
 * if none is there yet, and wait for what becomes of those under way if one may be: one that is refused elsewhere, as for a
 * wrong signature, takes no token from those behind it. So nobody is refused whom the store would have let pass. A request
 * counts at the time at which it came. O(1) amortized.
 */
export function createTurnstile(): Turnstile {
  const dries = new Map<string, Dry>();
  const visits = new WeakMap<object, Visit>();

  function begin(visitor: object, dry: Dry, now: number, resolve?: (turn: Turn) => void): Visit {
    const visit: Visit = { dry, now, resolve, state: resolve ? 'waiting' : 'going', next: undefined };
    visits.set(visitor, visit);
    if (resolve === undefined) {
      dry.going++;
      return visit;
    }
    if (dry.last) dry.last.next = visit;
    else dry.first = visit;
    dry.last = visit;
    return visit;
  }

  function end(visit: Visit): void {
    if (visit.state === 'going') visit.dry.going--;
    visit.state = 'gone';
  }

  /** Says to those who wait longest what has become clear by now. */
  function pump(dry: Dry, isForgotten = false): void {
    for (let visit = dry.first; visit !== undefined; visit = visit.next) {
      if (visit.state === 'waiting') {
        const refusal = isForgotten ? undefined : refusalOf(dry, visit.now);
        if (refusal === undefined && !isForgotten && dry.going >= roomOf(dry, visit.now)) return;
        visit.state = 'gone';
        if (refusal === undefined) {
          visit.state = 'going';
          dry.going++;
        }
        visit.resolve?.(refusal ?? 'go');
      }
      dry.first = visit.next;
    }
    dry.last = undefined;
  }

  function forget(key: string, dry: Dry): void {
    dries.delete(key);
    pump(dry, true);
  }

  function remember(key: string, limits: CheckedLimits): Dry {
    for (const [oldest, dry] of dries) {
      if (dries.size < MAX_DRY_KEYS) break;
      forget(oldest, dry);
    }
    const made: Dry = {
      limits,
      from: 0,
      tokens: 0,
      until: 0,
      by: undefined,
      going: 0,
      first: undefined,
      last: undefined,
    };
    dries.set(key, made);
    return made;
  }

  return {
    enter(visitor, key, limits, now) {
      const dry = dries.get(key);
      if (dry === undefined) return 'go';
      if (dry.limits !== limits || isOver(dry, now)) {
        forget(key, dry);
        return 'go';
      }
      const refusal = refusalOf(dry, now);
      if (refusal !== undefined) return refusal;
      if (dry.going < roomOf(dry, now)) {
        begin(visitor, dry, now);
        return 'go';
      }
      return new Promise((resolve) => {
        begin(visitor, dry, now, resolve);
      });
    },
    told(visitor, key, limits, now, result) {
      const visit = visits.get(visitor);
      if (visit) end(visit);
      if (key.length > MAX_KEY_LENGTH) return;
      const { tokens, waitMs, by } = leftOf(result, limits);
      let dry = dries.get(key);
      if (dry && (dry.limits !== limits || isAtEase(tokens, limits))) {
        forget(key, dry);
        dry = undefined;
      }
      if (!result.ok) dry ??= remember(key, limits);
      if (dry === undefined) return;
      dry.from = now;
      dry.tokens = tokens;
      dry.until = now + waitMs;
      dry.by = by;
      pump(dry);
    },
    leave(visitor) {
      const visit = visits.get(visitor);
      if (visit === undefined) return;
      end(visit);
      pump(visit.dry);
    },
  };
}

/** How long a request that came at `now` would be refused; `undefined` where that is not known. */
function refusalOf({ from, tokens, until, by }: Dry, now: number): Exclude<Turn, 'go'> | undefined {
  if (tokens > 0 || now >= Math.min(until, from + MAX_COOLDOWN_MS)) return undefined;
  return { waitMs: until - now, ...(by && { refusedBy: by }) };
}

/** How many find a token that came by `now`, at the most. */
function roomOf({ from, tokens, until, limits }: Dry, now: number): number {
  if (now >= until) return tokens + 1 + Math.floor(((now - until) * limits.rate) / 1000);
  return now >= from + MAX_COOLDOWN_MS ? Math.max(1, tokens) : tokens;
}

/** Whether what is known says nothing any more: long ago, or by a clock that was set back. */
function isOver({ from, until }: Dry, now: number): boolean {
  return now < from || now >= Math.max(until, from + MAX_COOLDOWN_MS) + MAX_COOLDOWN_MS;
}

/** Whether the key has so many tokens again that nobody needs to count. */
function isAtEase(tokens: number, { burst }: CheckedLimits): boolean {
  return tokens > 0 && tokens >= burst / 2;
}

/** Tokens that are left, and milliseconds to the next one. */
function leftOf(
  { ok, waitMs, refusedBy, remaining, nextMs, quota }: RateResult,
  { rate }: CheckedLimits,
): { readonly tokens: number; readonly waitMs: number; readonly by: Dry['by'] } {
  if (!ok) return { tokens: 0, waitMs, by: refusedBy };
  const ofDay = quota?.remaining ?? remaining;
  const tokens = Math.min(remaining, ofDay);
  if (tokens > 0) return { tokens, waitMs: 1000 / rate, by: 'rate' };
  const quotaMs = ofDay === 0 ? (quota?.resetMs ?? 0) : 0;
  return quotaMs > nextMs ? { tokens, waitMs: quotaMs, by: 'quota' } : { tokens, waitMs: nextMs, by: 'rate' };
}
