import { ConfigError } from '../errors.ts';
import type { GuardContext } from '../guard.ts';
import { failureBurst, rateSpike } from '../guards/anomaly/bursts.ts';
import { deviation, type Signal } from '../guards/anomaly/deviation.ts';
import { type AnomalyGuard, anomaly, type Factor } from '../guards/anomaly/guard.ts';
import { noisyOr, ramp } from '../guards/anomaly/score.ts';
import { knownOptions, wordOption } from '../options.ts';
import type { PcsPolicy } from './policy.ts';
import { type PolicyOf, policyOption } from './policy-option.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';
import { regimeOf } from './regime.ts';

/** The fields of a record that a score is computed from. */
export type PcsSignals = Pick<PcsRecord, 'D_hat' | 'coh_star' | 'r' | 'regime'>;

export interface PcsAnomalyOptions {
  /** Thresholds and the bounds of the regimes, fixed or by tenant. Default {@link DEFAULT_PCS_POLICY}. */
  readonly policy?: PcsPolicy | PolicyOf;
  /** Default `v2`; `v1` is there to compare with. */
  readonly formula?: 'v1' | 'v2';
  /** Whether the factors that learn a tenant's habits are added. Default: true for `v2`; `v1` cannot have them. */
  readonly adaptive?: boolean;
}

/** Least spread (one robust standard deviation) of D_hat: the contract accepts a D_hat that is off by 0.15. */
export const MIN_SPREAD_D = 0.15;

/** Least spread of coh_star: the contract lets it exceed 1 by 0.05. */
export const MIN_SPREAD_COH = 0.05;

/** Least spread of r, a ratio of compressed sizes. */
export const MIN_SPREAD_R = 0.05;

/**
 * The guard `anomaly` for PCS: {@link anomalyScoreV2} (or v1) of the record, and with it the tenant's own habits:
 * how far D_hat, coh_star and r lie from its last records, a spike of its rate, a burst of wrong signatures in its
 * name. Thresholds are the policy's. Needs the fact `pcs` of the format guard: without a record only the habits count.
 *
 * @throws {ConfigError} for options that are not valid, and for adaptive factors with formula `v1`.
 *
 * @example
 * const guard = pcsAnomaly();
 * const gate = createGate({ guards: [pcsFormat(), pcsSanity(), guard] });
 */
export function pcsAnomaly(options: PcsAnomalyOptions = {}): AnomalyGuard {
  knownOptions('pcsAnomaly', options, ['policy', 'formula', 'adaptive']);
  const policyOf = policyOption('pcsAnomaly.policy', options.policy);
  const formula = wordOption('pcsAnomaly.formula', options.formula, 'v2', ['v1', 'v2']);
  const { adaptive = formula === 'v2' } = options;
  if (typeof adaptive !== 'boolean' || (adaptive && formula === 'v1')) {
    throw new ConfigError(
      typeof adaptive === 'boolean' ? 'PTC_E003' : 'PTC_E002',
      'pcsAnomaly.adaptive',
      adaptive,
      'give false, or true with formula v2',
    );
  }
  const factors = (formula === 'v1' ? TERMS_V1 : FACTORS_V2).map(
    ({ id, pointer, of }): Factor => ({
      id,
      pointer,
      score(_exchange, context) {
        const record = recordOf(context);
        return record === undefined ? 0 : of(record, policyOf(context.tenant, context));
      },
    }),
  );
  return anomaly({
    factors: adaptive ? [...factors, deviation({ signals: SIGNALS }), rateSpike(), failureBurst()] : factors,
    combine: formula === 'v1' ? sum : noisyOr(),
    alert: (tenant, context) => policyOf(tenant, context).anomalyAlert,
    escalate: (tenant, context) => policyOf(tenant, context).anomalyEscalate,
  });
}

/**
 * Formula v1: 0.30 extreme D + 0.25 (coh - 0.8)(D - 2.5) + 0.20 extreme r + 0.25 · 0.4 where the claimed regime is not
 * the computed one. Not clamped. Inside the sanity bounds it is at most 0.30 + 0.0625 + 0.20 + 0.10 = 0.6625, so a
 * threshold of 0.8 never fires; that is why there is a v2.
 *
 * @example
 * anomalyScoreV1({ D_hat: 0.25, coh_star: 0.2, r: 0.5, regime: 'mixed' }, DEFAULT_PCS_POLICY); // 0.15
 */
export function anomalyScoreV1(record: PcsSignals, policy: PcsPolicy): number {
  return sum(TERMS_V1.map(({ of }) => of(record, policy)));
}

/**
 * Formula v2, 0..1. Four factors, each 0..1 and each able to reach 1 inside the sanity bounds, combined by a noisy-or:
 *
 * - extreme D: from 0 at 0.5 to 1 at 0, and from 0 at 2.8 to 1 at 3.5
 * - coherence conflict, because what lies along lines does not fill space: coherence from 0 at 0.8 to 1 at 1,
 *   times D from 0 at 2.5 to 1 at 3
 * - extreme r: from 0 at 0.1 to 1 at 0, and from 0 at 0.95 to 1 at 1
 * - regime mismatch: 1 where the claimed regime is not the computed one
 *
 * `(1 - Π (1 - 0.6 f)) / (1 - 0.4⁴)`: one factor at 1 makes 0.6158, two 0.8621, three 0.9606, four 1 (D 3.5, coherence
 * 1, r 0 or 1, regime not `non_sticky`). Never falls when a factor rises; {@link noisyOr} has the reasoning.
 *
 * @example
 * anomalyScoreV2({ D_hat: 0, coh_star: 0.2, r: 0.5, regime: 'mixed' }, DEFAULT_PCS_POLICY); // 0.6157...
 */
export function anomalyScoreV2(record: PcsSignals, policy: PcsPolicy): number {
  return noisyOr()(FACTORS_V2.map(({ of }) => of(record, policy)));
}

interface SignalFactor {
  readonly id: string;
  readonly pointer: string;
  readonly of: (record: PcsSignals, policy: PcsPolicy) => number;
}

/** With their weights. None is negative, so clamping each and then their sum is the same as clamping the sum. */
const TERMS_V1: readonly SignalFactor[] = [
  {
    id: 'extreme-d',
    pointer: '/D_hat',
    of: ({ D_hat: d }) => 0.3 * (d < 0.5 ? (0.5 - d) / 0.5 : d > 2.8 ? (d - 2.8) / 0.7 : 0),
  },
  {
    id: 'coherence-conflict',
    pointer: '/coh_star',
    of: ({ coh_star: coh, D_hat: d }) => (coh > 0.8 && d > 2.5 ? 0.25 * (coh - 0.8) * (d - 2.5) : 0),
  },
  {
    id: 'extreme-r',
    pointer: '/r',
    of: ({ r }) => 0.2 * (r < 0.1 ? (0.1 - r) / 0.1 : r > 0.95 ? (r - 0.95) / 0.05 : 0),
  },
  {
    id: 'regime-mismatch',
    pointer: '/regime',
    of: (record, policy) => (isMismatch(record, policy) ? 0.25 * 0.4 : 0),
  },
];

const FACTORS_V2: readonly SignalFactor[] = [
  {
    id: 'extreme-d',
    pointer: '/D_hat',
    of: ({ D_hat: d }) => Math.max(ramp(d, 0.5, 0), ramp(d, 2.8, 3.5)),
  },
  {
    id: 'coherence-conflict',
    pointer: '/coh_star',
    of: ({ coh_star: coh, D_hat: d }) => ramp(coh, 0.8, 1) * ramp(d, 2.5, 3),
  },
  {
    id: 'extreme-r',
    pointer: '/r',
    of: ({ r }) => Math.max(ramp(r, 0.1, 0), ramp(r, 0.95, 1)),
  },
  {
    id: 'regime-mismatch',
    pointer: '/regime',
    of: (record, policy) => (isMismatch(record, policy) ? 1 : 0),
  },
];

function isMismatch({ regime, D_hat, coh_star }: PcsSignals, policy: PcsPolicy): boolean {
  return regime !== regimeOf(D_hat, coh_star, policy);
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}

function recordOf({ facts }: GuardContext): PcsRecord | undefined {
  return facts[PCS_FACT] as PcsRecord | undefined;
}

const SIGNALS: readonly Signal[] = [
  { value: (_exchange, context) => recordOf(context)?.D_hat, minSpread: MIN_SPREAD_D },
  { value: (_exchange, context) => recordOf(context)?.coh_star, minSpread: MIN_SPREAD_COH },
  { value: (_exchange, context) => recordOf(context)?.r, minSpread: MIN_SPREAD_R },
];
