import type { Database } from '../postgres/connect.ts';
import { TENANT_SETTING } from '../postgres/with-tenant.ts';
import { COMMANDS, type Command, detours, type Policy, tenantTables } from './catalogue.ts';
import { type Finding, newChecks } from './probe.ts';
import { rolledBack } from './session.ts';

/** Privileges that row-level security does not look at, and that a request has no use for. */
const NOT_FOR_REQUESTS = ['truncate', 'references', 'trigger'];

/**
 * Every table with `tenant_id`: row-level security enabled and forced, a permissive policy for each command that
 * compares with the tenant of the transaction, and no policy, privilege, view or function that leads past it.
 */
export async function rowSecurity(db: Database): Promise<Finding> {
  const { check, finding } = newChecks();
  const { tables, around } = await rolledBack(db, 'app', async ({ query }) => ({
    tables: await tenantTables(query),
    around: await detours(query),
  }));
  for (const { name, enabled, forced, policies, privileges } of tables) {
    check(enabled, `${name}: row-level security is not enabled`);
    check(forced, `${name}: row-level security is not forced, so its owner sees everything`);
    const applied = policies.filter(({ roles }) => roles.includes('public') || roles.includes(db.roles.app));
    for (const command of COMMANDS) {
      const own = applied.filter(
        (policy) => policy.permissive && (policy.command === command || policy.command === 'all'),
      );
      check(own.length > 0, `${name}: no permissive policy for ${command}`);
      const open = own.filter((policy) => !expressionsOf(policy, command).every(comparesTenant));
      check(open.length === 0, `${name}: a policy for ${command} does not compare with the tenant`);
    }
    for (const privilege of NOT_FOR_REQUESTS) {
      check(!privileges.includes(privilege), `${name}: requests may ${privilege}`);
    }
  }
  check(around.length === 0, `requests see with the rights of another role through ${around.join(', ')}`);
  return finding({ tables: tables.map(({ name, policies }) => ({ name, policies: policies.map((one) => one.name) })) });
}

/** What decides on rows that a command sees, and on those that it writes. */
function expressionsOf({ using, check }: Policy, command: Command): readonly (string | null)[] {
  if (command === 'insert') return [check ?? using];
  // Without one of its own, the check of an update is what selects the rows.
  return command === 'update' ? [using, check ?? using] : [using];
}

function comparesTenant(expression: string | null): boolean {
  return expression !== null && /\btenant_id\b/.test(expression) && expression.includes(TENANT_SETTING);
}
