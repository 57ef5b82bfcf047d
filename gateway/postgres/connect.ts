import { lockDirectory } from '../directory-lock.ts';
import type { Lane, LaneName } from './lane.ts';
import { type PgLaneOptions, pgLane } from './pg-lane.ts';
import { type Pglite, pgliteLanes, startPglite } from './pglite-lane.ts';
import { checkRoles, DEFAULT_ROLES, type RoleNames, setupSql } from './roles.ts';

/** A database. Queries go through `withTenant` and `withOperations`, which know what lies behind it. */
export interface Database {
  readonly kind: 'postgres' | 'pglite';
  /** Lanes that it was given a login for. */
  readonly lanes: ReadonlySet<LaneName>;
  readonly roles: RoleNames;
  close(): Promise<void>;
}

/** Connection strings, one for each role that this process logs in as. */
export type Logins = Readonly<Partial<Record<LaneName, string>>>;

export interface PostgresOptions extends PgLaneOptions {
  readonly roles?: RoleNames;
}

const LANES = new WeakMap<Database, Readonly<Partial<Record<LaneName, Lane>>>>();

/**
 * A database on a PostgreSQL server, 14 or newer. No connection is made yet.
 *
 * @throws {ConfigError} PTC_E016 if `pg` is not installed.
 *
 * @example
 * const db = await openPostgres({ app: 'postgres://portcullis_app@localhost/portcullis' });
 */
export async function openPostgres(logins: Logins, options: PostgresOptions = {}): Promise<Database> {
  const { roles = DEFAULT_ROLES, ...laneOptions } = options;
  const lanes: Partial<Record<LaneName, Lane>> = {};
  for (const [name, connectionString] of Object.entries(logins) as [LaneName, string][]) {
    lanes[name] = await pgLane(connectionString, laneOptions);
  }
  return known('postgres', checkRoles(roles), lanes, async () => {
    await Promise.all(Object.values(lanes).map((lane) => lane.close()));
  });
}

/**
 * A database inside this process, in a directory of its own or, without one, in memory. Roles and schema are set up.
 *
 * @param place the directory, or a PGlite that is running already
 * @throws {ConfigError} PTC_E013 if the directory cannot be used, PTC_E016 if `@electric-sql/pglite` is not installed.
 *
 * @example
 * const db = await openPglite('data/pglite');
 */
export async function openPglite(
  place: string | Pglite | undefined,
  options: { readonly roles?: RoleNames } = {},
): Promise<Database> {
  const roles = checkRoles(options.roles ?? DEFAULT_ROLES);
  const unlock = typeof place === 'string' ? await lockDirectory('POSTGRES_CONN', place) : undefined;
  try {
    // Beside the lock: PGlite wants a directory with nothing else in it.
    const pglite = typeof place === 'object' ? place : await startPglite(place && `${place}/pg`);
    await pglite.exec(setupSql(roles));
    return known('pglite', roles, pgliteLanes(pglite, roles), async () => {
      await pglite.close();
      await unlock?.();
    });
  } catch (error) {
    await unlock?.();
    throw error;
  }
}

function known(
  kind: Database['kind'],
  roles: RoleNames,
  lanes: Readonly<Partial<Record<LaneName, Lane>>>,
  close: () => Promise<void>,
): Database {
  let closing: Promise<void> | undefined;
  const db: Database = Object.freeze({
    kind,
    roles,
    lanes: new Set(Object.keys(lanes) as LaneName[]),
    close() {
      closing ??= close();
      return closing;
    },
  });
  LANES.set(db, lanes);
  return db;
}

/**
 * The connections of a role, for the few files that make transactions of them; `test/gateway/postgres/one-way.test.ts`
 * says which.
 */
export function laneOf(db: Database, name: LaneName): Lane {
  const lane = LANES.get(db)?.[name];
  if (lane === undefined) throw new Error(`this process has no login for the ${name} role`);
  return lane;
}
