import { ConfigError } from '../../src/errors.ts';
import { lend } from './handle.ts';
import { CONNECT_TIMEOUT_MS, type Lane, STATEMENT_TIMEOUT_MS, type Statements } from './lane.ts';
import { isSqlState, storeError } from './store-error.ts';

/** Connections of one lane at most. */
export const DEFAULT_POOL_SIZE = 10;
/** Milliseconds beyond a statement's own limit after which a server counts as hung. */
const GRACE_MS = 1_000;
/** Milliseconds of silence after which the other end of a connection is asked whether it is there. */
const KEEPALIVE_MS = 10_000;
/** Milliseconds between two attempts to listen again. */
const LISTEN_RETRY_MS = 1_000;
/** SQLSTATE `insufficient_privilege`. */
const REFUSED = '42501';

export interface PgLaneOptions {
  readonly max?: number;
  /** Milliseconds for one statement of this lane, as the client waits for it. */
  readonly statementMs?: number;
  /** Told of a connection that broke while nobody used it. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens a lane to a PostgreSQL server. No connection is made before the first transaction.
 *
 * @throws {ConfigError} PTC_E016 if `pg` is not installed.
 */
export async function pgLane(connectionString: string, options: PgLaneOptions = {}): Promise<Lane> {
  const { Client, Pool } = await loadPg();
  const statementMs = options.statementMs ?? STATEMENT_TIMEOUT_MS;
  const settings = {
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // The server's own limit comes first; this one is for a server that says nothing at all.
    query_timeout: statementMs + GRACE_MS,
    keepAlive: true,
    // The system's own is hours; a connection that only listens would seem alive for as long.
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    application_name: 'portcullis',
  };
  const pool = new Pool({ ...settings, max: options.max ?? DEFAULT_POOL_SIZE, allowExitOnIdle: true });
  // Without a listener a connection that breaks while idle would end the process.
  pool.on('error', (error) => options.onError?.(storeError(error)));

  return {
    async transaction(opening, use, closing = 'select 1') {
      const client = await pool.connect().catch((error: unknown) => {
        throw storeError(error);
      });
      let broken = false;
      // A connection that breaks between two statements would end the process, if nobody listened.
      const onBroken = (): void => {
        broken = true;
      };
      client.on('error', onBroken);
      const run = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          // Nothing of ours is refused a permission: who knows what is in the session's state.
          broken ||= !isSqlState(error) || (error as { code?: unknown }).code === REFUSED;
          throw storeError(error);
        }
      };
      const statements: Statements = {
        query: async (text, values = []) => {
          // Extended also without values: several statements in one text are refused then.
          const config = { text, values: [...values], queryMode: 'extended' };
          return (await run(client.query(config))).rows;
        },
        script: async (text) => {
          await run(client.query(text));
        },
      };
      try {
        await statements.script(`begin; ${opening}`);
        const result = await lend(statements, use);
        await statements.script(`${closing}; commit`).catch((error: unknown) => {
          broken = true;
          throw error;
        });
        return result;
      } catch (error) {
        if (!broken) await statements.script('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.off('error', onBroken);
        client.release(broken);
      }
    },

    async listen(channel, onNotify) {
      let stopped = false;
      let retry: NodeJS.Timeout | undefined;
      let client: InstanceType<typeof Client> | undefined;
      const start = async (): Promise<void> => {
        const mine = new Client(settings);
        client = mine;
        const again = (): void => {
          if (stopped || client !== mine) return;
          client = undefined;
          retry = setTimeout(() => void start(), LISTEN_RETRY_MS);
          retry.unref();
          mine.end().catch(() => undefined);
        };
        mine.on('error', again);
        mine.on('end', again);
        mine.on('notification', ({ payload }) => onNotify(payload));
        try {
          await mine.connect();
          await mine.query(`listen ${channel}`);
          // What was said while nobody listened is not said again.
          onNotify(undefined);
        } catch {
          again();
        }
      };
      await start();
      return async () => {
        stopped = true;
        clearTimeout(retry);
        await client?.end().catch(() => undefined);
      };
    },

    close: () => pool.end(),
  };
}

async function loadPg(): Promise<typeof import('pg')> {
  try {
    const { default: pg } = await import('pg');
    return pg as unknown as typeof import('pg');
  } catch {
    throw new ConfigError('PTC_E016', 'pg', undefined, 'run npm install pg');
  }
}
