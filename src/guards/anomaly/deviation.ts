import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import type { GuardContext } from '../../guard.ts';
import { functionOption, knownOptions, numberOption } from '../../options.ts';
import type { Factor } from './guard.ts';
import { mayTeach } from './learn.ts';
import { ramp } from './score.ts';
import { MAX_TENANTS, tenantStates } from './tenants.ts';
import { createWindow, robustZ, type ValueWindow, WINDOW_SIZE } from './window.ts';

/** A number of a request that a tenant has a habit of. */
export interface Signal {
  /** The number, or `undefined` where the request has none. */
  readonly value: (exchange: Exchange, context: GuardContext) => number | undefined;
  /** A spread (one robust standard deviation) below this counts as this, in the signal's unit: a tenant whose values
   *  hardly vary is not held to their noise. More than 0. */
  readonly minSpread: number;
}

export interface DeviationOptions {
  /** 1 to {@link MAX_SIGNALS}. */
  readonly signals: readonly Signal[];
  /** Default `deviation`. */
  readonly id?: string;
  /** Accepted requests of a tenant before it counts, from 8 to {@link WINDOW_SIZE}. Default {@link WARM_UP}. */
  readonly warmUp?: number;
  /** Tenants remembered at most, from 1 on. Default {@link MAX_TENANTS}. */
  readonly maxTenants?: number;
}

/** Accepted requests of a tenant before deviation from them counts. */
export const WARM_UP = 32;

/** Robust standard deviations from which on a value counts: the cut of Iglewicz and Hoaglin (1993). */
export const Z_FROM = 3.5;

/** Robust standard deviations at which a value is extreme. */
export const Z_TO = 7;

/** Milliseconds after which a baseline that has learned nothing starts over: nobody stays suspect for ever. */
export const STALE_AFTER_MS = 86_400_000;

/** Signals of one factor at most. */
export const MAX_SIGNALS = 8;

const OPTIONS = ['signals', 'id', 'warmUp', 'maxTenants'] as const;

interface Baseline {
  readonly windows: readonly ValueWindow[];
  taught: number;
  taughtAt: number;
}

/**
 * How far a request lies from its tenant's own last {@link WINDOW_SIZE} accepted ones, by the signal that lies farthest:
 * robust z-score |x - median| / max(1.4826 MAD, minSpread), 0 up to {@link Z_FROM}, 1 from {@link Z_TO} on.
 *
 * One factor for all signals, not one each: a tenant whose data really change moves several at once, and two extreme
 * factors escalate. So a change of habit alone only alerts; such requests are accepted, teach, and become the habit.
 * Memory: 1 kB per signal and tenant. Time: O({@link WINDOW_SIZE}) per signal.
 *
 * @throws {ConfigError} for options that are not valid.
 *
 * @example
 * deviation({ signals: [{ value: (exchange) => exchange.bytes().length, minSpread: 200 }] });
 */
export function deviation(options: DeviationOptions): Factor {
  knownOptions('deviation', options ?? {}, OPTIONS);
  const { id = 'deviation' } = options ?? {};
  const signals = checkSignals(options?.signals);
  const warmUp = numberOption('deviation.warmUp', options.warmUp, WARM_UP, { min: 8, max: WINDOW_SIZE, integer: true });
  const maxTenants = numberOption('deviation.maxTenants', options.maxTenants, MAX_TENANTS, { min: 1, integer: true });
  const baselines = tenantStates<Baseline>(
    () => ({ windows: signals.map(() => createWindow()), taught: 0, taughtAt: 0 }),
    maxTenants,
  );
  const isStale = (baseline: Baseline, now: number): boolean => now - baseline.taughtAt > STALE_AFTER_MS;

  return {
    id,
    score(exchange, context) {
      const baseline = baselines.peek(context.tenant);
      if (baseline === undefined || baseline.taught < warmUp || isStale(baseline, context.now)) return 0;
      let farthest = 0;
      signals.forEach(({ value, minSpread }, index) => {
        const found = value(exchange, context);
        const window = baseline.windows[index];
        if (found === undefined || window === undefined) return;
        // The spread is at least this, whatever it is: near the median it need not be known, which takes a look at all values.
        if (Math.abs(found - window.median()) / minSpread <= Z_FROM) return;
        farthest = Math.max(farthest, ramp(Math.abs(robustZ(found, window, minSpread)), Z_FROM, Z_TO));
      });
      return farthest;
    },
    learn(exchange, decision, context) {
      if (!mayTeach(decision)) return;
      const values = signals.map(({ value }) => value(exchange, context));
      if (!values.every((value): value is number => Number.isFinite(value))) return;
      const known = baselines.peek(context.tenant);
      if (known !== undefined && isStale(known, context.now)) baselines.forget(context.tenant);
      const baseline = baselines.touch(context.tenant);
      baseline.taught++;
      baseline.taughtAt = Math.max(baseline.taughtAt, context.now);
      values.forEach((value, index) => {
        baseline.windows[index]?.push(value);
      });
    },
  };
}

function checkSignals(signals: unknown): readonly Signal[] {
  if (!Array.isArray(signals) || signals.length === 0 || signals.length > MAX_SIGNALS) {
    const code = signals === undefined ? 'PTC_E001' : 'PTC_E002';
    throw new ConfigError(code, 'deviation.signals', signals, `give an array of 1 to ${MAX_SIGNALS} signals`);
  }
  return signals.map((signal: Partial<Signal> | undefined, index) => {
    const where = `deviation.signals[${index}]`;
    const value = functionOption(`${where}.value`, signal?.value, 'give a function from exchange to number');
    const minSpread = numberOption(`${where}.minSpread`, signal?.minSpread, 0);
    if (!(minSpread > 0)) throw new ConfigError('PTC_E003', `${where}.minSpread`, minSpread, 'give a number above 0');
    return { value, minSpread } as Signal;
  });
}
