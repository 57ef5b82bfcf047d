import { decodeBase64 } from '../src/base64.ts';
import { ConfigError } from '../src/errors.ts';
import { knownOptions } from '../src/options.ts';
import { TENANT_FIELDS, type TenantSpec, VRF_FIELDS } from '../src/tenancy/tenant.ts';
import { parseSettings } from './settings-file.ts';
import { vrfSuiteNamed } from './vrf-suites.ts';

/**
 * Reads `{ "tenants": [ … ] }`. Shapes are checked here; ids, keys, numbers, policies and stages where the
 * gate is built, by the code that uses them.
 *
 * @throws {ConfigError} naming the place in the file.
 */
export function parseTenantsFile(text: string): readonly TenantSpec[] {
  const content = parseSettings('TENANTS_FILE', text);
  const list = (content as { tenants?: unknown } | null)?.tenants;
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigError('PTC_E011', 'TENANTS_FILE', list, 'the file must hold {"tenants":[{"id":…,"keys":…}]}');
  }
  knownOptions('TENANTS_FILE', content as object, ['tenants']);
  return list.map((entry, at) => parseTenant(`TENANTS_FILE tenants[${at}]`, entry));
}

function parseTenant(option: string, entry: unknown): TenantSpec {
  const fields = objectAt(option, entry);
  knownOptions(option, fields, TENANT_FIELDS);
  if (fields.active !== undefined && typeof fields.active !== 'boolean') {
    throw new ConfigError('PTC_E002', `${option}.active`, fields.active, 'use true or false');
  }
  if (fields.keys !== 'none' && !Array.isArray(fields.keys)) {
    throw new ConfigError('PTC_E002', `${option}.keys`, fields.keys, 'give a list of keys, or "none"');
  }
  for (const name of ['pii', 'policy', 'stages'] as const) {
    if (fields[name] !== undefined) objectAt(`${option}.${name}`, fields[name]);
  }
  if (fields.profiles !== undefined && !Array.isArray(fields.profiles)) {
    throw new ConfigError('PTC_E002', `${option}.profiles`, fields.profiles, 'give a list of profile names');
  }
  const vrf = fields.vrf === undefined ? undefined : parseVrf(`${option}.vrf`, fields.vrf);
  const { vrf: _text, ...others } = fields;
  return { ...(others as unknown as TenantSpec), ...(vrf !== undefined && { vrf }) };
}

function parseVrf(option: string, value: unknown): NonNullable<TenantSpec['vrf']> {
  const fields = objectAt(option, value);
  knownOptions(option, fields, VRF_FIELDS);
  const suite = vrfSuiteNamed(`${option}.suite`, fields.suite);
  const publicKey = typeof fields.publicKey === 'string' ? decodeBase64(fields.publicKey) : undefined;
  if (publicKey?.byteLength !== suite.publicKeyBytes) {
    const remedy = `give ${suite.publicKeyBytes} bytes in base64`;
    throw new ConfigError('PTC_E008', `${option}.publicKey`, fields.publicKey, remedy);
  }
  const { suite: name, ...others } = fields;
  return {
    ...(others as unknown as NonNullable<TenantSpec['vrf']>),
    publicKey,
    ...(name !== undefined && { suite }),
  };
}

function objectAt(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConfigError('PTC_E002', option, value, 'give an object');
}
