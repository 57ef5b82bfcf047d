import type { GatewayConfig } from '../config.ts';
import { errorKind, type Log } from '../log.ts';
import { openTenantBook, type TenantBook } from './book.ts';
import { openTenantFile } from './file-store.ts';

/**
 * Opens the store that the configuration names, and reads all tenants.
 *
 * @throws {ConfigError} for every mistake in what the store holds, or a store that cannot be opened.
 */
export async function openTenants(
  { tenants: configured, tenantRules: rules, tenantStore }: GatewayConfig,
  { now, log }: { readonly now: () => number; readonly log: Log },
): Promise<TenantBook> {
  const store = tenantStore && (await openTenantFile(tenantStore.path));
  const onFault = (error: unknown): void => log('error', 'tenants_not_read', { error: errorKind(error) });
  try {
    return await openTenantBook({ configured, rules, store, now, onFault });
  } catch (error) {
    await store?.close();
    throw error;
  }
}
