import { checkStages, type Stages } from '../src/stage.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';

/** The gateway exists to enforce the contract, so its guards are in force unless the configuration says otherwise. */
export function gatewayStages(config: { readonly vrf: 'off' | 'report-only' | 'enforce' }): Stages {
  return { pii: 'enforce', vrf: config.vrf, sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce' };
}

/**
 * Checks stages that tenants bring, inactive ones included. The gate would meet a wrong one with the first request only.
 *
 * @throws {ConfigError} PTC_E006 or PTC_E007 naming tenant and guard.
 */
export function checkTenantStages(tenants: readonly TenantSpec[], guardNames: readonly string[]): void {
  for (const { id, stages } of tenants) {
    if (stages !== undefined) checkStages(`tenant ${id}.stages`, stages, guardNames);
  }
}
