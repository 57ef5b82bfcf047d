import { Client } from 'pg';
import { runToEnd } from './gateway-process.ts';
import { must } from './scenario.ts';

/** One database for all scenarios and all runs: what they write is apart by tenant. */
const DATABASE = 'portcullis_faults';

export const POSTGRES = { host: '127.0.0.1', port: 5432 };

let ready: Promise<void> | undefined;

/** Runs statements as a superuser, in the database of the faults unless another is named. */
export async function asSuperuser<T>(use: (client: Client) => Promise<T>, database: string = DATABASE): Promise<T> {
  const client = new Client({ ...POSTGRES, user: 'postgres', database });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** What tells a gateway to use the database behind a port of 127.0.0.1. */
export function postgresEnv(port: number): Record<string, string> {
  return {
    POSTGRES_CONN: `postgres://portcullis_app@127.0.0.1:${port}/${DATABASE}`,
    POSTGRES_OPS_CONN: `postgres://portcullis_ops@127.0.0.1:${port}/${DATABASE}`,
  };
}

/** Makes the database once, with the command that users make theirs with. */
export function migrated(): Promise<void> {
  ready ??= makeDatabase();
  return ready;
}

async function makeDatabase(): Promise<void> {
  await asSuperuser(async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  }, 'postgres');
  const setup = await runToEnd(['migrate', '--setup'], {});
  must(setup.code === 0, `migrate --setup ended with ${setup.code}: ${setup.output}`);
  await asSuperuser((client) => client.query(setup.output));
  const migrated = await runToEnd(['migrate'], {
    env: { POSTGRES_MIGRATE_CONN: `postgres://portcullis_owner@127.0.0.1:5432/${DATABASE}` },
  });
  must(migrated.code === 0, `migrate ended with ${migrated.code}: ${migrated.output}`);
}
