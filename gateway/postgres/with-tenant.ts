import { TENANT_ID } from '../../src/tenancy/tenant.ts';
import { type Database, laneOf } from './connect.ts';
import { limits, literal, type Query, TIMEOUTS, type Timeouts } from './lane.ts';

/** The setting that row-level security compares with. */
export const TENANT_SETTING = 'app.current_tenant_id';

/** What reads and writes rows. The rest could end the transaction, change the role, or set another tenant. */
const STATEMENT = /^\s*(?:select|insert|update|delete|with)\b/i;
const SETS = /\bset_config\b/i;

/**
 * Runs statements as the application, for one tenant, in one transaction: rows of others are neither seen nor
 * touched. The tenant is set for this transaction only, and so is gone before the connection serves anybody else.
 * `null` stands for nobody: nothing is visible, and only the dead-letter lane of operations can be written to.
 * One round trip more than the statements, and one for the commit.
 *
 * @throws {StoreError} what failed, as a code, without values; the transaction is rolled back.
 *
 * @example
 * const rows = await withTenant(db, 'acme', (query) => query('select pcs_id from portcullis.replay'));
 */
export function withTenant<T>(
  db: Database,
  tenant: string | null,
  use: (query: Query) => Promise<T>,
  timeouts: Timeouts = TIMEOUTS,
): Promise<T> {
  // An empty text would be nobody, by mistake.
  if (tenant !== null && !TENANT_ID.test(tenant)) return Promise.reject(new TypeError('that is no id of a tenant'));
  const context = `select set_config(${literal(TENANT_SETTING)}, ${literal(tenant ?? '')}, true)`;
  return laneOf(db, 'app').transaction(`${limits(timeouts)}; ${context}`, ({ query }) => use(checked(query)));
}

/**
 * Runs statements as operations, in one transaction: for what is not of one tenant, such as the list of tenants, the
 * audit of administration and dead letters that nobody can be named for.
 *
 * @throws {StoreError} as {@link withTenant}
 *
 * @example
 * const tenants = await withOperations(db, (query) => query('select tenant_id, spec from portcullis.tenants'));
 */
export function withOperations<T>(
  db: Database,
  use: (query: Query) => Promise<T>,
  timeouts: Timeouts = TIMEOUTS,
): Promise<T> {
  const context = `select set_config(${literal(TENANT_SETTING)}, '', true)`;
  return laneOf(db, 'ops').transaction(`${limits(timeouts)}; ${context}`, ({ query }) => use(checked(query)));
}

function checked(query: Query): Query {
  return (text, values) => {
    if (STATEMENT.test(text) && !SETS.test(text)) return query(text, values);
    return Promise.reject(new TypeError('only select, insert, update, delete and with run here'));
  };
}
