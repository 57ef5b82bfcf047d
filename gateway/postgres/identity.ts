import { type Database, laneOf } from './connect.ts';
import { limits, TIMEOUTS } from './lane.ts';
import { SCHEMA } from './roles.ts';

/** Who statements of a lane run as, and what that role could do besides what it is for. */
export interface Identity {
  /** The role that statements run as. */
  readonly user: string;
  /** The role that logged in. In PGlite that is its superuser, whatever the lane. */
  readonly login: string;
  /** Powers of the role that let it pass row-level security by, or take another role: `superuser`, `bypassrls`, … */
  readonly powers: readonly string[];
  /** Roles that it is a member of, directly or not. */
  readonly memberOf: readonly string[];
  /** Whatever it owns in this database, and databases. */
  readonly owns: readonly string[];
}

/**
 * Asks the server who a lane is.
 *
 * @example
 * (await identityOf(db, 'app')).powers; // []
 */
export function identityOf(db: Database, lane: 'app' | 'ops'): Promise<Identity> {
  return laneOf(db, lane).transaction(limits(TIMEOUTS), async ({ query }) => {
    const [row] = await query<{ user: string; login: string; powers: string[]; member_of: string[]; owns: string[] }>(
      `select current_user::text as user, session_user::text as login,
         array_remove(array[
           case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypassrls' end,
           case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
           case when r.rolreplication then 'replication' end], null) as powers,
         array(select o.rolname::text from pg_roles o
               where o.oid <> r.oid and not r.rolsuper and pg_has_role(r.oid, o.oid, 'MEMBER') order by 1) as member_of,
         array(select o.identity from pg_shdepend d, pg_identify_object(d.classid, d.objid, d.objsubid) o
               where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o'
                 and d.dbid in (0, (select oid from pg_database where datname = current_database())) order by 1) as owns
       from pg_roles r, pg_namespace n where r.rolname = current_user and n.nspname = $1`,
      [SCHEMA],
    );
    // Without the schema there is nothing to own.
    const { user = '', login = '', powers = [], member_of: memberOf = [], owns = [] } = row ?? {};
    return { user, login, powers, memberOf, owns };
  });
}
