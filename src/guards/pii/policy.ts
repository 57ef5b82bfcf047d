import { ConfigError } from '../../errors.ts';
import { functionOption, knownOptions, wordOption } from '../../options.ts';
import { type AllowList, type Allows, allowList } from './allow-list.ts';
import { checkTypes, createScanner, type Scanner } from './scanner.ts';
import type { PiiType } from './types.ts';

/** What happens to personal data: it is reported, refused, or replaced. */
export type PiiMode = 'detect' | 'block' | 'redact';

export const PII_MODES: readonly PiiMode[] = Object.freeze(['detect', 'block', 'redact']);
/** The mode of a guard that names none. */
export const DEFAULT_PII_MODE: PiiMode = 'detect';

/** What may differ from tenant to tenant. */
export interface PiiPolicy {
  /** Default {@link DEFAULT_PII_MODE}. */
  readonly mode?: PiiMode;
  /** What to look for. Default `credit_card`, `email`, `phone`, `ssn`. */
  readonly types?: readonly PiiType[];
  /** Values and e-mail domains that are let be. Default none. */
  readonly allow?: AllowList;
}

export type PiiPolicyOf = (tenant: string | undefined) => PiiPolicy | undefined;

/** A policy, checked, with its scanner. */
export interface ReadyPolicy {
  readonly mode: PiiMode;
  readonly scanner: Scanner;
  readonly allows: Allows;
}

const POLICY_OPTIONS = ['mode', 'types', 'allow'] as const satisfies readonly (keyof PiiPolicy)[];

/**
 * Turns a tenant into its policy, checked once per policy object and put over the guard's own. Scanners are shared: there
 * are no more of them than sets of types.
 *
 * @throws {ConfigError} at once for the guard's own policy; when asked, for a tenant's that is not valid.
 */
export function policyBook(
  own: PiiPolicy,
  policyOf: PiiPolicyOf | undefined,
): (tenant: string | undefined) => ReadyPolicy {
  const scanners = new Map<string, Scanner>();
  const ready = new WeakMap<PiiPolicy, ReadyPolicy>();

  function prepare(option: string, policy: PiiPolicy): ReadyPolicy {
    const types = checkTypes(`${option}.types`, policy.types);
    const key = types.join();
    const scanner = scanners.get(key) ?? createScanner({ types });
    scanners.set(key, scanner);
    return {
      mode: wordOption(`${option}.mode`, policy.mode, DEFAULT_PII_MODE, PII_MODES),
      scanner,
      allows: policy.allow === undefined ? allowsNothing : allowList(`${option}.allow`, policy.allow),
    };
  }

  const fallback = prepare('pii', own);
  if (policyOf === undefined) return () => fallback;
  functionOption('pii.policy', policyOf, 'give a function from tenant to policy');
  return (tenant) => {
    const policy = policyOf(tenant);
    if (policy === undefined) return fallback;
    if (typeof policy !== 'object' || policy === null) {
      throw new ConfigError('PTC_E002', 'pii.policy()', policy, 'return an object or undefined');
    }
    let found = ready.get(policy);
    if (found === undefined) {
      knownOptions('pii.policy()', policy, POLICY_OPTIONS);
      found = prepare('pii.policy()', { ...own, ...policy });
      ready.set(policy, found);
    }
    return found;
  };
}

const allowsNothing: Allows = () => false;
