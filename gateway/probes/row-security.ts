import type { Database } from '../postgres/connect.ts';
import { TENANT_SETTING } from '../postgres/with-tenant.ts';
import { COMMANDS, type Command, type Policy, tenantTables } from './catalogue.ts';
import { detours } from './detours.ts';
import { leftovers, strayGrants, wrongGrants } from './grants.ts';
import { type Finding, newChecks } from './probe.ts';
import { schemaFaults } from './schema.ts';
import { rolledBack } from './session.ts';

const TENANT = `NULLIF(current_setting('${TENANT_SETTING}'::text, true), ''::text)`;
const OWN_OR_NOBODY = `(NOT (tenant_id IS DISTINCT FROM ${TENANT}))`;

/** Privileges that row-level security does not look at, and that a request has no use for. */
const NOT_FOR_REQUESTS = ['truncate', 'references', 'trigger'];

/**
 * Every table with `tenant_id`: row-level security enabled and forced, a permissive policy for each command that
 * compares with the tenant of the transaction, and no policy, privilege or object of any schema that leads past it.
 */
export async function rowSecurity(db: Database): Promise<Finding> {
  const { check, finding } = newChecks();
  const { tables, around, faults, grants, stray, left } = await rolledBack(db, 'app', async ({ query }) => ({
    tables: await tenantTables(query),
    around: await detours(query),
    faults: await schemaFaults(query, db.roles),
    grants: await wrongGrants(query, db.roles),
    stray: await strayGrants(query, db.roles),
    left: await leftovers(query),
  }));
  for (const { name, enabled, forced, isExact, policies, privileges } of tables) {
    check(enabled, `${name}: row-level security is not enabled`);
    check(forced, `${name}: row-level security is not forced, so its owner sees everything`);
    check(isExact, `${name}: tenant_id has a collation that takes ids of several tenants for the same`);
    const applied = policies.filter(({ roles }) => roles.includes('public') || roles.includes(db.roles.app));
    for (const command of COMMANDS) {
      const own = applied.filter(
        (policy) => policy.permissive && (policy.command === command || policy.command === 'all'),
      );
      check(own.length > 0, `${name}: no permissive policy for ${command}`);
      const open = own.filter((policy) => !expressionsOf(policy, command).every((one) => comparesTenant(one, command)));
      check(open.length === 0, `${name}: a policy for ${command} does not compare with the tenant`);
    }
    for (const privilege of NOT_FOR_REQUESTS) {
      check(!privileges.includes(privilege), `${name}: requests may ${privilege}`);
    }
  }
  for (const failure of [...around, ...faults]) check(false, failure);
  check(grants.length === 0, `grants are not those of the migrations: ${grants.join('; ')}`);
  check(
    stray.length === 0,
    `grants outside of the schema: ${stray.join('; ')}: revoke them, or run portcullis migrate --setup again`,
  );
  check(left.length === 0, `requests may use ${left.join(', ')}: run portcullis migrate --setup again`);
  return finding({ tables: tables.map(({ name, policies }) => ({ name, policies: policies.map((one) => one.name) })) });
}

/** What decides on rows that a command sees, and on those that it writes. */
function expressionsOf({ using, check }: Policy, command: Command): readonly (string | null)[] {
  if (command === 'insert') return [check ?? using];
  // Without one of its own, the check of an update is what selects the rows.
  return command === 'update' ? [using, check ?? using] : [using];
}

/** Exactly what the migrations write, as the server prints it: a condition more, and it may hold for others. */
function comparesTenant(expression: string | null, command: Command): boolean {
  return expression === `(tenant_id = ${TENANT})` || (command === 'insert' && expression === OWN_OR_NOBODY);
}
