/** State per tenant, bounded: the tenant that was taught least recently is forgotten first. */
export interface TenantStates<S> {
  readonly size: number;
  /** What is known of a tenant, without making or renewing it. */
  peek(tenant: string | undefined): S | undefined;
  /** The tenant's state, made if there is none, as the most recent. */
  touch(tenant: string | undefined): S;
  forget(tenant: string | undefined): void;
}

/** Tenants that a factor remembers: about 4 kB each. */
export const MAX_TENANTS = 1_024;

/** O(1) for every operation; exchanges without a tenant share one state. */
export function tenantStates<S>(make: () => S, max: number = MAX_TENANTS): TenantStates<S> {
  const states = new Map<string, S>();
  const keyOf = (tenant: string | undefined): string => (tenant === undefined ? '' : `=${tenant}`);
  return {
    get size() {
      return states.size;
    },
    peek: (tenant) => states.get(keyOf(tenant)),
    touch(tenant) {
      const key = keyOf(tenant);
      const state = states.get(key) ?? make();
      states.delete(key);
      states.set(key, state);
      if (states.size > max) {
        for (const oldest of states.keys()) {
          states.delete(oldest);
          break;
        }
      }
      return state;
    },
    forget(tenant) {
      states.delete(keyOf(tenant));
    },
  };
}
