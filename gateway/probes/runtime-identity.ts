import type { Database } from '../postgres/connect.ts';
import { identityOf } from '../postgres/identity.ts';
import { type Finding, newChecks } from './probe.ts';

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
  const users = new Set(identities.map(({ user }) => user));
  check(users.size === identities.length, 'requests and operations log in as the same role');
  return finding(Object.fromEntries(lanes.map((lane, at) => [lane, identities[at]])));
}
