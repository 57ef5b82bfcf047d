import { encodeBase64 } from '../../src/base64.ts';
import type { KeySpec } from '../../src/guards/signature/key-ring.ts';
import { TENANT_FIELDS, type TenantSpec } from '../../src/tenancy/tenant.ts';
import type { StoredTenant, TenantJson } from '../tenants/store.ts';

/** What `PUT` and `PATCH` set: everything of a tenant but who it is, its keys, and whether it is active. */
export const SETTINGS: readonly string[] = Object.freeze(
  TENANT_FIELDS.filter((name) => name !== 'id' && name !== 'keys' && name !== 'active'),
);

/** A key as answers show it: nothing to sign with. */
type KeyView = Pick<KeySpec, 'id' | 'alg' | 'notBefore' | 'notAfter'>;

/** A tenant as answers show it. */
export interface TenantView {
  readonly id: string;
  readonly active: boolean;
  /** `configuration` for one that cannot be changed while the gateway runs. */
  readonly source: 'store' | 'configuration';
  readonly revision: number | null;
  readonly updatedAt: string | null;
  readonly keys: 'none' | readonly KeyView[];
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One of the store. */
export function viewOfStored({ spec, revision, updatedAt }: StoredTenant): TenantView {
  return {
    id: spec.id,
    active: spec.active !== false,
    source: 'store',
    revision,
    updatedAt,
    keys: keysOf(spec.keys as TenantSpec['keys']),
    settings: settingsOf(spec),
  };
}

/** One of the configuration. */
export function viewOfConfigured(spec: TenantSpec): TenantView {
  const { vrf } = spec;
  const { publicKey, suite, ...others } = vrf ?? {};
  const shown = publicKey && { ...others, publicKey: encodeBase64(publicKey), ...(suite && { suite: suite.name }) };
  return {
    id: spec.id,
    active: spec.active !== false,
    source: 'configuration',
    revision: null,
    updatedAt: null,
    keys: keysOf(spec.keys),
    settings: settingsOf({ ...spec, ...(shown && { vrf: shown }) }),
  };
}

/** As much of a tenant as it takes to see that a change was made. */
export type NarrowView = Pick<TenantView, 'id' | 'active' | 'revision'> & {
  readonly keys: 'none' | readonly Pick<KeyView, 'id'>[];
};

/** For whoever may change a tenant, and read nothing. */
export function narrowView({ id, active, revision, keys }: TenantView): NarrowView {
  return { id, active, revision, keys: keys === 'none' ? keys : keys.map((key) => ({ id: key.id })) };
}

/** The settings of a tenant, which hold no secret. */
export function settingsOf(tenant: TenantJson): Readonly<Record<string, unknown>> {
  return Object.fromEntries(SETTINGS.filter((name) => Object.hasOwn(tenant, name)).map((name) => [name, tenant[name]]));
}

function keysOf(keys: TenantSpec['keys']): TenantView['keys'] {
  if (keys === 'none') return keys;
  return keys.map(({ id, alg, notBefore, notAfter }) => ({
    id,
    alg,
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
  }));
}
