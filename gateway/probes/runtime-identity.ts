import type { Database } from '../postgres/connect.ts';
import { identityOf } from '../postgres/identity.ts';
import { type Finding, newChecks } from './probe.ts';
import { rolledBack } from './session.ts';

/** Settings that a login of ours begins with and that decide on what it sees. */
const PRESET = `
select distinct split_part(one, '=', 1) as name
from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as one
where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and (s.setrole = 0 or r.rolname in ($1, $2)) and one ~ '^(app\\.|(row_security|role|session_replication_role)=)' order by 1`;

/** Who the gateway's statements run as: no superuser, no BYPASSRLS, no other power, no owner, no member of another role. */
export async function runtimeIdentity(db: Database): Promise<Finding> {
  const { check, finding } = newChecks();
  const lanes = (['app', 'ops'] as const).filter((lane) => db.lanes.has(lane));
  const identities = await Promise.all(lanes.map((lane) => identityOf(db, lane)));
  for (const [at, { user, login, powers, memberOf, owns }] of identities.entries()) {
    const lane = lanes[at];
    check(powers.length === 0, `${lane}: the role is ${powers.join(', ')}`);
    check(memberOf.length === 0, `${lane}: the role is a member of ${memberOf.join(', ')}`);
    check(owns.length === 0, `${lane}: the role owns ${owns.join(', ')}`);
    // PGlite has one login, its superuser's; a transaction takes the role on.
    if (db.kind === 'postgres')
      check(user === login, `${lane}: the login is not the role, and can take that off again`);
  }
  const settings = await rolledBack(db, 'app', ({ query }) =>
    query<{ name: string }>(PRESET, [db.roles.app, db.roles.ops]),
  );
  check(settings.length === 0, `logins begin with ${settings.map(({ name }) => name).join(', ')} set`);
  const users = new Set(identities.map(({ user }) => user));
  check(users.size === identities.length, 'requests and operations log in as the same role');
  return finding(Object.fromEntries(lanes.map((lane, at) => [lane, identities[at]])));
}
