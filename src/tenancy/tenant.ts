import { ConfigError } from '../errors.ts';
import { checkPiiPolicy, type PiiPolicy } from '../guards/pii/policy.ts';
import { checkLimits } from '../guards/rate-limit/limits.ts';
import { createKey, createKeyRing, type KeyRing, type KeySpec, type RingKey } from '../guards/signature/key-ring.ts';
import { edwards25519Tai } from '../guards/vrf/ecvrf.ts';
import { checkSuite, directionCount, type OnInvalid } from '../guards/vrf/options.ts';
import type { VrfSuite } from '../guards/vrf/suite.ts';
import { checkEach, collectMistakes, knownEach } from '../mistakes.ts';
import { knownOptions, wordOption } from '../options.ts';
import { PCS_PROFILES, type PcsProfile } from '../pcs/canonical.ts';
import { DEFAULT_PCS_POLICY, DEFAULT_POLICY_VERSION, type PcsPolicy } from '../pcs/policy.ts';
import { policyOption } from '../pcs/policy-option.ts';
import { recordLabel } from '../pcs/record-label.ts';
import type { Stages } from '../stage.ts';

/** A tenant as configuration writes it. */
export interface TenantSpec {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`, but not `.` or `..`. */
  readonly id: string;
  /** A tenant that is not active is unknown to everybody. Default true. */
  readonly active?: boolean;
  /** Keys its requests are signed with, or `none`, on purpose, for a tenant that does not sign. */
  readonly keys: readonly KeySpec[] | 'none';
  /** Signature profiles it may use. Default all. */
  readonly profiles?: readonly PcsProfile[];
  readonly vrf?: TenantVrf;
  /** Tokens per second. */
  readonly rate?: number;
  /** Tokens at once. Default twice the rate. */
  readonly burst?: number;
  /** Requests per day, UTC. Default no limit. */
  readonly dailyQuota?: number;
  /** What happens to personal data. Default the gate's. */
  readonly pii?: PiiPolicy;
  /** Parameters that differ from the defaults. */
  readonly policy?: Partial<PcsPolicy>;
  /** What its parameters are called on record: 1 to 64 of `A-Z a-z 0-9 . _ : -`. Default the gate's. */
  readonly policyVersion?: string;
  /** Stages that differ from the gate's. */
  readonly stages?: Stages;
}

export interface TenantVrf {
  /** As many bytes as the suite says. */
  readonly publicKey: Uint8Array;
  /** The ciphersuite that its agents prove with. Default {@link edwards25519Tai}. */
  readonly suite?: VrfSuite;
  /** Whether a request without a proof is refused. Default true. */
  readonly required?: boolean;
  /** What an invalid or missing proof means: `deny` (401) or `escalate` (202). Default the gate's. */
  readonly onInvalid?: OnInvalid;
  /** Directions that its agents draw, 1 to 4,096: `v_star` must be one of them. Default: any vector. */
  readonly directions?: number;
}

/** A tenant, checked, with its keys ready. Never changed: one that changes is another object. */
export interface Tenant extends TenantSpec {
  readonly ring: KeyRing | 'none';
  readonly rate: number;
  readonly burst: number;
  /** All parameters; the same object for tenants with the same ones. */
  readonly policy: PcsPolicy;
}

/** Finds tenants by id. Inactive and unknown ones are not found. */
export interface TenantDirectory {
  /** Of all tenants, inactive ones included. */
  readonly ids: readonly string[];
  get(id: string | undefined): Tenant | undefined;
}

/** Tokens per second of a tenant that names no rate. */
export const DEFAULT_TENANT_RATE = 100;
/** What an id looks like. `.` and `..` are none: in the path of a URL they mean something else. */
export const TENANT_ID: RegExp = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
/** Everything that a {@link TenantSpec} may hold. */
export const TENANT_FIELDS: readonly (keyof TenantSpec)[] = Object.freeze([
  'id',
  'active',
  'keys',
  'profiles',
  'vrf',
  'rate',
  'burst',
  'dailyQuota',
  'pii',
  'policy',
  'policyVersion',
  'stages',
] as const);

/** Everything that a {@link TenantVrf} may hold. */
export const VRF_FIELDS: readonly (keyof TenantVrf)[] = Object.freeze([
  'publicKey',
  'suite',
  'required',
  'onInvalid',
  'directions',
] as const);

/**
 * Checks a tenant and makes it ready: keys, policy, limits.
 *
 * @param option what errors call it
 * @throws {ConfigError} for every mistake in it.
 */
export function checkTenant(option: string, spec: TenantSpec): Tenant {
  checkObject(option, spec);
  const mistakes = collectMistakes();
  const part = <T>(check: () => T): T | undefined => mistakes.attempt(check);
  part(() => checkId(`${option}.id`, spec.id));
  part(() => knownEach(option, spec, TENANT_FIELDS));
  part(() => checkFlag(`${option}.active`, spec.active));
  const vrf = part(() => (spec.vrf === undefined ? {} : { vrf: checkVrf(`${option}.vrf`, spec.vrf) }));
  part(() => spec.profiles !== undefined && checkProfiles(`${option}.profiles`, spec));
  part(() => recordLabel(`${option}.policyVersion`, spec.policyVersion, DEFAULT_POLICY_VERSION));
  const { rate = DEFAULT_TENANT_RATE, burst, dailyQuota } = spec;
  // One by one, for each of them may be wrong.
  part(() => checkLimits(option, { rate }));
  part(() => checkLimits(option, { rate: DEFAULT_TENANT_RATE, burst }));
  part(() => checkLimits(option, { rate: DEFAULT_TENANT_RATE, dailyQuota }));
  part(() => spec.pii !== undefined && checkPiiPolicy(`${option}.pii`, spec.pii));
  const policy = part(() => checkPolicy(`${option}.policy`, spec.policy));
  part(() => spec.stages !== undefined && checkObject(`${option}.stages`, spec.stages));
  const ring = part(() => ringOf(`${option}.keys`, spec.keys));
  mistakes.raise();
  const limits = checkLimits(option, { rate, burst, dailyQuota });
  return Object.freeze({ ...spec, ...vrf, rate, burst: limits.burst, policy: policy!, ring: ring! });
}

function checkId(option: string, id: unknown): void {
  if (typeof id === 'string' && TENANT_ID.test(id)) return;
  throw new ConfigError('PTC_E002', option, id, 'give 1 to 64 letters, digits, dots, dashes, underscores');
}

function ringOf(option: string, keys: TenantSpec['keys']): KeyRing | 'none' {
  if (keys === 'none') return 'none';
  if (Array.isArray(keys)) {
    checkEach(keys.entries(), ([at, key]) => checkKey(`${option}[${at}]`, key));
    return createKeyRing(keys, option);
  }
  throw new ConfigError('PTC_E008', option, keys, 'give an array of keys, or "none"');
}

/** What it is, and its times, each by itself. */
function checkKey(option: string, key: KeySpec): void {
  if (typeof key !== 'object' || key === null) createKey(key, option);
  const { id, notBefore, notAfter, ...others } = key;
  const mistakes = collectMistakes();
  // With a key that is one, so that nothing is said of it twice.
  const timed = (times: object): RingKey | undefined =>
    mistakes.attempt(() => createKey({ id, alg: 'hmac', key: 'any', ...times }, option));
  // Without an id, errors could not say which key they mean.
  if (timed({}) === undefined) mistakes.raise();
  mistakes.attempt(() => createKey({ id, ...others }, option));
  const areTimes = [{ notBefore }, { notAfter }].map(timed).every((one) => one !== undefined);
  if (areTimes) timed({ notBefore, notAfter });
  mistakes.raise();
}

function checkPolicy(option: string, policy: Partial<PcsPolicy> | undefined): PcsPolicy {
  if (policy === undefined) return DEFAULT_PCS_POLICY;
  checkObject(option, policy);
  const whole = { ...DEFAULT_PCS_POLICY, ...policy };
  const { minD, maxD, anomalyAlert, anomalyEscalate } = whole;
  const pairs = [
    { minD, maxD },
    { anomalyAlert, anomalyEscalate },
  ];
  const isPaired = (name: string): boolean => pairs.some((pair) => Object.hasOwn(pair, name));
  const others = Object.entries(policy).filter(([name]) => !isPaired(name));
  checkEach([...others.map((entry) => Object.fromEntries([entry])), ...pairs], (part) =>
    policyOption(option, { ...DEFAULT_PCS_POLICY, ...part }),
  );
  return policyOption(option, whole)(undefined);
}

/** With a key of its own, so that nobody changes it after it was checked. */
function checkVrf(option: string, vrf: TenantVrf): TenantVrf {
  checkObject(option, vrf);
  const mistakes = collectMistakes();
  mistakes.attempt(() => knownOptions(option, vrf, VRF_FIELDS));
  mistakes.attempt(() => checkFlag(`${option}.required`, vrf.required));
  mistakes.attempt(() => wordOption(`${option}.onInvalid`, vrf.onInvalid, 'deny', ['deny', 'escalate']));
  mistakes.attempt(() => directionCount(`${option}.directions`, vrf.directions));
  const publicKey = mistakes.attempt(() => checkVrfKey(option, vrf));
  mistakes.raise();
  return Object.freeze({ ...vrf, publicKey: publicKey! });
}

function checkVrfKey(option: string, { publicKey, suite = edwards25519Tai }: TenantVrf): Uint8Array {
  checkSuite(`${option}.suite`, suite);
  const copy = publicKey instanceof Uint8Array ? new Uint8Array(publicKey) : undefined;
  if (copy !== undefined && suite.prepare(copy).fault === undefined) return copy;
  const remedy = `give the ${suite.publicKeyBytes} bytes of a VRF key, in JSON as base64`;
  throw new ConfigError('PTC_E008', `${option}.publicKey`, publicKey, remedy);
}

function checkProfiles(option: string, { profiles, keys }: TenantSpec): void {
  if (!Array.isArray(profiles)) throw new ConfigError('PTC_E002', option, profiles, 'give an array of profiles');
  if (profiles.length === 0) {
    const remedy = `give one or more of ${PCS_PROFILES.join(', ')}, or leave it out`;
    throw new ConfigError('PTC_E003', option, profiles, remedy);
  }
  if (keys === 'none') {
    throw new ConfigError('PTC_E003', option, profiles, 'leave it out: a tenant without keys signs nothing');
  }
  checkEach(profiles.entries(), ([at, profile]) => {
    wordOption(`${option}[${at}]`, profile, 'js-direct', PCS_PROFILES);
  });
}

function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new ConfigError('PTC_E002', option, value, 'use true or false');
  }
}

function checkObject(option: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new ConfigError('PTC_E002', option, value, 'give an object');
}
