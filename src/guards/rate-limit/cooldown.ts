import { isThenable } from '../../contain.ts';
import { ConfigError } from '../../errors.ts';
import { defineGuard, type Guard, PASS, type Verdict } from '../../guard.ts';
import { limiter, RATE_LIMIT_GUARD, type RateLimitOptions } from './guard.ts';
import { createTurnstile, MAX_COOLDOWN_MS, type Turn } from './turnstile.ts';

/** As those of `rateLimit`; a request takes one token, when it passes. */
export type CoolingRateLimitOptions = Omit<RateLimitOptions, 'cost' | 'spend'>;

/** Two guards of one limit. */
export interface CoolingRateLimit {
  /** For the front of the gate: refuses whom `limit` would refuse, as far as it knows from there. */
  readonly cooldown: Guard;
  /** For its place behind authentication. */
  readonly limit: Guard;
}

/**
 * A `rateLimit` that stands behind authentication, and a guard that refuses at the front what `limit` would refuse, before a body
 * is read or a signature checked. It asks no store: of a key that `limit` has seen without tokens, it lets as many requests on
 * as there can be tokens by then. Only what gets as far as `limit` begins a cooldown or prolongs it, and as many pass as without
 * it. Limits that change end it.
 *
 * Where tokens may be there again, requests wait for those of their key that are under way; after {@link MAX_COOLDOWN_MS} they go on
 * without. `key` and `limits` are asked in both places, and have to say the same. The stage of `cooldown` is that of `limit`,
 * where the gate's options name none. O(1) for each request.
 *
 * @throws {ConfigError} as `rateLimit` does.
 *
 * @example
 * const { cooldown, limit } = coolingRateLimit({ key: (_exchange, { tenant }) => tenant, rate: 100 });
 * const gate = createGate({ guards: [cooldown, pii(), signature({ keys }), limit], tenant });
 */
export function coolingRateLimit(options: CoolingRateLimitOptions): CoolingRateLimit {
  refuseOption(options, 'cost');
  refuseOption(options, 'spend');
  const turnstile = createTurnstile();
  const { guard, name, requestOf, verdictOf } = limiter(options, (exchange, { key, limits }, result, now) =>
    turnstile.told(exchange, key, limits, now, result),
  );

  const cooldown = defineGuard({
    name: `${name}-cooldown`,
    stagedWith: name,
    defaultStage: 'enforce',
    // What fails here, `limit` has yet to look at.
    onError: 'open',
    deadlineMs: MAX_COOLDOWN_MS,
    inspect(exchange, context) {
      const request = requestOf(exchange, context);
      if (request === undefined) return PASS;
      const { key, limits } = request;
      const answer = (turn: Turn): Verdict =>
        turn === 'go' ? PASS : verdictOf({ ok: false, ...turn, remaining: 0, nextMs: turn.waitMs }, limits);
      const turn = turnstile.enter(exchange, key, limits, context.now);
      return isThenable(turn) ? turn.then(answer) : answer(turn);
    },
    settle: (exchange) => turnstile.leave(exchange),
  });
  return Object.freeze({ cooldown, limit: guard });
}

/** What the front cannot know of: costs and charges that depend on what comes later. */
function refuseOption(options: RateLimitOptions, option: 'cost' | 'spend'): void {
  if (options?.[option] === undefined) return;
  const name = `${options.name ?? RATE_LIMIT_GUARD}.${option}`;
  throw new ConfigError('PTC_E004', name, options[option], 'use rateLimit(), or leave it out');
}
