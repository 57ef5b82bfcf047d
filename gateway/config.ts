import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../src/errors.ts';
import type { PiiMode } from '../src/guards/pii/policy.ts';
import { MAX_TOKENS } from '../src/guards/rate-limit/limits.ts';
import { DEFAULT_PCS_POLICY, DEFAULT_POLICY_VERSION, type PcsPolicy, STRICT_D_BOUNDS } from '../src/pcs/policy.ts';
import { policyOption } from '../src/pcs/policy-option.ts';
import { DEFAULT_REGION } from '../src/pcs/preset.ts';
import { recordLabel } from '../src/pcs/record-label.ts';
import { createTenants } from '../src/tenancy/registry.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';
import { demoTenant } from './demo-tenant.ts';
import { badVariable, type Env, readBoolean, readInteger, readSecret, readText, readWord } from './env.ts';
import { DEFAULT_INBOX_MAX_BYTES, INBOX_SEGMENT_BYTES } from './inbox-log.ts';
import { refuseUnknownVariables } from './known-variables.ts';
import { checkProductionSafety } from './production.ts';
import { parseSettings, readSettingsFile } from './settings-file.ts';
import { readStores, type StoresConfig } from './stores/env.ts';
import { parseTenantList, singleTenant } from './tenant-env.ts';
import { parseTenantsFile } from './tenants-file.ts';
import { readTrustProxy, type TrustProxy } from './trust-proxy.ts';

/** Everything the gateway is told, checked. */
export interface GatewayConfig {
  readonly environment: 'development' | 'production';
  readonly host: string;
  readonly port: number;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustProxy: TrustProxy;
  readonly tenants: readonly TenantSpec[];
  /** The tenant of requests without `X-Tenant-Id`; without one they are refused. */
  readonly defaultTenant: string | undefined;
  /** Whether nothing was configured, so that the demo tenant was added. */
  readonly isDemo: boolean;
  readonly inboxDirectory: string;
  readonly inboxMaxBytes: number;
  readonly ledgerDirectory: string;
  readonly ledgerSegmentBytes: number;
  readonly piiMode: PiiMode;
  readonly vrf: 'off' | 'report-only' | 'enforce';
  /** Parameters of tenants that bring none of their own. */
  readonly policy: PcsPolicy;
  /** Where this gateway runs, as its records say it. */
  readonly region: string;
  readonly metricsAuth: { readonly user: string; readonly password: string } | undefined;
  /** Where rates are counted, and accepted requests remembered. */
  readonly stores: StoresConfig;
}

/** Tokens per second of a tenant that names no rate. The burst is twice that. */
export const DEFAULT_TOKEN_RATE = 100;
export const DEFAULT_PORT = 8080;
/** 100 MiB. */
export const DEFAULT_LEDGER_SEGMENT_BYTES = 104_857_600;

/**
 * Reads the environment. `docs/gateway.md` lists the variables.
 *
 * @throws {ConfigError} for the first value that cannot be used, naming the variable and never its value.
 *
 * @example
 * const config = readConfig(process.env);
 */
export function readConfig(env: Env): GatewayConfig {
  const environment = readWord(env, 'PORTCULLIS_ENV', 'development', ['development', 'production']);
  refuseUnknownVariables(env);
  refusePostgres(env);
  const strict = readBoolean(env, 'STRICT_MODE', false);
  const { policy, policyVersion } = readPolicy(env, strict);
  const quotas = {
    rate: readInteger(env, 'TOKEN_RATE', DEFAULT_TOKEN_RATE, { min: 1, max: 1_000_000 }),
    dailyQuota: readDailyQuota(env),
  };
  const { specs, defaultTenant, isDemo } = readTenants(env, environment);
  const tenants = specs.map((spec): TenantSpec => {
    // Null is a mistake that the tenant's own check names, not a way to leave a number out.
    const { rate = quotas.rate, dailyQuota = quotas.dailyQuota } = spec;
    return {
      ...spec,
      rate,
      policy: { ...policy, ...spec.policy },
      policyVersion: spec.policyVersion ?? policyVersion,
      ...(dailyQuota !== undefined && { dailyQuota }),
    };
  });
  createTenants(tenants);
  if (strict) for (const { id, policy: own } of tenants) checkStrict(`tenant ${id}.policy`, own);
  const config: GatewayConfig = {
    environment,
    host: readText(env, 'HOST') ?? (environment === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port: readInteger(env, 'PORT', DEFAULT_PORT, { min: 0, max: 65_535 }),
    trustProxy: readTrustProxy(env),
    tenants,
    defaultTenant,
    isDemo,
    inboxDirectory: readText(env, 'WAL_DIR') ?? 'data/wal',
    // The segment that is written to, and the one before it.
    inboxMaxBytes: readInteger(env, 'WAL_MAX_BYTES', DEFAULT_INBOX_MAX_BYTES, { min: 2 * INBOX_SEGMENT_BYTES }),
    ledgerDirectory: readText(env, 'WORM_BASE_DIR') ?? 'data/audit-worm',
    ledgerSegmentBytes: readInteger(env, 'WORM_MAX_SEGMENT_SIZE', DEFAULT_LEDGER_SEGMENT_BYTES, { min: 1_024 }),
    piiMode: readWord(env, 'PII_SCAN_MODE', 'detect', ['detect', 'block', 'redact']),
    vrf: readVrf(env, tenants),
    policy,
    region: recordLabel('REGION', readText(env, 'REGION'), DEFAULT_REGION),
    metricsAuth: readMetricsAuth(env),
    stores: readStores(env),
  };
  if (
    isWithin(config.inboxDirectory, config.ledgerDirectory) ||
    isWithin(config.ledgerDirectory, config.inboxDirectory)
  ) {
    throw badVariable(env, 'WORM_BASE_DIR', 'name another directory than WAL_DIR, neither inside the other');
  }
  if (environment === 'production') checkProductionSafety(config, Date.now());
  return config;
}

function readDailyQuota(env: Env): number | undefined {
  if (readText(env, 'DAILY_QUOTA') === undefined) return undefined;
  return readInteger(env, 'DAILY_QUOTA', 1, { min: 1, max: MAX_TOKENS });
}

function readTenants(
  env: Env,
  environment: GatewayConfig['environment'],
): { specs: readonly TenantSpec[]; defaultTenant: string | undefined; isDemo: boolean } {
  const list = readText(env, 'TENANTS');
  const file = readText(env, 'TENANTS_FILE');
  const multi = readBoolean(env, 'MULTI_TENANT', list !== undefined || file !== undefined);
  if (!multi) {
    for (const name of ['TENANTS', 'TENANTS_FILE'] as const) {
      if (readText(env, name) !== undefined) throw badVariable(env, name, 'set MULTI_TENANT=true, or leave it out');
    }
    if (readText(env, 'DEFAULT_TENANT') !== undefined) {
      throw badVariable(
        env,
        'DEFAULT_TENANT',
        'leave it out: there is only one tenant, or set TENANTS or TENANTS_FILE',
      );
    }
    const single = singleTenant(env);
    if (single !== undefined) return { specs: [single], defaultTenant: single.id, isDemo: false };
    if (environment === 'production') throw badVariable(env, 'PCS_SIGN_ALG', 'set it to hmac or ed25519, with a key');
    if (readText(env, 'VRF_PUB_B64') !== undefined) {
      throw badVariable(env, 'VRF_PUB_B64', 'set PCS_SIGN_ALG and a key too: the demo tenant has keys of its own');
    }
    // The demo shows a refusal; whoever names a mode wants to see that one.
    const demo = {
      ...demoTenant(),
      ...(readText(env, 'PII_SCAN_MODE') === undefined && { pii: { mode: 'block' as const } }),
    };
    return { specs: [demo], defaultTenant: demo.id, isDemo: true };
  }
  if (list !== undefined && file !== undefined)
    throw badVariable(env, 'TENANTS', 'set TENANTS or TENANTS_FILE, not both');
  if (list === undefined && file === undefined) {
    throw badVariable(
      env,
      'TENANTS',
      'with MULTI_TENANT=true, set TENANTS to id:alg:key,... or TENANTS_FILE to a path',
    );
  }
  // A key for everybody would be a key across tenants.
  for (const name of ['PCS_SIGN_ALG', 'PCS_HMAC_KEY', 'PCS_HMAC_KEYS', 'PCS_ED25519_PUB_B64', 'VRF_PUB_B64'] as const) {
    if (readText(env, name) !== undefined)
      throw badVariable(env, name, 'give each tenant its own keys, and leave it out');
  }
  const specs =
    list === undefined
      ? parseTenantsFile(readSettingsFile(env, 'TENANTS_FILE', 'give the path of a JSON file that can be read'))
      : parseTenantList(env);
  const defaultTenant = readText(env, 'DEFAULT_TENANT');
  if (defaultTenant !== undefined && !specs.some(({ id, active }) => id === defaultTenant && active !== false)) {
    throw badVariable(env, 'DEFAULT_TENANT', 'name one of the configured tenants that are active');
  }
  return { specs, defaultTenant, isDemo: false };
}

function readPolicy(env: Env, strict: boolean): { readonly policy: PcsPolicy; readonly policyVersion: string } {
  const base = { ...DEFAULT_PCS_POLICY, ...(strict && STRICT_D_BOUNDS) };
  if (readText(env, 'POLICY_REGISTRY') === undefined) return { policy: base, policyVersion: DEFAULT_POLICY_VERSION };
  const remedy = 'give the path of a JSON file of policy parameters, such as {"tolD":0.15}';
  const parsed = parseSettings('POLICY_REGISTRY', readSettingsFile(env, 'POLICY_REGISTRY', remedy));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badVariable(env, 'POLICY_REGISTRY', 'the file must hold an object of policy parameters');
  }
  const { version, ...parameters } = parsed as { readonly version?: string };
  const policyVersion = recordLabel('POLICY_REGISTRY.version', version, DEFAULT_POLICY_VERSION);
  const policy = policyOption('POLICY_REGISTRY', { ...base, ...parameters })(undefined);
  if (strict) checkStrict('POLICY_REGISTRY', policy);
  return { policy, policyVersion };
}

/** `STRICT_MODE` is a promise about every tenant: parameters may narrow the bounds of D_hat further, not widen them. */
function checkStrict(option: string, { minD, maxD }: Partial<PcsPolicy> = {}): void {
  const lowest = STRICT_D_BOUNDS.minD;
  const highest = STRICT_D_BOUNDS.maxD;
  if (minD !== undefined && minD < lowest) {
    throw new ConfigError('PTC_E011', `${option}.minD`, minD, `with STRICT_MODE, give ${lowest} or more`);
  }
  if (maxD !== undefined && maxD > highest) {
    throw new ConfigError('PTC_E011', `${option}.maxD`, maxD, `with STRICT_MODE, give ${highest} or less`);
  }
}

function isWithin(directory: string, other: string): boolean {
  const path = relative(resolve(directory), resolve(other));
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path));
}

function readVrf(env: Env, tenants: readonly TenantSpec[]): GatewayConfig['vrf'] {
  const hasKey = tenants.some(({ vrf }) => vrf !== undefined);
  const enabled = readBoolean(env, 'VRF_ENABLED', hasKey);
  const mode = readWord(env, 'VRF_MODE', 'enforce', ['enforce', 'report_only']);
  const remedy = 'give at least one tenant a VRF key (VRF_PUB_B64, or vrf in the file)';
  if (!hasKey && readText(env, 'VRF_MODE') !== undefined) throw badVariable(env, 'VRF_MODE', remedy);
  if (!enabled && readText(env, 'VRF_MODE') !== undefined) {
    throw badVariable(env, 'VRF_MODE', 'leave it out: with VRF_ENABLED=false it has no effect');
  }
  if (!enabled) return 'off';
  if (!hasKey) throw badVariable(env, 'VRF_ENABLED', remedy);
  return mode === 'report_only' ? 'report-only' : 'enforce';
}

function readMetricsAuth(env: Env): GatewayConfig['metricsAuth'] {
  const user = readSecret(env, 'METRICS_USER');
  const password = readSecret(env, 'METRICS_PASS');
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined) throw badVariable(env, 'METRICS_USER', 'set it together with METRICS_PASS');
  if (user.includes(':'))
    throw badVariable(env, 'METRICS_USER', 'leave colons out: Basic authentication cannot carry them');
  if (password === undefined) throw badVariable(env, 'METRICS_PASS', 'set it together with METRICS_USER');
  return { user, password };
}

/** The one backend that the contract knows and that is not built yet. */
function refusePostgres(env: Env): void {
  if (readText(env, 'DEDUP_BACKEND') === 'postgres') {
    throw badVariable(env, 'DEDUP_BACKEND', 'use memory or redis: postgres is not built in yet');
  }
  if (readText(env, 'POSTGRES_CONN') !== undefined) {
    throw badVariable(env, 'POSTGRES_CONN', 'leave it out: it has no effect yet');
  }
}
