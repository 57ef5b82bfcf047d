import type { GatewayConfig } from '../config.ts';
import { errorKind, type Log } from '../log.ts';
import type { Database } from '../postgres/connect.ts';
import { postgresTenantStore } from '../postgres/tenant-store.ts';
import { openTenantBook, type TenantBook } from './book.ts';
import type { TenantStorePlace } from './env.ts';
import { openTenantFile } from './file-store.ts';
import type { TenantStore } from './store.ts';

/**
 * Opens the store that the configuration names, and reads all tenants.
 *
 * @throws {ConfigError} for every mistake in what the store holds, or a store that cannot be opened.
 */
export async function openTenants(
  { tenants: configured, tenantRules: rules, tenantStore }: GatewayConfig,
  { now, log, database }: { readonly now: () => number; readonly log: Log; readonly database: Database | undefined },
): Promise<TenantBook> {
  const store = await openStore(tenantStore, database);
  const onFault = (error: unknown): void => log('error', 'tenants_not_read', { error: errorKind(error) });
  try {
    return await openTenantBook({ configured, rules, store, now, onFault });
  } catch (error) {
    await store?.close();
    throw error;
  }
}

/** The configuration has seen to it that there is a database where one is needed. */
async function openStore(
  place: TenantStorePlace | undefined,
  database: Database | undefined,
): Promise<TenantStore | undefined> {
  if (place?.kind === 'file') return openTenantFile(place.path);
  return place && database && postgresTenantStore(database);
}
