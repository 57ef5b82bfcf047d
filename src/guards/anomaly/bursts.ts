import { ConfigError, DECISION_CODES, type DecisionCode } from '../../errors.ts';
import { knownOptions, numberOption } from '../../options.ts';
import { STALE_AFTER_MS, Z_FROM, Z_TO } from './deviation.ts';
import type { Factor } from './guard.ts';
import { mayTeach, wasTakenIn } from './learn.ts';
import { ramp } from './score.ts';
import { MAX_TENANTS, tenantStates } from './tenants.ts';
import { createWindow, robustZ, type ValueWindow } from './window.ts';

export interface RateSpikeOptions {
  /** Default `rate-spike`. */
  readonly id?: string;
  /** Length of a counting window in milliseconds, from 1,000 to 3,600,000. Default {@link RATE_WINDOW_MS}. */
  readonly windowMs?: number;
  /** Windows with accepted requests before it counts, from 3 to 64. Default {@link RATE_WARM_UP}. */
  readonly warmUp?: number;
  /** Requests per window: a smaller spread counts as this. Default {@link RATE_MIN_SPREAD}. */
  readonly minSpread?: number;
  /** Tenants remembered at most, from 1 on. Default {@link MAX_TENANTS}. */
  readonly maxTenants?: number;
}

/** Milliseconds in which requests are counted together. */
export const RATE_WINDOW_MS = 60_000;

/** Windows with accepted requests before a spike counts. */
export const RATE_WARM_UP = 8;

/** Requests per window that the spread of a tenant's rate is taken for at least. */
export const RATE_MIN_SPREAD = 10;

/** Share of the usual rate that its spread is taken for at least: three quarters more than usual are no spike. */
export const RATE_MIN_RELATIVE_SPREAD = 0.25;

interface Rate {
  readonly usual: ValueWindow;
  window: number;
  taken: number;
  accepted: number;
  taughtAt: number;
}

/**
 * How far the requests of this window exceed what the tenant usually sends in one: robust z-score against its last 64
 * windows that held accepted requests. Windows without any are left out, or every batch of a tenant that sends hourly
 * would be a spike. Counts what was taken in before; only accepted requests become part of what is usual.
 * Memory: 1 kB per tenant. Time: constant.
 *
 * @throws {ConfigError} for options that are not valid.
 *
 * @example
 * anomaly({ factors: [rateSpike({ windowMs: 10_000 })] });
 */
export function rateSpike(options: RateSpikeOptions = {}): Factor {
  knownOptions('rateSpike', options, ['id', 'windowMs', 'warmUp', 'minSpread', 'maxTenants']);
  const whole = { integer: true } as const;
  const windowMs = numberOption('rateSpike.windowMs', options.windowMs, RATE_WINDOW_MS, {
    min: 1_000,
    max: 3_600_000,
    ...whole,
  });
  const warmUp = numberOption('rateSpike.warmUp', options.warmUp, RATE_WARM_UP, { min: 3, max: 64, ...whole });
  const minSpread = numberOption('rateSpike.minSpread', options.minSpread, RATE_MIN_SPREAD, { min: 1 });
  const maxTenants = numberOption('rateSpike.maxTenants', options.maxTenants, MAX_TENANTS, { min: 1, ...whole });
  const fresh = (): Rate => ({ usual: createWindow(), window: 0, taken: 0, accepted: 0, taughtAt: 0 });
  const rates = tenantStates<Rate>(fresh, maxTenants);
  const isStale = (rate: Rate, now: number): boolean => rate.taughtAt > 0 && now - rate.taughtAt > STALE_AFTER_MS;

  return {
    id: options.id ?? 'rate-spike',
    score(_exchange, { tenant, now }) {
      const rate = rates.peek(tenant);
      if (rate === undefined || rate.usual.size < warmUp) return 0;
      if (Math.floor(now / windowMs) !== rate.window) return 0;
      const spread = Math.max(minSpread, RATE_MIN_RELATIVE_SPREAD * rate.usual.median());
      return ramp(robustZ(rate.taken, rate.usual, spread), Z_FROM, Z_TO);
    },
    learn(_exchange, decision, { tenant, now }) {
      if (!wasTakenIn(decision)) return;
      const known = rates.peek(tenant);
      if (known !== undefined && isStale(known, now)) rates.forget(tenant);
      const rate = rates.touch(tenant);
      const window = Math.floor(now / windowMs);
      if (window > rate.window) {
        if (rate.accepted > 0) rate.usual.push(rate.accepted);
        rate.window = window;
        rate.taken = 0;
        rate.accepted = 0;
      }
      rate.taken++;
      if (!mayTeach(decision)) return;
      rate.accepted++;
      rate.taughtAt = Math.max(rate.taughtAt, now);
    },
  };
}

export interface FailureBurstOptions {
  /** Default `failure-burst`. */
  readonly id?: string;
  /** Codes of decisions that count as a failure. Default {@link SIGNATURE_FAILURES}. */
  readonly codes?: readonly DecisionCode[];
  /** Milliseconds in which the count falls to half, from 1,000 on. Default {@link FAILURE_HALF_LIFE_MS}. */
  readonly halfLifeMs?: number;
  /** Failures, each less the older it is, from which on they count. Default {@link FAILURES_FROM}. */
  readonly from?: number;
  /** Failures that are extreme; more than `from`. Default {@link FAILURES_TO}. */
  readonly to?: number;
  /** Tenants remembered at most, from 1 on. Default {@link MAX_TENANTS}. */
  readonly maxTenants?: number;
}

/** Decisions that say that a signature was wrong. */
export const SIGNATURE_FAILURES: readonly DecisionCode[] = Object.freeze(['PTC_D303']);

/** Milliseconds in which the weight of a failure falls to half. */
export const FAILURE_HALF_LIFE_MS = 60_000;

/** Weighted failures from which on a burst counts: a client with an old key makes a few. */
export const FAILURES_FROM = 5;

/** Weighted failures at which a burst is extreme. */
export const FAILURES_TO = 20;

/**
 * Whether requests in a tenant's name failed a check lately: an exponentially decaying count of decisions with one of
 * the codes. Such requests end before the anomaly guard, so it counts what the gate tells every guard that has
 * `record`. Memory: two numbers per tenant. Time: constant.
 *
 * Failures cost their sender nothing but a name: on its own this factor must only alert, and does.
 *
 * @throws {ConfigError} for options that are not valid.
 *
 * @example
 * const guard = anomaly({ factors: [failureBurst()] });
 * createGate({ guards: [signature({ keys }), guard] });
 */
export function failureBurst(options: FailureBurstOptions = {}): Factor {
  knownOptions('failureBurst', options, ['id', 'codes', 'halfLifeMs', 'from', 'to', 'maxTenants']);
  const { codes = SIGNATURE_FAILURES } = options;
  if (!Array.isArray(codes) || codes.length === 0 || !codes.every((code) => Object.hasOwn(DECISION_CODES, code))) {
    throw new ConfigError('PTC_E002', 'failureBurst.codes', codes, 'give decision codes of the table, PTC_D…');
  }
  const halfLifeMs = numberOption('failureBurst.halfLifeMs', options.halfLifeMs, FAILURE_HALF_LIFE_MS, { min: 1_000 });
  const from = numberOption('failureBurst.from', options.from, FAILURES_FROM, { min: 0 });
  const to = numberOption('failureBurst.to', options.to, FAILURES_TO, { min: 1 });
  if (to <= from) throw new ConfigError('PTC_E003', 'failureBurst.to', to, `give a number above ${from}`);
  const maxTenants = numberOption('failureBurst.maxTenants', options.maxTenants, MAX_TENANTS, {
    min: 1,
    integer: true,
  });
  const bursts = tenantStates<{ count: number; at: number }>(() => ({ count: 0, at: 0 }), maxTenants);
  const decayed = ({ count, at }: { count: number; at: number }, now: number): number =>
    count * 2 ** (-Math.max(0, now - at) / halfLifeMs);

  return {
    id: options.id ?? 'failure-burst',
    score(_exchange, { tenant, now }) {
      const burst = bursts.peek(tenant);
      return burst === undefined ? 0 : ramp(decayed(burst, now), from, to);
    },
    record({ tenant, at, code, wouldBe }) {
      const failed = [code, wouldBe.code].some((one) => one !== undefined && codes.includes(one));
      if (!failed) return;
      const burst = bursts.touch(tenant);
      burst.count = decayed(burst, at) + 1;
      burst.at = Math.max(burst.at, at);
    },
  };
}
