import type { Database } from '../../../gateway/postgres/connect.ts';
import type { Query, Timeouts } from '../../../gateway/postgres/lane.ts';
import { type Statement, sql } from '../../../gateway/postgres/statement.ts';
import * as declared from '../../../gateway/postgres/with-tenant.ts';

/** A statement of any text, which no file of the gateway can make. */
export function statementOf(text: string): Statement {
  return sql(Object.assign([text], { raw: [text] }));
}

/** As the gateway's own, with any text. */
export function withTenant<T>(
  db: Database,
  tenant: string | null,
  use: (query: Query) => Promise<T>,
  timeouts?: Timeouts,
): Promise<T> {
  return declared.withTenant(db, tenant, (query) => use((text, values) => query(statementOf(text), values)), timeouts);
}

/** As the gateway's own, with any text. */
export function withOperations<T>(db: Database, use: (query: Query) => Promise<T>): Promise<T> {
  return declared.withOperations(db, (query) => use((text, values) => query(statementOf(text), values)));
}
