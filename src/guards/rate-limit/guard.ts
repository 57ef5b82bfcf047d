import { BUDGETS } from '../../budget.ts';
import { isThenable } from '../../contain.ts';
import type { Decision } from '../../decide.ts';
import { ConfigError, DECISION_CODES, type DecisionCode } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Guard, type GuardContext, type OnError, PASS, type Verdict } from '../../guard.ts';
import { functionOption, knownOptions, wordOption } from '../../options.ts';
import { rateLimitHeaders } from './headers.ts';
import { type CheckedLimits, checkLimits, type Limits } from './limits.ts';
import { memoryRateStore } from './memory-store.ts';
import type { RateResult, RateStore } from './store.ts';

/** Name of the guard where none is given. */
export const RATE_LIMIT_GUARD = 'rate-limit';
/** Tokens that one request takes where nothing else is said. */
export const DEFAULT_COST = 1;

export interface RateLimitOptions extends Partial<Limits> {
  /** Name of the guard, for gates with several limiters. Default {@link RATE_LIMIT_GUARD}. */
  readonly name?: string;
  /** Whose tokens a request takes; `undefined` where it is not limited. */
  readonly key: (exchange: Exchange, context: GuardContext) => string | undefined;
  /**
   * Limits of one key, over `rate`, `burst` and `dailyQuota`, which stand for keys that it answers `undefined` for;
   * without them such keys are not limited. Asked for each request, so a change is effective on the next one; change
   * limits by giving another object, for each object is checked once.
   */
  readonly limits?: Limits | ((key: string, context: GuardContext) => Limits | undefined);
  /**
   * Tokens that a request takes. Rounded up, cut to what a full bucket and an untouched quota can give; what is no
   * number from 0 on counts as that most. 0 is never limited. Default {@link DEFAULT_COST}.
   */
  readonly cost?: number | ((exchange: Exchange, context: GuardContext) => number);
  /**
   * `always` (the default): every request that passes takes its tokens before it goes on. A function: a request
   * passes if the tokens are there, and takes them after the decision, if the function says so.
   */
  readonly spend?: 'always' | ((decision: Decision) => boolean);
  /** Where the buckets live. Default: a {@link memoryRateStore} of the guard's own. */
  readonly store?: RateStore;
  /** Code of the refusal, one with status 429. Default `PTC_D601` for the rate, `PTC_D602` for the quota. */
  readonly code?: DecisionCode;
  /** Whether answers carry `RateLimit` and `RateLimit-Policy`. Default `true`. */
  readonly headers?: boolean;
  /** What a failing store or key function means. Default `closed`. */
  readonly onError?: OnError;
}

const OPTIONS = [
  'name',
  'key',
  'rate',
  'burst',
  'dailyQuota',
  'limits',
  'cost',
  'spend',
  'store',
  'code',
  'headers',
  'onError',
] as const satisfies readonly (keyof RateLimitOptions)[];

/** What a request asks for. */
export interface TokenRequest {
  /** Key in the store. */
  readonly key: string;
  readonly cost: number;
  readonly limits: CheckedLimits;
}

/** A limiter, and what of it a guard that stands elsewhere needs. */
export interface Limiter {
  readonly guard: Guard;
  readonly name: string;
  /** `undefined` for a request that is not limited. */
  readonly requestOf: (exchange: Exchange, context: GuardContext) => TokenRequest | undefined;
  readonly verdictOf: (result: RateResult, limits: CheckedLimits) => Verdict;
}

/**
 * Limits requests per key by a token bucket (continuous refill, no windows, so no double burst around an edge) and,
 * if asked, a quota per UTC day. A refusal is 429 with the true wait. O(1) for each request.
 *
 * With `spend` as a function, requests that are in flight at the same time all see the tokens that are there, so as
 * many may pass at once as come at once; all of them are charged, down to one burst below empty, and nobody passes
 * until that debt is paid.
 *
 * @throws {ConfigError} if an option is missing, unknown or out of range.
 *
 * @example
 * const perTenant = rateLimit({ key: (_exchange, { tenant }) => tenant, rate: 100, burst: 200, dailyQuota: 1_000_000 });
 * const failedAuthentication = rateLimit({
 *   name: 'failed-authentication',
 *   key: (exchange) => addressKey(exchange.address),
 *   rate: 0.2,
 *   burst: 10,
 *   spend: (decision) => decision.status === 401,
 *   code: 'PTC_D603',
 * });
 */
export function rateLimit(options: RateLimitOptions): Guard {
  return limiter(options).guard;
}

/**
 * What {@link rateLimit} makes a guard of.
 *
 * @param seen told what the store said to each request
 */
export function limiter(
  options: RateLimitOptions,
  seen?: (exchange: Exchange, request: TokenRequest, result: RateResult, now: number) => void,
): Limiter {
  const { name, keyOf, limitsOf, costOf, spend, store, code, headers, onError } = checkOptions(options);
  const charged = new WeakMap<Exchange, TokenRequest>();

  function requestOf(exchange: Exchange, context: GuardContext): TokenRequest | undefined {
    const key = keyOf(exchange, context);
    if (key === undefined || key === null) return undefined;
    const limits = limitsOf(key, context);
    if (limits === undefined) return undefined;
    // Guards may share a store, but not their buckets; a name holds no colon.
    return { key: `${name}:${key}`, cost: wholeCost(costOf(exchange, context), limits), limits };
  }

  function verdictOf(result: RateResult, limits: CheckedLimits): Verdict {
    const more = headers ? { headers: rateLimitHeaders(limits, result) } : {};
    if (result.ok) return { kind: 'pass', ...more };
    const usual = result.refusedBy === 'quota' ? 'PTC_D602' : 'PTC_D601';
    return { kind: 'throttle', code: code ?? usual, retryAfterMs: result.waitMs, ...more };
  }

  const guard = defineGuard({
    name,
    defaultStage: 'enforce',
    onError,
    budget: BUDGETS.limits,
    inspect(exchange, context) {
      const request = requestOf(exchange, context);
      if (request === undefined) return PASS;
      const { key, cost, limits } = request;
      const ask = spend === 'always' ? store.take : store.peek;
      const answer = (result: RateResult): Verdict => {
        // A request that was refused here is not charged on top: the wait it was told would be wrong.
        if (spend !== 'always' && result.ok) charged.set(exchange, request);
        seen?.(exchange, request, result, context.now);
        return verdictOf(result, limits);
      };
      const result = ask.call(store, key, cost, limits, context.now);
      return isThenable(result) ? result.then(answer) : answer(result);
    },
    ...(spend !== 'always' && {
      settle(exchange: Exchange, decision: Decision, context: GuardContext) {
        const request = charged.get(exchange);
        charged.delete(exchange);
        if (request === undefined || !spend(decision)) return;
        return store.charge(request.key, request.cost, request.limits, context.now);
      },
    }),
  });
  return { guard, name, requestOf, verdictOf };
}

function wholeCost(cost: number, { burst, dailyQuota = burst }: CheckedLimits): number {
  const most = Math.min(burst, dailyQuota);
  return cost >= 0 && cost < most ? Math.ceil(cost) : most;
}

interface CheckedOptions {
  readonly name: string;
  readonly keyOf: RateLimitOptions['key'];
  readonly limitsOf: (key: string, context: GuardContext) => CheckedLimits | undefined;
  readonly costOf: (exchange: Exchange, context: GuardContext) => number;
  readonly spend: 'always' | ((decision: Decision) => boolean);
  readonly store: RateStore;
  readonly code: DecisionCode | undefined;
  readonly headers: boolean;
  readonly onError: OnError;
}

function checkOptions(options: RateLimitOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', RATE_LIMIT_GUARD, options, 'give an object with key and rate');
  }
  const { name = RATE_LIMIT_GUARD, cost = DEFAULT_COST, spend = 'always', headers = true } = options;
  const at = (option: string): string => `${name}.${option}`;
  knownOptions(name, options, OPTIONS);
  const keyOf = functionOption(at('key'), options.key, 'give a function from exchange and context to a key');
  if (typeof cost !== 'function' && !(typeof cost === 'number' && Number.isFinite(cost) && cost >= 0)) {
    throw new ConfigError('PTC_E002', at('cost'), cost, 'give tokens per request, 0 or more, or a function');
  }
  if (spend !== 'always')
    functionOption(at('spend'), spend, "give 'always' or a function from decision to true or false");
  if (typeof headers !== 'boolean') throw new ConfigError('PTC_E002', at('headers'), headers, 'give true or false');
  const store = options.store ?? memoryRateStore();
  for (const method of ['take', 'peek', 'charge'] as const) {
    functionOption(at(`store.${method}`), store[method], 'give a store such as memoryRateStore()');
  }
  const { code } = options;
  if (code !== undefined) wordOption(at('code'), code, code, THROTTLE_CODES);
  return {
    name,
    keyOf,
    limitsOf: limitsOption(name, options),
    costOf: typeof cost === 'function' ? cost : () => cost,
    spend,
    store,
    code,
    headers,
    onError: wordOption(at('onError'), options.onError, 'closed', ['closed', 'open']),
  };
}

const THROTTLE_CODES = Object.keys(DECISION_CODES).filter(
  (code): code is DecisionCode => DECISION_CODES[code as DecisionCode].status === 429,
);

function limitsOption(name: string, options: RateLimitOptions): CheckedOptions['limitsOf'] {
  const { limits, rate, burst, dailyQuota } = options;
  if (limits !== undefined && typeof limits !== 'function') {
    if (rate !== undefined || burst !== undefined || dailyQuota !== undefined) {
      throw new ConfigError('PTC_E004', `${name}.rate`, rate, `give either ${name}.limits or ${name}.rate, not both`);
    }
    knownOptions(`${name}.limits`, limits ?? {}, ['rate', 'burst', 'dailyQuota']);
    const checked = checkLimits(`${name}.limits`, limits);
    return () => checked;
  }
  const needed = limits === undefined || rate !== undefined || burst !== undefined || dailyQuota !== undefined;
  const usual = needed ? checkLimits(name, { rate: rate as number, burst, dailyQuota }) : undefined;
  if (limits === undefined) return () => usual;
  // Policies hand out the same object for the same tenant again and again: each is checked once.
  const known = new WeakMap<Limits, CheckedLimits>();
  return (key, context) => {
    const own = limits(key, context);
    if (own === undefined) return usual;
    let checked = known.get(own);
    if (checked === undefined) {
      checked = checkLimits(`${name}.limits`, own);
      known.set(own, checked);
    }
    return checked;
  };
}
