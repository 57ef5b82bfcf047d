import type { StoredTenant, TenantJson, TenantStore } from '../tenants/store.ts';
import { type Database, laneOf } from './connect.ts';
import { sql } from './statement.ts';
import { withOperations } from './with-tenant.ts';

/** Told of each change that is committed. */
export const TENANTS_CHANNEL = 'portcullis_tenants';

const ALL = sql`select spec, revision::text as revision, updated_at from portcullis.tenants`;
/** One change at a time, while everybody reads. Not an advisory lock: the application's login could take that one, and keep it. */
const TAKE_LOCK = sql`lock table portcullis.tenants in share row exclusive mode`;
const NOTIFY = sql`select pg_notify($1, '')`;
const CHANGES = sql`select coalesce(sum(revision), 0)::text as generation from portcullis.tenants`;
const GENERATION = sql`
select coalesce(sum(revision), 0)::text as generation,
  coalesce(max(revision) filter (where tenant_id = $1), 0)::text as revision from portcullis.tenants`;
const SAVE = sql`
insert into portcullis.tenants (tenant_id, spec, revision, updated_at) values ($1, $2::jsonb, $3, $4)
on conflict (tenant_id) do update
  set spec = excluded.spec, revision = excluded.revision, updated_at = excluded.updated_at`;

interface Row {
  readonly spec: TenantJson;
  readonly revision: string;
  readonly updated_at: Date;
}

/**
 * Keeps tenants in PostgreSQL, for several gateways: each is told when another changed one. Keys stand in the rows, which
 * the role of operations reads and the application's does not.
 *
 * @param db with a login for operations
 *
 * @example
 * const store = postgresTenantStore(db);
 * const tenants = await store.load();
 */
export function postgresTenantStore(db: Database): TenantStore {
  let healthy = true;

  /** Remembers whether the database answered. */
  async function asked<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      healthy = true;
      return result;
    } catch (error) {
      healthy = false;
      throw error;
    }
  }

  return {
    get healthy() {
      return healthy;
    },
    load: () =>
      asked(
        withOperations(db, async (query) => {
          const rows = await query<Row>(ALL);
          return rows.map(storedTenant);
        }),
      ),
    save: ({ spec, revision, updatedAt }, generation) =>
      asked(
        withOperations(db, async (query) => {
          await query(TAKE_LOCK);
          const [found] = await query<{ generation: string; revision: string }>(GENERATION, [spec.id]);
          if (Number(found?.generation) !== generation || Number(found?.revision) + 1 !== revision) return false;
          await query(SAVE, [spec.id, JSON.stringify(spec), revision, updatedAt]);
          await query(NOTIFY, [TENANTS_CHANNEL]);
          return true;
        }),
      ),
    generation: () =>
      asked(
        withOperations(db, async (query) => {
          const [found] = await query<{ generation: string }>(CHANGES);
          return Number(found?.generation);
        }),
      ),
    onChange(listener) {
      const listening = laneOf(db, 'ops').listen(TENANTS_CHANNEL, listener);
      return () => void listening.then((stop) => stop());
    },
    // The database belongs to whoever opened it.
    close: async () => {},
  };
}

function storedTenant({ spec, revision, updated_at }: Row): StoredTenant {
  return { spec, revision: Number(revision), updatedAt: updated_at.toISOString() };
}
