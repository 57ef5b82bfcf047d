import type { RateStore, ReplayStore } from 'portcullis';
import {
  ConfigError,
  createTenants,
  decodeBase64,
  type Stages,
  type TenantDirectory,
  type TenantSpec,
} from 'portcullis';
import type { DecisionRecord } from 'portcullis/ledger';
import { re2js } from 'portcullis/pii-re2js';
import type { MetricsObject } from './metrics-object.ts';

/** What wrangler.jsonc and the secrets put into the environment. */
export interface Env {
  /** Tenants without their keys, as JSON. */
  readonly TENANTS: unknown;
  /** Stages of the guards, as JSON; those that are not named have their own. */
  readonly STAGES?: Stages;
  /** Secret. JSON: for each tenant its keys, `{"acme":[{"id":"2026","alg":"hmac","key":"…"}]}`. */
  readonly TENANT_KEYS: string;
  /** Secret. Whoever has it may read `/metrics`. */
  readonly METRICS_TOKEN: string;
  readonly RATES: DurableObjectNamespace<RateStore>;
  readonly REPLAYS: DurableObjectNamespace<ReplayStore>;
  readonly METRICS: DurableObjectNamespace<Pick<MetricsObject, 'add' | 'read'>>;
  readonly LEDGER: Queue<DecisionRecord>;
}

/** A secret that nobody guesses is at least this long. */
const MIN_TOKEN_LENGTH = 16;

/** @throws {ConfigError} naming the variable or the field; the Worker then answers nothing but errors. */
export function tenantsOf({ TENANTS, TENANT_KEYS, METRICS_TOKEN }: Env): TenantDirectory {
  if (typeof METRICS_TOKEN !== 'string' || METRICS_TOKEN.length < MIN_TOKEN_LENGTH) {
    throw new ConfigError('PTC_E011', 'METRICS_TOKEN', METRICS_TOKEN, 'give a secret of 16 characters or more');
  }
  if (!Array.isArray(TENANTS) || TENANTS.length === 0) {
    throw new ConfigError('PTC_E011', 'TENANTS', TENANTS, 'give a list of tenants');
  }
  const keys = keysOf(TENANT_KEYS);
  // One engine: it keeps what it compiled.
  const engine = re2js();
  return createTenants(
    TENANTS.map((tenant: TenantSpec) => {
      const { vrf, pii } = tenant;
      return {
        ...tenant,
        keys: (keys[tenant.id] ?? []) as TenantSpec['keys'],
        ...(vrf && { vrf: { ...vrf, publicKey: decodeBase64(String(vrf.publicKey)) ?? new Uint8Array(0) } }),
        ...(pii && { pii: { ...pii, ...(pii.patterns && { engine }) } }),
      };
    }),
  );
}

function keysOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new ConfigError(
      'PTC_E011',
      'TENANT_KEYS',
      text,
      'give {"tenant":[{"id":"…","alg":"hmac","key":"…"}]} as JSON',
    );
  }
}
