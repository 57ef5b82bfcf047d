import process from 'node:process';
import { badVariable } from '../../gateway/env.ts';
import { type Compared, compareIndex, type IndexFault } from '../../gateway/postgres/compare-index.ts';
import { openDatabase, readPostgres } from '../../gateway/postgres/env.ts';

/**
 * Compares the index in PostgreSQL with a ledger. The connection comes from the environment: it holds a password, and an
 * argument is seen by everybody on the machine.
 *
 * @throws {ConfigError} PTC_E011 if no login for operations is configured.
 */
export async function checkIndex(directory: string): Promise<Compared> {
  const config = readPostgres(process.env);
  if (config === undefined || (config.kind === 'postgres' && config.logins.ops === undefined)) {
    throw badVariable(
      process.env,
      'POSTGRES_OPS_CONN',
      'give the login of operations, which sees the index of all tenants',
    );
  }
  const db = await openDatabase(config);
  try {
    return await compareIndex(db, directory);
  } finally {
    await db.close();
  }
}

const REASONS: Readonly<Record<IndexFault['reason'], string>> = {
  missing: 'it has no row',
  differs: 'its row is not as the ledger says',
  audit: 'the audit of administration is not as the ledger says',
  extra: 'there is a row, or a call in the audit, that the ledger does not have',
  unknown: 'the id of the ledger cannot be told: its first entries are gone',
};

export function describeIndexFault({ index, reason, column }: IndexFault): string {
  return `the index in PostgreSQL does not agree with the ledger at entry ${index}: ${REASONS[reason]}${column === undefined ? '' : ` (${column})`}`;
}

export function describeIndex({ entries, behind }: Compared): string {
  return `index in PostgreSQL: ${entries - behind} entries agree${behind === 0 ? '' : `, ${behind} are not there yet`}\n`;
}
