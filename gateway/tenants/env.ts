import { collectMistakes } from '../../src/mistakes.ts';
import { createTenantRegistry } from '../../src/tenancy/registry.ts';
import type { TenantSpec } from '../../src/tenancy/tenant.ts';
import { demoTenant } from '../demo-tenant.ts';
import { badVariable, type Env, readBoolean, readText, readWord } from '../env.ts';
import { readSettingsFile } from '../settings-file.ts';
import { parseTenantList, singleTenant } from '../tenant-env.ts';
import { type NamedTenant, parseTenantsFile } from '../tenants-file.ts';
import { checkTenantRules, completeTenant, type TenantRules } from './rules.ts';

/** Where tenants are kept that change at run time. */
export type TenantStorePlace = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'postgres' };

/** Tenants of the configuration, which do not change while the gateway runs. */
export interface ConfiguredTenants {
  readonly tenants: readonly TenantSpec[];
  readonly defaultTenant: string | undefined;
  readonly isDemo: boolean;
}

export const DEFAULT_TENANTS_STORE_FILE = 'data/tenants.json';

/** Keys that a gateway with several tenants does not take: a key for everybody would be a key across tenants. */
const KEYS_FOR_ONE = ['PCS_SIGN_ALG', 'PCS_HMAC_KEY', 'PCS_HMAC_KEYS', 'PCS_ED25519_PUB_B64', 'VRF_PUB_B64'] as const;

/** @param isWanted whether there is something that changes tenants: a store is then the default. */
export function readTenantStore(env: Env, isWanted: boolean): TenantStorePlace | undefined {
  const isNamed = isWanted || readText(env, 'TENANTS_STORE') !== undefined;
  const path = readText(env, 'TENANTS_STORE_FILE');
  const kind = isNamed ? readWord(env, 'TENANTS_STORE', 'file', ['file', 'postgres']) : undefined;
  if (kind === 'file') return { kind, path: path ?? DEFAULT_TENANTS_STORE_FILE };
  if (path !== undefined) throw badVariable(env, 'TENANTS_STORE_FILE', 'set TENANTS_STORE=file, or leave it out');
  return kind && { kind };
}

/**
 * Reads the tenants that the environment names, and checks them.
 *
 * @param hasStore whether more may come at run time
 * @throws {ConfigError} for every mistake in the tenants, each on a line of its own.
 */
export function readTenants(env: Env, rules: TenantRules, hasStore: boolean): ConfiguredTenants {
  const mistakes = collectMistakes();
  const isListed = readText(env, 'TENANTS') !== undefined || readText(env, 'TENANTS_FILE') !== undefined;
  const multi = readBoolean(env, 'MULTI_TENANT', isListed || hasStore);
  const isDemo = !multi && singleTenant(env) === undefined;
  const listed = multi
    ? readSeveral(env, hasStore, (text) => parseTenantsFile(text, mistakes))
    : named([isDemo ? readDemo(env, rules) : readSingle(env)]);
  const tenants = listed.map(({ spec }) => completeTenant(spec, rules));
  mistakes.attempt(() => {
    createTenantRegistry(tenants, {
      nameOf: (at) => listed[at]?.option ?? 'tenants',
      check: (option, spec) => checkTenantRules(option, spec, rules),
    });
  });
  mistakes.raise();
  return { tenants, defaultTenant: multi ? readDefault(env, tenants, hasStore) : tenants[0]?.id, isDemo };
}

function readSingle(env: Env): TenantSpec {
  refuseOfSeveral(env);
  return singleTenant(env)!;
}

function readDemo(env: Env, rules: TenantRules): TenantSpec {
  refuseOfSeveral(env);
  if (rules.production) throw badVariable(env, 'PCS_SIGN_ALG', 'set it to hmac or ed25519, with a key');
  if (readText(env, 'VRF_PUB_B64') !== undefined) {
    throw badVariable(env, 'VRF_PUB_B64', 'set PCS_SIGN_ALG and a key too: the demo tenant has keys of its own');
  }
  // The demo shows a refusal; whoever names a mode wants to see that one.
  return { ...demoTenant(), ...(readText(env, 'PII_SCAN_MODE') === undefined && { pii: { mode: 'block' } }) };
}

function refuseOfSeveral(env: Env): void {
  for (const name of ['TENANTS', 'TENANTS_FILE', 'TENANTS_STORE', 'ADMIN_TOKENS_FILE'] as const) {
    if (readText(env, name) !== undefined) throw badVariable(env, name, 'set MULTI_TENANT=true, or leave it out');
  }
  if (readText(env, 'DEFAULT_TENANT') !== undefined) {
    const remedy = 'leave it out: there is only one tenant, or set TENANTS or TENANTS_FILE';
    throw badVariable(env, 'DEFAULT_TENANT', remedy);
  }
}

function readSeveral(
  env: Env,
  hasStore: boolean,
  parseFile: (text: string) => readonly NamedTenant[],
): readonly NamedTenant[] {
  const list = readText(env, 'TENANTS');
  const file = readText(env, 'TENANTS_FILE');
  if (list !== undefined && file !== undefined) {
    throw badVariable(env, 'TENANTS', 'set TENANTS or TENANTS_FILE, not both');
  }
  if (list === undefined && file === undefined && !hasStore) {
    const remedy =
      'with MULTI_TENANT=true, set TENANTS to id:alg:key,..., TENANTS_FILE to a path, or TENANTS_STORE to file';
    throw badVariable(env, 'TENANTS', remedy);
  }
  for (const name of KEYS_FOR_ONE) {
    if (readText(env, name) !== undefined) {
      throw badVariable(env, name, 'give each tenant its own keys, and leave it out');
    }
  }
  if (list !== undefined) return named(parseTenantList(env));
  if (file === undefined) return [];
  return parseFile(readSettingsFile(env, 'TENANTS_FILE', 'give the path of a JSON file that can be read'));
}

function named(specs: readonly TenantSpec[]): readonly NamedTenant[] {
  return specs.map((spec, at) => ({ option: `tenants[${at}]`, spec }));
}

/** One that is not there yet may come where tenants can be made. */
function readDefault(env: Env, tenants: readonly TenantSpec[], hasStore: boolean): string | undefined {
  const id = readText(env, 'DEFAULT_TENANT');
  if (id === undefined || hasStore || tenants.some((one) => one.id === id && one.active !== false)) return id;
  throw badVariable(env, 'DEFAULT_TENANT', 'name one of the configured tenants that are active');
}
