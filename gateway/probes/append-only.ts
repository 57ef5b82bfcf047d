import type { Database } from '../postgres/connect.ts';
import { tenantTables } from './catalogue.ts';
import { type Finding, newChecks } from './probe.ts';
import { rolledBack } from './session.ts';

const CHANGES = ['update', 'delete', 'truncate'];

/**
 * What requests may add to and not change, nobody changes: each such table has a trigger that refuses, enabled always, so that
 * neither its owner nor a session that plays a replica gets past it. Requests are refused when they try.
 */
export async function appendOnly(db: Database): Promise<Finding> {
  const { check, finding } = newChecks();
  const tables = (await rolledBack(db, 'app', ({ query }) => tenantTables(query))).filter(
    ({ privileges, guards }) =>
      guards.length > 0 ||
      (privileges.includes('insert') && !privileges.includes('update') && !privileges.includes('delete')),
  );
  for (const { name, guards } of tables) {
    for (const change of CHANGES) {
      const refusing = guards.filter(({ events }) => events.includes(change));
      check(refusing.length > 0, `${name}: nothing refuses ${change}`);
      check(
        refusing.some(({ enabled }) => enabled === 'A'),
        `${name}: what refuses ${change} is not enabled always`,
      );
    }
  }
  const outcomes = await rolledBack(db, 'app', async ({ attempt }) => {
    const seen: Record<string, string> = {};
    for (const { name } of tables) {
      for (const [change, text] of [
        ['update', `update ${name} set tenant_id = tenant_id`],
        ['delete', `delete from ${name}`],
        ['truncate', `truncate ${name}`],
      ] as const) {
        const tried = await attempt(text);
        const outcome = 'refused' in tried ? tried.refused : 'done';
        seen[`${change} ${name}`] = outcome;
        check(outcome !== 'done', `${name}: ${change} was done for a request`);
      }
    }
    return seen;
  });
  return finding({ tables: tables.map(({ name }) => name), outcomes });
}
