import { existsSync } from 'node:fs';
import process from 'node:process';
import type { Env } from '../gateway/env.ts';
import { badVariable, readText } from '../gateway/env.ts';
import { type GatewayConfig, readConfig } from '../gateway/gateway.ts';
import { openDatabase } from '../gateway/postgres/env.ts';
import { migrate } from '../gateway/postgres/migrate.ts';
import { databaseProbes } from '../gateway/probes/database-probes.ts';
import type { Secret } from '../gateway/probes/needles.ts';
import { runProbes } from '../gateway/probes/probe.ts';
import { wiring } from '../gateway/probes/wiring.ts';
import { readOptions } from './options.ts';

const USAGE = `usage: portcullis probe

Looks whether isolation holds and everything is wired, and prints what it saw as JSON. It reads the variables of the gateway;
POSTGRES_CONN and POSTGRES_OPS_CONN name the database, WAL_DIR and WORM_BASE_DIR the files. docs/postgres.md says what
each probe does, and what it leaves. Exit codes: 0 everything holds, 1 something does not.
`;

/** Variables whose values are secrets, with those of the tenants. */
const SECRETS = ['METRICS_PASS', 'PCS_HMAC_KEY', 'PCS_HMAC_KEYS'] as const;
const CONNECTIONS = ['POSTGRES_CONN', 'POSTGRES_OPS_CONN', 'POSTGRES_MIGRATE_CONN', 'REDIS_ADDR'] as const;

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
    const secrets = secretsOf(env, config);
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

function secretsOf(env: Env, { tenants }: GatewayConfig): readonly Secret[] {
  const secrets: Secret[] = SECRETS.flatMap((name) =>
    (readText(env, name) ?? '').split(',').flatMap((value) => (value === '' ? [] : [{ name, value }])),
  );
  for (const name of CONNECTIONS) {
    const text = readText(env, name);
    const password = text !== undefined && URL.canParse(text) ? decodeURIComponent(new URL(text).password) : '';
    if (password !== '') secrets.push({ name: `password in ${name}`, value: password });
  }
  for (const { id, keys } of tenants) {
    for (const key of keys === 'none' ? [] : keys) {
      // An Ed25519 key is public.
      if (key.alg === 'hmac') secrets.push({ name: `key ${key.id} of ${id}`, value: key.key, isTenantKey: true });
    }
  }
  return secrets;
}
