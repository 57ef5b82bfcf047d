import { ConfigError } from '../errors.ts';
import { knownOptions, type NumberRange, numberOption } from '../options.ts';
import type { TenantRequest } from '../tenancy/pin.ts';
import { DEFAULT_PCS_POLICY, type PcsPolicy } from './policy.ts';

/**
 * The policy of a tenant, `undefined` being nobody. Told of a request, by its context or its decision, it gives the one that
 * the request began with.
 */
export type PolicyOf = (tenant: string | undefined, request?: TenantRequest) => PcsPolicy;

const MAGNITUDE = 1e6;
const TOLERANCE: NumberRange = { min: 0, max: MAGNITUDE };
const SCORE: NumberRange = { min: 0, max: 1 };

/** Where a number has a narrower range than the rest. */
const RANGES: { readonly [name in keyof PcsPolicy]?: NumberRange } = {
  tolD: TOLERANCE,
  tolCoh: TOLERANCE,
  tolBudget: TOLERANCE,
  anomalyAlert: SCORE,
  anomalyEscalate: SCORE,
};
const ANY: NumberRange = { min: -MAGNITUDE, max: MAGNITUDE };

/**
 * Turns a `policy` option into a function from tenant to policy. A policy is checked once: a fixed one here, one
 * that a function returns when it is first seen.
 *
 * @throws {ConfigError} naming the number that is missing, not finite or out of its range; the returned function throws it too.
 */
export function policyOption(option: string, value: PcsPolicy | PolicyOf | undefined): PolicyOf {
  if (value === undefined) return () => DEFAULT_PCS_POLICY;
  if (typeof value !== 'function') {
    const policy = Object.freeze({ ...checkPolicy(option, value) });
    return () => policy;
  }
  const checked = new WeakSet<PcsPolicy>();
  return (tenant, request) => {
    const policy = value(tenant, request);
    if (checked.has(policy)) return policy;
    checkPolicy(option, policy);
    checked.add(policy);
    return policy;
  };
}

function checkPolicy(option: string, policy: PcsPolicy): PcsPolicy {
  if (typeof policy !== 'object' || policy === null) {
    throw new ConfigError('PTC_E002', option, policy, 'give a policy, such as { ...DEFAULT_PCS_POLICY, tolD: 0.1 }');
  }
  const names = Object.keys(DEFAULT_PCS_POLICY) as (keyof PcsPolicy)[];
  knownOptions(option, policy, names);
  for (const name of names) {
    const value = numberOption(`${option}.${name}`, policy[name], Number.NaN, RANGES[name] ?? ANY);
    if (Number.isNaN(value)) throw new ConfigError('PTC_E001', `${option}.${name}`, undefined, 'give a number');
  }
  for (const [low, high] of [
    ['minD', 'maxD'],
    ['anomalyAlert', 'anomalyEscalate'],
  ] as const) {
    if (policy[low] > policy[high]) {
      throw new ConfigError('PTC_E003', `${option}.${low}`, policy[low], `give a number that is not above ${high}`);
    }
  }
  return policy;
}
