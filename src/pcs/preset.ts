import { addressKey } from '../address.ts';
import type { Exchange } from '../exchange.ts';
import type { Guard } from '../guard.ts';
import { DEFAULT_PII_MODE, type PiiMode, type PiiPolicy } from '../guards/pii/policy.ts';
import { coolingRateLimit } from '../guards/rate-limit/cooldown.ts';
import { rateLimit } from '../guards/rate-limit/guard.ts';
import type { RateStore } from '../guards/rate-limit/store.ts';
import { replay } from '../guards/replay/guard.ts';
import type { ReplayStore } from '../guards/replay/store.ts';
import { edwards25519Tai } from '../guards/vrf/ecvrf.ts';
import { ledger } from '../ledger/guard.ts';
import type { DecisionRecord } from '../ledger/record.ts';
import { knownOptions, wordOption } from '../options.ts';
import { knownTenant } from '../tenancy/guard.ts';
import { pinTenants } from '../tenancy/pin.ts';
import type { Tenant, TenantDirectory } from '../tenancy/tenant.ts';
import { pcsAnomaly } from './anomaly.ts';
import { pcsFormat } from './format.ts';
import { pcsLedgerFields } from './ledger-fields.ts';
import { pcsPii } from './pii.ts';
import { DEFAULT_PCS_POLICY, DEFAULT_POLICY_VERSION } from './policy.ts';
import type { PolicyOf } from './policy-option.ts';
import { recompute } from './recompute.ts';
import { recordLabel } from './record-label.ts';
import { pcsSanity } from './sanity.ts';
import { pcsSignature } from './signature.ts';
import { pcsVrf } from './vrf.ts';

/** Failed authentications that one source address may send at once. */
export const FAILED_AUTHENTICATION_BURST = 20;
/** Failed authentications per second after that: one every five seconds. */
export const FAILED_AUTHENTICATION_RATE = 0.2;
/** Region on record where none is named. */
export const DEFAULT_REGION = 'local';

export interface PcsGuardsOptions {
  readonly tenants: TenantDirectory;
  /** What happens to personal data of tenants that say nothing themselves. Default `detect`. */
  readonly piiMode?: PiiMode;
  /** What an invalid VRF proof means: `deny` (401, the default) or `escalate` (202). */
  readonly onVrfInvalid?: 'deny' | 'escalate';
  readonly anomalyFormula?: 'v1' | 'v2';
  /** Keeps the record of each decision; without it there is no ledger. */
  readonly appendRecord?: (record: DecisionRecord) => void | Promise<void>;
  /** Where this gate runs, as records say it. Default {@link DEFAULT_REGION}. */
  readonly region?: string;
  /** A guard that keeps requests as they came in; stands before anything is parsed. */
  readonly inbox?: Guard;
  readonly rateStore?: RateStore;
  readonly replayStore?: ReplayStore;
}

/**
 * The guards that PCS submissions pass, in the order that the contract fixes: what is cheap and what protects the
 * rest comes first; nothing is kept before personal data is dealt with; nothing is looked up before a signature holds.
 * `tenants` may change, as a `createTenantRegistry` does: a change is in force for the next request.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * const gate = createGate({
 *   guards: pcsGuards({ tenants }),
 *   tenant: tenantFromHeader(tenants, 'acme'),
 *   answer: pcsAnswer,
 * });
 */
export function pcsGuards(options: PcsGuardsOptions): readonly Guard[] {
  knownOptions('pcsGuards', options, [
    'tenants',
    'piiMode',
    'onVrfInvalid',
    'anomalyFormula',
    'appendRecord',
    'region',
    'inbox',
    'rateStore',
    'replayStore',
  ]);
  const onVrfInvalid = wordOption('pcsGuards.onVrfInvalid', options.onVrfInvalid, 'deny', ['deny', 'escalate']);
  const { tenants, appendRecord, inbox, rateStore, replayStore } = options;
  const ownPii: PiiPolicy = { mode: options.piiMode ?? DEFAULT_PII_MODE };
  const tenantOf = pinTenants(tenants);
  const policy: PolicyOf = (_id, request) => (request && tenantOf(request)?.policy) ?? DEFAULT_PCS_POLICY;

  const fields = pcsLedgerFields({
    policy,
    policyVersion: (_id, decision) => tenantOf(decision)?.policyVersion ?? DEFAULT_POLICY_VERSION,
    region: recordLabel('pcsGuards.region', options.region, DEFAULT_REGION),
  });

  const piiPolicies = new WeakMap<Tenant, PiiPolicy>();
  /** The gateway's mode holds for a tenant that names types only. One object a tenant, so that it is checked once. */
  function piiPolicyOf(tenant: Tenant | undefined): PiiPolicy {
    if (tenant?.pii === undefined) return ownPii;
    const merged = piiPolicies.get(tenant) ?? { ...ownPii, ...tenant.pii };
    piiPolicies.set(tenant, merged);
    return merged;
  }

  const { cooldown, limit } = coolingRateLimit({
    key: (_exchange, { tenant }) => tenant,
    limits: (_id, context) => tenantOf(context),
    ...(rateStore && { store: rateStore }),
  });

  return Object.freeze([
    ...(appendRecord ? [ledger({ append: appendRecord, fields })] : []),
    rateLimit({
      name: 'source-limit',
      key: (exchange) => addressKey(exchange.address),
      rate: FAILED_AUTHENTICATION_RATE,
      burst: FAILED_AUTHENTICATION_BURST,
      spend: ({ status }) => status === 401,
      code: 'PTC_D603',
      headers: false,
    }),
    knownTenant({ find: tenantOf }),
    cooldown,
    pcsPii((_id, context) => piiPolicyOf(tenantOf(context))),
    ...(inbox ? [inbox] : []),
    pcsFormat(),
    pcsSignature({
      ringOf: (_id, context) => tenantOf(context)?.ring,
      profiles: (_id, context) => tenantOf(context)?.profiles,
    }),
    limit,
    replay({
      // Without an id there is nothing that could have been answered before.
      key: (_exchange, { tenant, facts }) => (facts.pcs_id === undefined ? undefined : `${tenant}|${facts.pcs_id}`),
      ...(replayStore && { store: replayStore }),
    }),
    pcsVrf({
      keyOf: (_id, context) => tenantOf(context)?.vrf?.publicKey,
      required: (_exchange, context) => tenantOf(context)?.vrf?.required ?? true,
      onInvalid: (_exchange, context) => tenantOf(context)?.vrf?.onInvalid ?? onVrfInvalid,
      directions: (_exchange, context) => tenantOf(context)?.vrf?.directions,
      suite: (_exchange, context) => tenantOf(context)?.vrf?.suite ?? edwards25519Tai,
    }),
    pcsSanity({ policy }),
    pcsAnomaly({ policy, ...(options.anomalyFormula && { formula: options.anomalyFormula }) }),
    recompute({ policy }),
  ]);
}

/**
 * The tenant of a request by its `X-Tenant-Id`; `fallback` where the header is absent, nobody where it names nobody.
 *
 * @example
 * createGate({ guards, tenant: tenantFromHeader(tenants, undefined) });
 */
export function tenantFromHeader(
  tenants: TenantDirectory,
  fallback: string | undefined,
): (exchange: Exchange) => string | undefined {
  return (exchange) => tenants.get(exchange.header('x-tenant-id') ?? fallback)?.id;
}
