import { decodeBase64 } from '../src/base64.ts';
import { ConfigError } from '../src/errors.ts';
import type { Mistakes } from '../src/mistakes.ts';
import { knownOptions } from '../src/options.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';
import { parseSettings } from './settings-file.ts';
import { vrfSuiteNamed } from './vrf-suites.ts';

/** A tenant of the configuration, and what errors call it. */
export interface NamedTenant {
  readonly option: string;
  readonly spec: TenantSpec;
}

/**
 * Reads `{ "tenants": [ … ] }`. What JSON cannot say is checked here; ids, keys, numbers, policies and stages by the code
 * that uses them.
 *
 * @param mistakes takes what is wrong with single tenants; what is left of such a tenant is given back, for further checks
 * @throws {ConfigError} naming what is wrong with the file as a whole.
 */
export function parseTenantsFile(text: string, mistakes: Mistakes): readonly NamedTenant[] {
  const content = parseSettings('TENANTS_FILE', text);
  const list = (content as { tenants?: unknown } | null)?.tenants;
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigError('PTC_E011', 'TENANTS_FILE', list, 'the file must hold {"tenants":[{"id":…,"keys":…}]}');
  }
  mistakes.attempt(() => knownOptions('TENANTS_FILE', content as object, ['tenants']));
  return list.flatMap((entry, at) => {
    const option = `TENANTS_FILE tenants[${at}]`;
    const spec = parseTenant(option, entry, mistakes);
    return spec === undefined ? [] : [{ option, spec }];
  });
}

/** A tenant without the members of it that are `mistakes`; `undefined` if it is no object at all. */
export function parseTenant(option: string, entry: unknown, mistakes: Mistakes): TenantSpec | undefined {
  const fields = mistakes.attempt(() => objectAt(option, entry));
  if (fields === undefined) return undefined;
  const { vrf, policy, ...others } = fields;
  const suited = vrf === undefined ? undefined : mistakes.attempt(() => parseVrf(`${option}.vrf`, vrf));
  const own = policy === undefined ? undefined : mistakes.attempt(() => objectAt(`${option}.policy`, policy));
  return {
    ...(others as unknown as TenantSpec),
    ...(suited !== undefined && { vrf: suited }),
    ...(own !== undefined && { policy: own }),
  };
}

/** What cannot be decoded is left as it is, for the tenant's own check to name. */
function parseVrf(option: string, value: unknown): NonNullable<TenantSpec['vrf']> {
  const { suite: name, publicKey, ...others } = objectAt(option, value);
  const suite = vrfSuiteNamed(`${option}.suite`, name);
  const bytes = typeof publicKey === 'string' ? decodeBase64(publicKey) : undefined;
  return {
    ...(others as unknown as NonNullable<TenantSpec['vrf']>),
    publicKey: bytes ?? (publicKey as Uint8Array),
    ...(name !== undefined && { suite }),
  };
}

function objectAt(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConfigError('PTC_E002', option, value, 'give an object');
}
