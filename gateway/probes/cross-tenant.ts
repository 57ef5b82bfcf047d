import { randomUUID } from 'node:crypto';
import type { Database } from '../postgres/connect.ts';
import { COMMANDS, type Command, type TenantTable, tenantTables } from './catalogue.ts';
import { type Checks, type Finding, newChecks } from './probe.ts';
import { seedRow } from './seed-row.ts';
import { type Attempt, type ProbeSession, rolledBack } from './session.ts';

/** SQLSTATE of a constraint: a key, a check. */
const CONSTRAINT = /^refused 23/;

/** Two tenants that nobody has, and a row of each. */
interface Two {
  readonly a: string;
  readonly b: string;
  /** Whether both rows could be added: without them, seeing none proves little. */
  readonly seeded: boolean;
  /** Whether a constraint was against them: it is asked after the policies, which have let them through then. */
  readonly byConstraint: boolean;
}

/**
 * For each table with `tenant_id` and each command: one tenant tries to read, add, change and delete rows of another,
 * which are there, and its own, which must work where it may. All of it is rolled back.
 */
export async function crossTenant(db: Database): Promise<Finding> {
  const checks = newChecks();
  const outcomes: Record<string, Readonly<Record<string, string>>> = {};
  await rolledBack(db, 'app', async (session) => {
    for (const table of await tenantTables(session.query))
      outcomes[table.name] = await probeTable(session, table, checks);
  });
  checks.check(Object.keys(outcomes).length > 0, 'no table with tenant_id was found');
  return checks.finding({ outcomes });
}

async function probeTable(
  session: ProbeSession,
  table: TenantTable,
  { check }: Checks,
): Promise<Readonly<Record<string, string>>> {
  const { name, privileges } = table;
  const two = await seed(session, table);
  if (privileges.includes('insert'))
    check(two.seeded || two.byConstraint, `${name}: a tenant cannot add a row of its own`);
  await session.become(two.a);
  const outcomes: Record<string, string> = { seeded: String(two.seeded) };
  for (const command of COMMANDS) {
    const reached = await reach(session, table, command, two);
    outcomes[command] = reached;
    check(
      reached === 'nothing' || (reached.startsWith('refused') && !(command === 'insert' && CONSTRAINT.test(reached))),
      `${name}: ${command} of another tenant's row: ${reached}`,
    );
  }
  if (privileges.includes('select') && two.seeded) {
    const own = countOf(
      await session.attempt(`select count(*)::int as count from ${name} where tenant_id::text = $1`, [two.a]),
    );
    check(own === 1, `${name}: a tenant does not see its own row, so that seeing no other proves nothing`);
  }
  return outcomes;
}

async function seed(session: ProbeSession, table: TenantTable): Promise<Two> {
  const [a, b] = [randomUUID(), randomUUID()];
  let seeded = table.privileges.includes('insert');
  let byConstraint = false;
  for (const tenant of [a, b]) {
    if (!seeded) break;
    await session.become(tenant);
    const { text, values } = seedRow(table, tenant, tenant);
    const tried = await session.attempt(text, values);
    seeded = 'rows' in tried;
    byConstraint = 'refused' in tried && CONSTRAINT.test(`refused ${tried.refused}`);
  }
  return { a, b, seeded, byConstraint };
}

/** What a command of tenant `a` got hold of: `nothing`, `refused` with a code, or how many rows. */
async function reach(
  session: ProbeSession,
  table: TenantTable,
  command: Command,
  { a, b, seeded }: Two,
): Promise<string> {
  const { name } = table;
  switch (command) {
    case 'select': {
      const seen = await session.attempt(
        `select count(*)::int as count from ${name} where tenant_id::text is distinct from $1`,
        [a],
      );
      return 'refused' in seen ? `refused ${seen.refused}` : rowsReached(countOf(seen));
    }
    case 'insert': {
      const { text, values } = seedRow(table, b, randomUUID());
      return outcome(await session.attempt(`${text} returning 1`, values));
    }
    case 'update': {
      const taken = outcome(
        await session.attempt(`update ${name} set tenant_id = tenant_id where tenant_id::text = $1 returning 1`, [b]),
      );
      if (taken !== 'nothing' && !taken.startsWith('refused')) return taken;
      // Its own row, given away. What names no column is held to the policy of updates alone.
      const given = await session.attempt(`update ${name} set tenant_id = $1::${typeOfTenant(table)}`, [b]);
      if ('refused' in given) return `refused ${given.refused}`;
      return seeded ? 'its own was given away' : 'nothing';
    }
    default:
      return outcome(await session.attempt(`delete from ${name} where tenant_id::text = $1 returning 1`, [b]));
  }
}

function typeOfTenant({ columns }: TenantTable): string {
  return columns.find(({ name }) => name === 'tenant_id')?.type ?? 'text';
}

function outcome(attempt: Attempt): string {
  return 'refused' in attempt ? `refused ${attempt.refused}` : rowsReached(attempt.rows.length);
}

function rowsReached(count: number): string {
  return count === 0 ? 'nothing' : `${count} rows`;
}

function countOf(attempt: Attempt): number {
  return 'rows' in attempt ? Number(attempt.rows[0]?.count) : 0;
}
