import { type Database, laneOf } from '../postgres/connect.ts';
import { limits, type Query, TIMEOUTS } from '../postgres/lane.ts';
import type { StoreError } from '../postgres/store-error.ts';
import { setTenant } from '../postgres/with-tenant.ts';

/** A transaction of a probe, which leaves nothing behind. */
export interface ProbeSession {
  readonly query: Query;
  /** Goes on as a tenant, or as nobody. A gateway's own transactions cannot: they are for one tenant from begin to end. */
  become(tenant: string | null): Promise<void>;
  /** Rows of a statement, or the code that it was refused with; the transaction goes on either way. */
  attempt(text: string, values?: readonly unknown[]): Promise<Attempt>;
  script(text: string): Promise<void>;
}

export type Attempt = { readonly rows: readonly Readonly<Record<string, unknown>>[] } | { readonly refused: string };

/**
 * Runs statements in a transaction that is rolled back. No tenant is set before `become`.
 *
 * @example
 * await rolledBack(db, 'app', async ({ attempt }) => attempt('select count(*) from portcullis.replay'));
 */
export async function rolledBack<T>(
  db: Database,
  lane: 'app' | 'ops',
  use: (session: ProbeSession) => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  const done = new Error('rolled back on purpose');
  await laneOf(db, lane)
    .transaction(limits(TIMEOUTS), async ({ query, script }) => {
      const value = await use({
        query,
        script,
        become: (tenant) => script(setTenant(tenant ?? '')),
        async attempt(text, values) {
          await script('savepoint attempt');
          try {
            const rows = await query(text, values);
            await script('release savepoint attempt');
            return { rows };
          } catch (error) {
            await script('rollback to savepoint attempt');
            return { refused: (error as StoreError).code };
          }
        },
      });
      result = { value };
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
  if (result === undefined) throw new Error('the transaction did not run');
  return result.value;
}
