import { existsSync } from 'node:fs';
import process from 'node:process';
import { badVariable } from '../gateway/env.ts';
import { readConfig } from '../gateway/gateway.ts';
import { openDatabase } from '../gateway/postgres/env.ts';
import { migrate } from '../gateway/postgres/migrate.ts';
import { configuredSecrets } from '../gateway/probes/configured-secrets.ts';
import { databaseProbes } from '../gateway/probes/database-probes.ts';
import { runProbes } from '../gateway/probes/probe.ts';
import { wiring } from '../gateway/probes/wiring.ts';
import { readOptions } from './options.ts';

const USAGE = `usage: portcullis probe

Looks whether isolation holds and everything is wired, and prints what it saw as JSON. It reads the variables of the gateway;
POSTGRES_CONN and POSTGRES_OPS_CONN name the database, WAL_DIR and WORM_BASE_DIR the files. docs/postgres.md says what
each probe does, and what it leaves. Exit codes: 0 everything holds, 1 something does not.
`;

/** Runs every probe against the configured database, files and stores. */
export async function probe(args: readonly string[]): Promise<number> {
  if (readOptions(args, USAGE) === undefined) return 0;
  const { env } = process;
  const config = readConfig(env);
  const { postgres } = config;
  if (postgres === undefined) throw badVariable(env, 'POSTGRES_CONN', 'give the database to look at');
  if (postgres.kind === 'postgres' && postgres.logins.ops === undefined) {
    throw badVariable(
      env,
      'POSTGRES_OPS_CONN',
      'give the login of operations: tenants cannot see what is to be compared',
    );
  }
  const db = await openDatabase(postgres);
  try {
    if (db.kind === 'pglite') await migrate(db);
    const directories = [config.inboxDirectory, config.ledgerDirectory].filter((path) => existsSync(path));
    const secrets = await configuredSecrets(env, config);
    const reports = await runProbes([
      ...databaseProbes({ db, config: postgres, directories, secrets }),
      // A directory of PGlite serves one process, which is this one.
      {
        name: 'wiring',
        run: () => wiring(postgres.kind === 'pglite' ? { ...env, POSTGRES_CONN: 'pglite:memory' } : env),
      },
    ]);
    const ok = reports.every((report) => report.ok);
    const evidence = { ok, at: new Date().toISOString(), database: db.kind, directories, probes: reports };
    process.stdout.write(`${JSON.stringify(evidence, undefined, 2)}\n`);
    return ok ? 0 : 1;
  } finally {
    await db.close();
  }
}
