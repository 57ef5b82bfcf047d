import { ConfigError } from '../errors.ts';
import { knownOptions, numberOption } from '../options.ts';
import { DEFAULT_PCS_POLICY, type PcsPolicy } from './policy.ts';

/** The policy of a tenant, `undefined` being nobody. */
export type PolicyOf = (tenant: string | undefined) => PcsPolicy;

const MAGNITUDE = 1e6;

/**
 * Turns a `policy` option into a function from tenant to policy. A policy is checked once: a fixed one here, one
 * that a function returns when it is first seen.
 *
 * @throws {ConfigError} naming the number that is missing or not finite; the returned function throws it too.
 */
export function policyOption(option: string, value: PcsPolicy | PolicyOf | undefined): PolicyOf {
  if (value === undefined) return () => DEFAULT_PCS_POLICY;
  if (typeof value !== 'function') {
    const policy = Object.freeze({ ...checkPolicy(option, value) });
    return () => policy;
  }
  const checked = new WeakSet<PcsPolicy>();
  return (tenant) => {
    const policy = value(tenant);
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
    const value = numberOption(`${option}.${name}`, policy[name], Number.NaN, { min: -MAGNITUDE, max: MAGNITUDE });
    if (Number.isNaN(value)) throw new ConfigError('PTC_E001', `${option}.${name}`, undefined, 'give a number');
  }
  return policy;
}
