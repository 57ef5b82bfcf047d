import { TENANT_ID } from '../../src/tenancy/tenant.ts';
import { type Database, laneOf } from './connect.ts';
import { assertion, type LaneName, limits, literal, type Query, TIMEOUTS, type Timeouts } from './lane.ts';
import { isDeclared, type StatementQuery } from './statement.ts';

/** The setting that row-level security compares with. */
export const TENANT_SETTING = 'app.current_tenant_id';

/**
 * Runs declared statements as the application, for one tenant, in one transaction: rows of others are neither seen nor
 * touched. The tenant is set for this transaction only, and so is gone before the connection serves anybody else.
 * `null` stands for nobody: nothing is visible, and only the dead-letter lane of operations can be written to.
 * One round trip more than the statements, and one for the commit, which comes to nothing if the tenant is another by then.
 *
 * @throws {StoreError} what failed, as a code, without values; the transaction is rolled back.
 *
 * @example
 * const IDS = sql`select pcs_id from portcullis.replay`;
 * const rows = await withTenant(db, 'acme', (query) => query(IDS));
 */
export function withTenant<T>(
  db: Database,
  tenant: string | null,
  use: (query: StatementQuery) => Promise<T>,
  timeouts: Timeouts = TIMEOUTS,
): Promise<T> {
  // An empty text would be nobody, by mistake.
  if (tenant !== null && !TENANT_ID.test(tenant)) return Promise.reject(new TypeError('that is no id of a tenant'));
  return inTransaction(db, 'app', tenant ?? '', use, timeouts);
}

/**
 * Runs statements as operations, in one transaction: for what is not of one tenant, such as the list of tenants, the
 * audit of administration and dead letters that nobody can be named for.
 *
 * @throws {StoreError} as {@link withTenant}
 *
 * @example
 * const TENANTS = sql`select tenant_id, spec from portcullis.tenants`;
 * const tenants = await withOperations(db, (query) => query(TENANTS));
 */
export function withOperations<T>(
  db: Database,
  use: (query: StatementQuery) => Promise<T>,
  timeouts: Timeouts = TIMEOUTS,
): Promise<T> {
  return inTransaction(db, 'ops', '', use, timeouts);
}

function inTransaction<T>(
  db: Database,
  lane: LaneName,
  tenant: string,
  use: (query: StatementQuery) => Promise<T>,
  timeouts: Timeouts,
): Promise<T> {
  const is = `current_setting(${literal(TENANT_SETTING)}) = ${literal(tenant)} and current_setting('row_security') = 'on'`;
  return laneOf(db, lane).transaction(
    `${limits(timeouts)}; ${setTenant(tenant)}`,
    ({ query }) => use(declaredOnly(query)),
    assertion(is),
  );
}

/** The statement that makes the rest of a transaction that of a tenant, or of nobody. */
export function setTenant(tenant: string): string {
  return `set local ${TENANT_SETTING} = ${literal(tenant)}`;
}

/** A text that was put together could end the transaction, change the role, or set another tenant, in ways that no filter knows. */
function declaredOnly(query: Query): StatementQuery {
  return (statement, values) =>
    isDeclared(statement)
      ? query(statement.text, values)
      : Promise.reject(new TypeError('only statements that sql`` declared run here'));
}
