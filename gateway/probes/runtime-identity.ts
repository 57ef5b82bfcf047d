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

/** Powers of the owner's role, as `identityOf` names those of a lane: a probe does not log in as it. */
const OWNER = `
select array_remove(array[
  case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypassrls' end,
  case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
  case when r.rolreplication then 'replication' end], null) as powers,
  array(select o.rolname::text from pg_auth_members m join pg_roles o on o.oid = m.roleid where m.member = r.oid order by 1) as member_of
from pg_roles r where r.rolname = $1`;

/** Who can take one of our roles on. A superuser can without. */
const MEMBERS = `
select distinct m.member::regrole::text as member, m.roleid::regrole::text as role
from pg_auth_members m join pg_roles r on r.oid = m.member
where m.roleid in (select oid from pg_roles where rolname in ($1, $2, $3)) and not r.rolsuper order by 1, 2`;

/** Who the gateway's statements run as: no superuser, no BYPASSRLS, no other power, no owner, no member of another role, nor anybody of theirs. */
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
    if (lane !== undefined) check(user === db.roles[lane], `${lane}: the login is not the role that was named`);
  }
  const { owner, app, ops } = db.roles;
  const { settings, owners, members } = await rolledBack(db, 'app', async ({ query }) => ({
    settings: await query<{ name: string }>(PRESET, [app, ops]),
    owners: await query<{ powers: string[]; member_of: string[] }>(OWNER, [owner]),
    members: await query<{ member: string; role: string }>(MEMBERS, [owner, app, ops]),
  }));
  check(settings.length === 0, `logins begin with ${settings.map(({ name }) => name).join(', ')} set`);
  check(owners.length === 1, 'owner: there is no such role');
  for (const { powers, member_of: memberOf } of owners) {
    check(powers.length === 0, `owner: the role is ${powers.join(', ')}`);
    check(memberOf.length === 0, `owner: the role is a member of ${memberOf.join(', ')}`);
  }
  check(
    members.length === 0,
    `others can take our roles on: ${members.map(({ member, role }) => `${member} is a member of ${role}`).join(', ')}: revoke that`,
  );
  const users = new Set(identities.map(({ user }) => user));
  check(users.size === identities.length, 'requests and operations log in as the same role');
  return finding(Object.fromEntries(lanes.map((lane, at) => [lane, identities[at]])));
}
