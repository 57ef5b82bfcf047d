import type { Budget } from './budget.ts';
import type { Decision } from './decide.ts';
import type { DecisionCode } from './errors.ts';
import { ConfigError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { functionOption, numberOption, wordOption } from './options.ts';
import type { Patch } from './patch.ts';

/** Where a finding is. Offsets are UTF-16 code units inside the decoded value, end exclusive. */
export type Place =
  | { readonly in: 'body'; readonly pointer: string; readonly start?: number; readonly end?: number }
  | { readonly in: 'header'; readonly name: string; readonly start?: number; readonly end?: number }
  | { readonly in: 'query'; readonly start?: number; readonly end?: number };

/** One match of a rule. It never holds the matched value. */
export interface Finding {
  /** Stable id, `family/rule`: `pii/email`, `sanity/nj-monotonic`. */
  readonly rule: string;
  readonly place: Place;
  /** 0..1: how sure, or how bad. */
  readonly score: number;
}

/** Values a guard computed and vouches for, for later guards and the application: `recomputed_D_hat`, `beta`. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * An answer that is already known, byte for byte. Headers that frame or carry a message (`content-length`,
 * `transfer-encoding`, `connection` and the like) are not its own: whatever sends it sets them.
 */
export interface KnownResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface VerdictParts {
  readonly findings?: readonly Finding[];
  readonly facts?: Facts;
  /** Headers for the answer, whatever it is, if the guard is enforced: `ratelimit`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one guard says. */
export type Verdict = VerdictParts &
  (
    | { readonly kind: 'pass' }
    /** Noteworthy, but no reason to refuse. */
    | { readonly kind: 'flag'; readonly code?: DecisionCode }
    /** Let through with parts of the body replaced. */
    | { readonly kind: 'redact'; readonly patches: readonly Patch[] }
    /** Taken in, but for a person to look at: 202. Does not end the walk. */
    | { readonly kind: 'escalate'; readonly code: DecisionCode }
    /** The answer is known from before. Ends the walk. */
    | { readonly kind: 'answer'; readonly code: DecisionCode; readonly response: KnownResponse }
    /** Too much; `retryAfterMs` is the true wait. Ends the walk. */
    | { readonly kind: 'throttle'; readonly code: DecisionCode; readonly retryAfterMs: number }
    /** Refused. `status` overrides the code's own. Ends the walk. */
    | { readonly kind: 'deny'; readonly code: DecisionCode; readonly status?: number; readonly detail?: string }
    /** The guard could not do its work; `onError` says what that means. */
    | { readonly kind: 'error'; readonly code: DecisionCode }
  );

export type VerdictKind = Verdict['kind'];

/** The verdict of a guard that has nothing to say. */
export const PASS: Verdict = Object.freeze({ kind: 'pass' });

/** What the gate tells a guard besides the exchange. */
export interface GuardContext {
  readonly tenant: string | undefined;
  /** Milliseconds since the epoch, read once per exchange from the gate's clock. */
  readonly now: number;
  /** Unique per exchange; becomes the decision's id. */
  readonly decisionId: string;
  /** What earlier guards established. */
  readonly facts: Facts;
  /** The body as it stands after the redactions that are in force so far. */
  currentBody(): Uint8Array;
}

export type OnError = 'closed' | 'open';

export interface Guard {
  /** Lower-case words joined by hyphens; unique in a gate; the label in metrics and answers. */
  readonly name: string;
  /** `body`: the gate reads the body before it calls `inspect`. Default `head`. */
  readonly reads?: 'head' | 'body';
  /** What a failure means: `closed` (503, the default) or `open` (let through, counted). */
  readonly onError?: OnError;
  /** How long `inspect` and `settle` may each be pending, in milliseconds. Default {@link DEFAULT_DEADLINE_MS}. */
  readonly deadlineMs?: number;
  /** The stage when the gate's options name none. Default `report-only`. */
  readonly defaultStage?: 'report-only' | 'enforce';
  /**
   * Another guard of the gate that this one is a part of: its stage holds for this one too, and a canary puts both on the
   * same side, unless the options name a stage for this one.
   */
  readonly stagedWith?: string;
  /** Latency budget that the bench and the metrics hold it to. */
  readonly budget?: Budget;
  /** Looks at the exchange. Must not throw for bad input, must not change the exchange, does not know its stage. */
  inspect(exchange: Exchange, context: GuardContext): Verdict | Promise<Verdict>;
  /**
   * Called exactly once for each exchange that `inspect` was called for, after the decision and before the
   * answer goes out; where a guard holds something (a claim, tokens, a record), it is kept or released here.
   */
  settle?(exchange: Exchange, decision: Decision, context: GuardContext): void | Promise<void>;
  /**
   * Told of every decision, as a sink is, also where the walk ended before this guard: for a guard that learns
   * from the refusals of others.
   */
  record?(decision: Decision): void | Promise<void>;
}

/** Milliseconds a guard may be pending before the gate goes on without it. */
export const DEFAULT_DEADLINE_MS = 2_000;

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Checks a guard's shape once and returns it frozen, with its defaults filled in.
 *
 * @throws {ConfigError} if the name, a method or an option is not valid.
 *
 * @example
 * const teapot = defineGuard({
 *   name: 'teapot',
 *   inspect: (exchange) =>
 *     exchange.path === '/coffee' ? { kind: 'deny', code: 'PTC_D411', status: 418 } : PASS,
 * });
 */
export function defineGuard(
  guard: Guard,
): Guard & Required<Pick<Guard, 'reads' | 'onError' | 'deadlineMs' | 'defaultStage'>> {
  if (typeof guard?.name !== 'string' || !NAME.test(guard.name)) {
    throw new ConfigError('PTC_E002', 'guard.name', guard?.name, 'give lower-case words joined by hyphens');
  }
  const at = (option: string): string => `${guard.name}.${option}`;
  functionOption(at('inspect'), guard.inspect, 'give a function from exchange to verdict');
  return Object.freeze({
    ...guard,
    reads: wordOption(at('reads'), guard.reads, 'head', ['head', 'body']),
    onError: wordOption(at('onError'), guard.onError, 'closed', ['closed', 'open']),
    deadlineMs: numberOption(at('deadlineMs'), guard.deadlineMs, DEFAULT_DEADLINE_MS, { min: 1, max: 60_000 }),
    defaultStage: wordOption(at('defaultStage'), guard.defaultStage, 'report-only', ['report-only', 'enforce']),
  });
}
