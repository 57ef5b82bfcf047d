/** A tenant as the tenants file writes it, with its keys: `parseTenant` checks it. */
export interface TenantJson {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** A tenant as a store keeps it. */
export interface StoredTenant {
  readonly spec: TenantJson;
  /** 1 for a tenant that is new, one more with each change. */
  readonly revision: number;
  /** When it was changed last: RFC 3339, UTC, milliseconds. */
  readonly updatedAt: string;
}

/**
 * Where tenants live that are changed at run time. They are added and changed, never taken away: one that is not wanted
 * any more is deactivated, and keeps its keys from everybody else.
 */
export interface TenantStore {
  /** All of them, in any order. @throws if they cannot be read: the gateway then does not start. */
  load(): Promise<readonly StoredTenant[]>;
  /**
   * Keeps a tenant, new or changed, if nobody has changed any tenant meanwhile, and resolves when it is durable.
   * All of it is kept, or nothing. `false`: somebody was first, or the revision is not the next one; nothing was kept.
   *
   * @param generation the {@link generationOf} what the caller has checked the tenant against
   * @throws if it could not be kept. It may have been kept nevertheless, as when an answer was lost.
   */
  save(tenant: StoredTenant, generation: number): Promise<boolean>;
  /** The {@link generationOf} what it holds. There where other processes write to it too. */
  generation?(): Promise<number>;
  /** Tells of changes that another process made, some time after it made them. What it returns ends that. */
  onChange?(listener: () => void): () => void;
  /** Whether it answered when it was last asked. */
  readonly healthy: boolean;
  close(): Promise<void>;
}

/** How many changes led to these tenants: the sum of their revisions. No change leaves it as it is. */
export function generationOf(tenants: Iterable<StoredTenant>): number {
  let sum = 0;
  for (const { revision } of tenants) sum += revision;
  return sum;
}
