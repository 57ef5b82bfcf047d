import type { Database } from '../postgres/connect.ts';
import type { PostgresConfig } from '../postgres/env.ts';
import { appendOnly } from './append-only.ts';
import { crossTenant } from './cross-tenant.ts';
import { deadLetterLanes } from './dead-letter-lanes.ts';
import { failClosed } from './fail-closed.ts';
import type { Secret } from './needles.ts';
import type { Probe } from './probe.ts';
import { rowSecurity } from './row-security.ts';
import { runtimeIdentity } from './runtime-identity.ts';
import { secretScan } from './secrets.ts';

export interface DatabaseProbesOptions {
  /** With logins for requests and for operations. */
  readonly db: Database;
  readonly config: PostgresConfig;
  /** Directories whose files are looked through for secrets. */
  readonly directories: readonly string[];
  readonly secrets: readonly Secret[];
}

/** The probes of a database: what row-level security is, and what it does. */
export function databaseProbes({ db, config, directories, secrets }: DatabaseProbesOptions): readonly Probe[] {
  return [
    { name: 'row-security', run: () => rowSecurity(db) },
    { name: 'append-only', run: () => appendOnly(db) },
    { name: 'runtime-identity', run: () => runtimeIdentity(db) },
    { name: 'fail-closed', run: () => failClosed(db, config) },
    { name: 'cross-tenant', run: () => crossTenant(db) },
    { name: 'dead-letter-lanes', run: () => deadLetterLanes(db) },
    { name: 'secrets', run: () => secretScan(db, directories, secrets) },
  ];
}
