import { encodeBase64 } from '../base64.ts';
import { ConfigError } from '../errors.ts';
import { checkPiiPolicy, type PiiPolicy } from '../guards/pii/policy.ts';
import { checkLimits } from '../guards/rate-limit/limits.ts';
import { createKeyRing, type KeyRing, type KeySpec } from '../guards/signature/key-ring.ts';
import { assertDistinctKeys } from '../guards/signature/shared-keys.ts';
import { edwards25519Tai } from '../guards/vrf/ecvrf.ts';
import { checkSuite, directionCount, type OnInvalid } from '../guards/vrf/options.ts';
import type { VrfSuite } from '../guards/vrf/suite.ts';
import { knownOptions, wordOption } from '../options.ts';
import { PCS_PROFILES, type PcsProfile } from '../pcs/canonical.ts';
import { DEFAULT_POLICY_VERSION, type PcsPolicy } from '../pcs/policy.ts';
import { recordLabel } from '../pcs/record-label.ts';
import type { Stages } from '../stage.ts';

/** A tenant as configuration writes it. */
export interface TenantSpec {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`. */
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

/** A tenant, checked, with its keys ready. */
export interface Tenant extends TenantSpec {
  readonly ring: KeyRing | 'none';
  readonly rate: number;
  readonly burst: number;
}

/** Finds tenants by id. Inactive and unknown ones are not found. */
export interface TenantDirectory {
  readonly ids: readonly string[];
  get(id: string | undefined): Tenant | undefined;
}

/** Tokens per second of a tenant that names no rate. */
export const DEFAULT_TENANT_RATE = 100;
/** What an id looks like. */
export const TENANT_ID: RegExp = /^[A-Za-z0-9._-]{1,64}$/;
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
 * Checks tenants and makes them findable. No two tenants may share a key: one could then sign for the other.
 *
 * @throws {ConfigError} for the first mistake, naming the tenant's place in the list and the field.
 *
 * @example
 * const tenants = createTenants([{ id: 'acme', keys: [{ id: 'k1', alg: 'hmac', key: secret }] }]);
 * tenants.get('acme')?.rate; // 100
 */
export function createTenants(specs: readonly TenantSpec[]): TenantDirectory {
  if (!Array.isArray(specs)) throw new ConfigError('PTC_E002', 'tenants', specs, 'give an array of tenants');
  const tenants = new Map<string, Tenant>();
  specs.forEach((spec, at) => {
    const tenant = checkTenant(`tenants[${at}]`, spec);
    if (tenants.has(tenant.id)) {
      throw new ConfigError('PTC_E003', `tenants[${at}].id`, spec.id, 'give every tenant an id of its own');
    }
    tenants.set(tenant.id, tenant);
  });
  assertDistinctKeys(new Map([...tenants].map(([id, { ring }]) => [id, ring])));
  checkDistinctVrfKeys(tenants.values());
  return Object.freeze({
    ids: Object.freeze([...tenants.keys()]),
    get(id: string | undefined) {
      const tenant = id === undefined ? undefined : tenants.get(id);
      return tenant?.active === false ? undefined : tenant;
    },
  });
}

function checkTenant(option: string, spec: TenantSpec): Tenant {
  if (typeof spec?.id !== 'string' || !TENANT_ID.test(spec.id)) {
    throw new ConfigError(
      'PTC_E002',
      `${option}.id`,
      spec?.id,
      'give 1 to 64 letters, digits, dots, dashes, underscores',
    );
  }
  knownOptions(option, spec, TENANT_FIELDS);
  checkFlag(`${option}.active`, spec.active);
  const vrf = spec.vrf === undefined ? {} : { vrf: checkVrf(`${option}.vrf`, spec.vrf) };
  if (spec.profiles !== undefined) checkProfiles(`${option}.profiles`, spec.profiles);
  recordLabel(`${option}.policyVersion`, spec.policyVersion, DEFAULT_POLICY_VERSION);
  const { rate = DEFAULT_TENANT_RATE, burst, dailyQuota } = spec;
  const limits = checkLimits(option, { rate, burst, dailyQuota });
  if (spec.pii !== undefined) checkPiiPolicy(`${option}.pii`, spec.pii);
  const ring = spec.keys === 'none' ? 'none' : createKeyRing(spec.keys, `${option}.keys`);
  if (ring === 'none' && spec.profiles !== undefined) {
    throw new ConfigError(
      'PTC_E003',
      `${option}.profiles`,
      spec.profiles,
      'leave it out: a tenant without keys signs nothing',
    );
  }
  return Object.freeze({ ...spec, ...vrf, rate: limits.rate, burst: limits.burst, ring });
}

/** With the VRF key of another, a tenant's proofs would pass for that one's. */
function checkDistinctVrfKeys(tenants: Iterable<Tenant>): void {
  const owners = new Map<string, string>();
  for (const { id, vrf } of tenants) {
    if (vrf === undefined) continue;
    const key = encodeBase64(vrf.publicKey);
    const owner = owners.get(key);
    if (owner !== undefined) {
      const remedy = `it is also that of tenant ${owner}: give each tenant a key of its own`;
      throw new ConfigError('PTC_E009', `VRF key of tenant ${id}`, vrf.publicKey, remedy);
    }
    owners.set(key, id);
  }
}

/** With a key of its own, so that nobody changes it after it was checked. */
function checkVrf(option: string, vrf: TenantVrf): TenantVrf {
  checkObject(option, vrf);
  knownOptions(option, vrf, VRF_FIELDS);
  checkFlag(`${option}.required`, vrf.required);
  wordOption(`${option}.onInvalid`, vrf.onInvalid, 'deny', ['deny', 'escalate']);
  directionCount(`${option}.directions`, vrf.directions);
  const { suite = edwards25519Tai } = vrf;
  checkSuite(`${option}.suite`, suite);
  const publicKey = vrf.publicKey instanceof Uint8Array ? new Uint8Array(vrf.publicKey) : undefined;
  if (publicKey === undefined || suite.prepare(publicKey).fault !== undefined) {
    const remedy = `give the ${suite.publicKeyBytes} bytes of a VRF key`;
    throw new ConfigError('PTC_E008', `${option}.publicKey`, vrf.publicKey, remedy);
  }
  return Object.freeze({ ...vrf, publicKey });
}

function checkProfiles(option: string, profiles: readonly PcsProfile[]): void {
  if (!Array.isArray(profiles)) throw new ConfigError('PTC_E002', option, profiles, 'give an array of profiles');
  if (profiles.length === 0) {
    throw new ConfigError(
      'PTC_E003',
      option,
      profiles,
      `give one or more of ${PCS_PROFILES.join(', ')}, or leave it out`,
    );
  }
  profiles.forEach((profile, at) => {
    wordOption(`${option}[${at}]`, profile, 'js-direct', PCS_PROFILES);
  });
}

function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new ConfigError('PTC_E002', option, value, 'use true or false');
  }
}

function checkObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new ConfigError('PTC_E002', option, value, 'give an object');
}
