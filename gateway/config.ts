import type { PiiMode } from '../src/guards/pii/policy.ts';
import { MAX_TOKENS } from '../src/guards/rate-limit/limits.ts';
import { DEFAULT_PCS_POLICY, DEFAULT_POLICY_VERSION, type PcsPolicy, STRICT_D_BOUNDS } from '../src/pcs/policy.ts';
import { policyOption } from '../src/pcs/policy-option.ts';
import { DEFAULT_REGION } from '../src/pcs/preset.ts';
import { RECORD_LABEL, recordLabel } from '../src/pcs/record-label.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';
import { type AdminToken, readAdminTokens } from './admin/tokens.ts';
import { badVariable, type Env, readBoolean, readInteger, readSecret, readText, readWord } from './env.ts';
import { DEFAULT_INBOX_MAX_BYTES, INBOX_SEGMENT_BYTES } from './inbox-log.ts';
import { refuseUnknownVariables } from './known-variables.ts';
import { isWithin, type LedgerSettings, readLedgerSettings } from './ledger/env.ts';
import { type PostgresConfig, readPostgres } from './postgres/env.ts';
import { checkProductionSafety } from './production.ts';
import { parseSettings, readSettingsFile } from './settings-file.ts';
import { readStores, type StoresConfig } from './stores/env.ts';
import { readTenantStore, readTenants, type TenantStorePlace } from './tenants/env.ts';
import { checkStrict, type TenantRules } from './tenants/rules.ts';
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
  readonly ledger: LedgerSettings;
  readonly piiMode: PiiMode;
  readonly vrf: 'off' | 'report-only' | 'enforce';
  /** Parameters of tenants that bring none of their own. */
  readonly policy: PcsPolicy;
  /** Where this gateway runs, as its records say it. */
  readonly region: string;
  readonly metricsAuth: { readonly user: string; readonly password: string } | undefined;
  /** Whether a tenant over its limits is refused before its requests are read. */
  readonly rateCooldown: boolean;
  /** Where rates are counted, and accepted requests remembered. */
  readonly stores: StoresConfig;
  readonly postgres: PostgresConfig | undefined;
  /** What tenants are held to, those above and those that come later. */
  readonly tenantRules: TenantRules;
  /** Where tenants are kept that change at run time; without it there are none. */
  readonly tenantStore: TenantStorePlace | undefined;
  /** Who may call the admin API; without it there is none. */
  readonly adminTokens: readonly AdminToken[] | undefined;
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
  const strict = readBoolean(env, 'STRICT_MODE', false);
  const { policy, policyVersion } = readPolicy(env, strict);
  const metricsAuth = readMetricsAuth(env);
  const tenantRules: TenantRules = {
    rate: readInteger(env, 'TOKEN_RATE', DEFAULT_TOKEN_RATE, { min: 1, max: 1_000_000 }),
    dailyQuota: readDailyQuota(env),
    policy,
    policyVersion,
    strict,
    production: environment === 'production' ? { metricsPassword: metricsAuth?.password, now: Date.now } : undefined,
  };
  const adminTokens = readAdminTokens(env);
  const tenantStore = readTenantStore(env, adminTokens !== undefined);
  const { tenants, defaultTenant, isDemo } = readTenants(env, tenantRules, tenantStore !== undefined);
  const ledgerDirectory = readText(env, 'WORM_BASE_DIR') ?? 'data/audit-worm';
  const stores = readStores(env);
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
    ledgerDirectory,
    ledgerSegmentBytes: readInteger(env, 'WORM_MAX_SEGMENT_SIZE', DEFAULT_LEDGER_SEGMENT_BYTES, { min: 1_024 }),
    ledger: readLedgerSettings(env, ledgerDirectory),
    piiMode: readWord(env, 'PII_SCAN_MODE', 'detect', ['detect', 'block', 'redact']),
    vrf: readVrf(env, tenants, tenantStore !== undefined),
    policy,
    region: readRegion(env),
    rateCooldown: readBoolean(env, 'RATE_COOLDOWN', true),
    stores,
    postgres: readDatabase(env, tenantStore),
    metricsAuth,
    tenantRules,
    tenantStore,
    adminTokens,
  };
  if (
    isWithin(config.inboxDirectory, config.ledgerDirectory) ||
    isWithin(config.ledgerDirectory, config.inboxDirectory)
  ) {
    throw badVariable(env, 'WORM_BASE_DIR', 'name another directory than WAL_DIR, neither inside the other');
  }
  if (environment === 'production') checkProductionSafety(config);
  return config;
}

function readRegion(env: Env): string {
  const region = readText(env, 'REGION') ?? DEFAULT_REGION;
  if (RECORD_LABEL.test(region)) return region;
  throw badVariable(env, 'REGION', 'give 1 to 64 letters, digits, dots, dashes, underscores, colons');
}

function readDailyQuota(env: Env): number | undefined {
  if (readText(env, 'DAILY_QUOTA') === undefined) return undefined;
  return readInteger(env, 'DAILY_QUOTA', 1, { min: 1, max: MAX_TOKENS });
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

/** Where tenants change, any of them may have a key tomorrow. */
function readVrf(env: Env, tenants: readonly TenantSpec[], mayChange: boolean): GatewayConfig['vrf'] {
  const hasKey = mayChange || tenants.some(({ vrf }) => vrf !== undefined);
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

/** Migrations log in by themselves; operations keep the tenants. */
function readDatabase(env: Env, tenantStore: TenantStorePlace | undefined): PostgresConfig | undefined {
  const postgres = readPostgres(env);
  const hasTenants = tenantStore?.kind === 'postgres';
  if (postgres?.kind === 'pglite') return postgres;
  const { owner: _owner, ...logins } = postgres?.logins ?? {};
  if (hasTenants && logins.ops === undefined) {
    throw badVariable(env, 'POSTGRES_OPS_CONN', 'with TENANTS_STORE=postgres, set it: operations keep the tenants');
  }
  if (logins.app === undefined && logins.ops !== undefined) {
    throw badVariable(env, 'POSTGRES_CONN', 'set it too, or leave POSTGRES_OPS_CONN out');
  }
  return postgres && logins.app !== undefined ? { ...postgres, logins } : undefined;
}
