import type { Facts } from '../guard.ts';
import type { Tenant, TenantDirectory } from './tenant.ts';

/** A request, as its guards see it and as its decision tells of it: both have the same facts. */
export interface TenantRequest {
  readonly tenant?: string | undefined;
  readonly facts: Facts;
}

/**
 * Finds the tenant of a request, and the same again for all of the request: it is judged, and recorded, by one state of
 * its tenant, whatever becomes of that meanwhile. Else a VRF key that went between two guards would be a proof that
 * nobody asks for. O(1); nothing is kept of requests that are done.
 *
 * @example
 * const tenantOf = pinTenants(tenants);
 * const guards = [knownTenant({ find: tenantOf }), signature({ keys: (context) => tenantOf(context)?.ring })];
 */
export function pinTenants(tenants: TenantDirectory): (request: TenantRequest) => Tenant | undefined {
  const pinned = new WeakMap<Facts, Tenant | 'nobody'>();
  return ({ tenant: id, facts }) => {
    let tenant = pinned.get(facts);
    if (tenant === undefined) {
      tenant = tenants.get(id) ?? 'nobody';
      pinned.set(facts, tenant);
    }
    return tenant === 'nobody' ? undefined : tenant;
  };
}
