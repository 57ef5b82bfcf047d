import type { Clock } from '../../src/clock.ts';
import { ConfigError } from '../../src/errors.ts';
import { mistakesIn } from '../../src/mistakes.ts';
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
  { clock, log, database }: { readonly clock: Clock; readonly log: Log; readonly database: Database | undefined },
): Promise<TenantBook> {
  const store = await openStore(tenantStore, database);
  const onFault = (error: unknown): void => log('error', 'tenants_not_read', { error: errorKind(error) });
  const onLeftOut = (tenant: string, error: unknown): void => {
    const mistakes = error instanceof ConfigError ? mistakesIn(error).map(({ message }) => message) : [];
    log('warn', 'tenant_left_out', { code: 'PTC_W008', tenant, error: errorKind(error), mistakes });
  };
  try {
    return await openTenantBook({ configured, rules, store, clock, onFault, onLeftOut });
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
