import type { GuardContext } from '../../guard.ts';
import { collectMistakes } from '../../mistakes.ts';
import { functionOption, knownOptions, wordOption } from '../../options.ts';
import { type AllowList, type Allows, allowList } from './allow-list.ts';
import type { CustomEngine } from './custom/engine.ts';
import { type CustomPattern, readyPatterns } from './custom/patterns.ts';
import type { Kit } from './kit.ts';
import { makeScanner, type Scanner, type ScannerOptions } from './scanner.ts';
import { checkThreshold, checkTypes } from './scanner-options.ts';
import { DEFAULT_PII_TYPES, PII_TYPES, type PiiType } from './types.ts';

/** What happens to personal data: it is reported, refused, or replaced. */
export type PiiMode = 'detect' | 'block' | 'redact';

export const PII_MODES: readonly PiiMode[] = Object.freeze(['detect', 'block', 'redact']);
/** The mode of a guard that names none. */
export const DEFAULT_PII_MODE: PiiMode = 'detect';

/** What may differ from tenant to tenant. */
export interface PiiPolicy {
  /** Default {@link DEFAULT_PII_MODE}. */
  readonly mode?: PiiMode;
  /** What to look for. Default {@link DEFAULT_PII_TYPES}. */
  readonly types?: readonly PiiType[];
  /** Values and e-mail domains that are let be. Default none. */
  readonly allow?: AllowList;
  /** Confidence from which a value counts, for all types or by type. Default the types' own. */
  readonly threshold?: ScannerOptions['threshold'];
  /** Patterns of one's own, in RE2 syntax; compiled once per policy object. Default none. */
  readonly patterns?: readonly CustomPattern[];
  /** What runs them: `re2Wasm()` of `portcullis/pii-re2`, or `re2js()` of `portcullis/pii-re2js`. Share one. */
  readonly engine?: CustomEngine;
}

export type PiiPolicyOf = (tenant: string | undefined, context: GuardContext) => PiiPolicy | undefined;

/** A policy, checked, with its scanner. */
export interface ReadyPolicy {
  readonly mode: PiiMode;
  readonly scanner: Scanner;
  readonly allows: Allows;
}

/** Names of the members of a policy. */
export const POLICY_OPTIONS: readonly (keyof PiiPolicy)[] = Object.freeze([
  'mode',
  'types',
  'allow',
  'threshold',
  'patterns',
  'engine',
]);

/**
 * Checks a policy before any request needs it.
 *
 * @throws {ConfigError} naming the member that cannot work.
 */
export function checkPiiPolicy(option: string, policy: PiiPolicy): void {
  const kit = { types: PII_TYPES, defaultTypes: DEFAULT_PII_TYPES };
  const mistakes = collectMistakes();
  mistakes.attempt(() => knownOptions(option, policy, POLICY_OPTIONS));
  if (typeof policy === 'object' && policy !== null) {
    // One by one, for each of them may be wrong.
    for (const name of ['mode', 'types', 'allow', 'threshold'] as const) {
      mistakes.attempt(() => checkValues(kit, option, { [name]: policy[name] }));
    }
    mistakes.attempt(() => readyPatterns(option, policy.patterns, policy.engine));
  }
  mistakes.raise();
}

function checkValues(
  kit: Pick<Kit, 'types' | 'defaultTypes'>,
  option: string,
  policy: PiiPolicy,
): {
  readonly mode: PiiMode;
  readonly types: readonly PiiType[];
  readonly allows: Allows;
  readonly threshold: Readonly<Partial<Record<PiiType, number>>>;
} {
  return {
    mode: wordOption(`${option}.mode`, policy.mode, DEFAULT_PII_MODE, PII_MODES),
    types: checkTypes(`${option}.types`, policy.types, kit),
    allows: policy.allow === undefined ? allowsNothing : allowList(`${option}.allow`, policy.allow),
    threshold: checkThreshold(`${option}.threshold`, policy.threshold),
  };
}

/**
 * Turns a tenant into its policy, checked once per policy object and put over the guard's own. Scanners are shared: there
 * are no more of them than sets of types.
 *
 * @param kit what its scanners are made of
 * @param options those of the guard, of which the members of a policy are taken
 * @throws {ConfigError} at once for the guard's own policy; when asked, for a tenant's that is not valid.
 */
export function policyBook(
  kit: Kit,
  options: PiiPolicy,
  policyOf: PiiPolicyOf | undefined,
): (tenant: string | undefined, context: GuardContext) => ReadyPolicy {
  const own = ownPolicy(options);
  const scanners = new Map<string, Scanner>();
  const ready = new WeakMap<PiiPolicy, ReadyPolicy>();

  function prepare(option: string, policy: PiiPolicy): ReadyPolicy {
    const { mode, types, allows, threshold } = checkValues(kit, option, policy);
    if (policy.patterns !== undefined && !(Array.isArray(policy.patterns) && policy.patterns.length === 0)) {
      const { patterns, engine } = policy;
      const own = { types, threshold: policy.threshold ?? threshold, patterns };
      return { mode, scanner: makeScanner(kit, option, { ...own, ...(engine && { engine }) }), allows };
    }
    const key = JSON.stringify([types, threshold]);
    const scanner = scanners.get(key) ?? makeScanner(kit, 'scanner', { types, threshold });
    scanners.set(key, scanner);
    return { mode, scanner, allows };
  }

  const fallback = prepare('pii', own);
  if (policyOf === undefined) return () => fallback;
  functionOption('pii.policy', policyOf, 'give a function from tenant to policy');
  return (tenant, context) => {
    const policy = policyOf(tenant, context);
    if (policy === undefined) return fallback;
    let found = ready.get(policy);
    if (found === undefined) {
      knownOptions('pii.policy()', policy, POLICY_OPTIONS);
      found = prepare('pii.policy()', { ...own, ...policy });
      ready.set(policy, found);
    }
    return found;
  };
}

/** A copy, so that what becomes of the options later changes nothing. */
function ownPolicy(options: PiiPolicy): PiiPolicy {
  const own: { -readonly [Name in keyof PiiPolicy]: PiiPolicy[Name] } = {};
  const take = <Name extends keyof PiiPolicy>(name: Name): void => {
    own[name] = options[name];
  };
  for (const name of POLICY_OPTIONS) take(name);
  return own;
}

const allowsNothing: Allows = () => false;
