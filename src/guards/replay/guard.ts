import { isThenable } from '../../contain.ts';
import type { Decision } from '../../decide.ts';
import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Guard, type GuardContext, type OnError, PASS, type Verdict } from '../../guard.ts';
import { functionOption, knownOptions, numberOption, wordOption } from '../../options.ts';
import { memoryReplayStore } from './memory-store.ts';
import type { Claim, ReplayStore, StoredAnswer } from './store.ts';

/** Name of the guard, of its stage and of its label in metrics. */
export const REPLAY_GUARD = 'replay';
/** Milliseconds for which an accepted request is remembered: 14 days. */
export const DEFAULT_TTL_MS = 1_209_600_000;
/** Headers that tell of the moment of the first request and would be untrue of a later one. */
export const MOMENTARY_HEADERS: readonly string[] = Object.freeze([
  'date',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
]);

export interface ReplayOptions {
  /** What makes a request the same one again, tenant included; `undefined` where nothing is remembered. */
  readonly key: (exchange: Exchange, context: GuardContext) => string | undefined;
  /** Default: a {@link memoryReplayStore} of the guard's own. */
  readonly store?: ReplayStore;
  /** Milliseconds for which an accepted request is remembered. Default {@link DEFAULT_TTL_MS}. */
  readonly ttlMs?: number;
  /** The answer to keep. Default: the decision's own; {@link MOMENTARY_HEADERS} are left out. */
  readonly respond?: (decision: Decision) => StoredAnswer;
  /** How long a request may wait for another one with the same body, in milliseconds. Default: as every guard. */
  readonly deadlineMs?: number;
  /** What a failing store means. Default `closed`. */
  readonly onError?: OnError;
}

const OPTIONS = [
  'key',
  'store',
  'ttlMs',
  'respond',
  'deadlineMs',
  'onError',
] as const satisfies readonly (keyof ReplayOptions)[];

/** What a request holds between `inspect` and `settle`. */
interface Held {
  readonly key: string;
  digest: string | undefined;
  claim: Claim['kind'] | undefined;
  /** Set by `settle`: whatever arrives after it is nobody's any more. */
  settled: boolean;
}

/**
 * Answers a request that was accepted before with the first answer, byte for byte, and lets one of several equal ones
 * through at a time. The same key with another body is flagged and goes on: its answer is its own. What was refused is
 * not remembered. An accepted request whose answer only the application knows is refused the second time, with 409.
 * Work is one SHA-256 of the body and one lookup.
 *
 * @throws {ConfigError} if an option is missing, unknown or out of range.
 *
 * @example
 * const once = replay({
 *   key: (exchange, { tenant }) => {
 *     const id = exchange.header('idempotency-key');
 *     return id === undefined ? undefined : `${tenant}|${exchange.method}|${exchange.path}|${id}`;
 *   },
 * });
 */
export function replay(options: ReplayOptions): Guard {
  const { key: keyOf, store, ttlMs, respond, ...rest } = checkOptions(options);
  const held = new WeakMap<Exchange, Held>();

  return defineGuard({
    name: REPLAY_GUARD,
    reads: 'body',
    defaultStage: 'enforce',
    ...rest,
    inspect(exchange, context) {
      const key = keyOf(exchange, context);
      if (key === undefined) return PASS;
      const mine: Held = { key, digest: undefined, claim: undefined, settled: false };
      held.set(exchange, mine);
      return chain(exchange.digest(), (digest) => {
        if (mine.settled) return PASS;
        mine.digest = digest;
        return chain(store.claim(key, digest, context.now), (claim) => {
          if (mine.settled) {
            // The gate went on without this guard; what it would now hold, nobody would give back.
            return claim.kind === 'new' ? chain(store.release(key, digest), () => PASS) : PASS;
          }
          mine.claim = claim.kind;
          return verdictOf(claim);
        });
      });
    },
    settle(exchange, decision, context) {
      const mine = held.get(exchange);
      if (mine === undefined) return;
      held.delete(exchange);
      mine.settled = true;
      const { key, digest, claim } = mine;
      if (digest === undefined || (claim !== 'new' && claim !== 'other-body')) return;
      if (decision.outcome !== 'allow' && decision.outcome !== 'escalate') {
        return claim === 'new' ? store.release(key, digest) : undefined;
      }
      let answer: StoredAnswer;
      try {
        answer = lasting(respond(decision));
      } catch (error) {
        const refuse = (): never => {
          throw error;
        };
        return claim === 'new' ? chain(store.release(key, digest), refuse) : refuse();
      }
      return store.commit(key, digest, answer, context.now, ttlMs);
    },
  });
}

/** Goes on at once where there is nothing to wait for. */
function chain<T, U>(value: T | Promise<T>, then: (value: T) => U | Promise<U>): U | Promise<U> {
  return isThenable(value) ? value.then(then) : then(value);
}

function verdictOf(claim: Claim): Verdict {
  switch (claim.kind) {
    case 'new':
      return PASS;
    case 'stored': {
      const { answer } = claim;
      return answer === undefined
        ? { kind: 'deny', code: 'PTC_D703' }
        : { kind: 'answer', code: 'PTC_D701', response: answer };
    }
    case 'other-body':
      return { kind: 'flag', code: 'PTC_D702' };
    default:
      return { kind: 'error', code: 'PTC_D801' };
  }
}

/** A copy that nobody else holds, without what was true only then. */
function lasting(answer: StoredAnswer): StoredAnswer {
  if (answer === undefined) return undefined;
  const headers = Object.entries(answer.headers).filter(([name]) => !MOMENTARY_HEADERS.includes(name.toLowerCase()));
  return Object.freeze({
    status: answer.status,
    headers: Object.freeze(Object.fromEntries(headers)),
    body: answer.body,
  });
}

function checkOptions(
  options: ReplayOptions,
): Required<Pick<ReplayOptions, 'key' | 'store' | 'ttlMs' | 'respond' | 'onError'>> &
  Pick<ReplayOptions, 'deadlineMs'> {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', REPLAY_GUARD, options, 'give an object with key');
  }
  knownOptions(REPLAY_GUARD, options, OPTIONS);
  const { store = memoryReplayStore(), respond = ownResponse, deadlineMs } = options;
  for (const method of ['claim', 'commit', 'release'] as const) {
    functionOption(
      `replay.store.${method}`,
      (store as ReplayStore | null)?.[method],
      'give a store such as memoryReplayStore()',
    );
  }
  return {
    key: functionOption('replay.key', options.key, 'give a function from exchange and context to a key'),
    store,
    ttlMs: numberOption('replay.ttlMs', options.ttlMs, DEFAULT_TTL_MS, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    respond: functionOption('replay.respond', respond, 'give a function from decision to response or undefined'),
    onError: wordOption('replay.onError', options.onError, 'closed', ['closed', 'open']),
    ...(deadlineMs !== undefined && { deadlineMs }),
  };
}

function ownResponse(decision: Decision): StoredAnswer {
  return decision.response;
}
