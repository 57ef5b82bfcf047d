import { ConfigError } from '../../src/errors.ts';
import { lend } from './handle.ts';
import { assertion, type Lane, type LaneName, type Statements } from './lane.ts';
import type { RoleNames } from './roles.ts';
import { storeError } from './store-error.ts';

/** What statements are run with: PGlite itself, or a transaction of it. */
interface Runs {
  exec(text: string): Promise<unknown>;
  query<Row>(text: string, values: unknown[]): Promise<{ readonly rows: Row[] }>;
}

/** As much of a PGlite as is used here. Who reads our types need not have the package. */
export interface Pglite extends Runs {
  readonly closed: boolean;
  transaction<T>(use: (tx: Runs) => Promise<T>): Promise<T>;
  listen(channel: string, onNotify: (payload: string) => void): Promise<(tx?: never) => Promise<void>>;
  close(): Promise<void>;
}

/**
 * Opens PGlite, PostgreSQL in this process, in a directory or in memory.
 *
 * @throws {ConfigError} PTC_E016 if the package is not installed, PTC_E013 if the directory cannot be used.
 */
export async function startPglite(directory: string | undefined): Promise<Pglite> {
  const { PGlite } = await import('@electric-sql/pglite').catch(() => {
    throw new ConfigError('PTC_E016', '@electric-sql/pglite', undefined, 'run npm install @electric-sql/pglite');
  });
  return (directory === undefined ? PGlite.create() : PGlite.create(directory)).catch(() => {
    throw new ConfigError('PTC_E013', 'PGlite directory', directory, 'give a directory that PGlite can use');
  });
}

/**
 * The lanes of a PGlite. It has one connection, which belongs to its superuser, so each transaction takes on the role
 * of its lane; `reset role` would undo that, which is why only declared statements get through `withTenant`.
 * Statements run on this thread, one transaction after the other, and have no time limits.
 */
export function pgliteLanes(db: Pglite, roles: RoleNames): Readonly<Record<LaneName, Lane>> {
  const lane = (role: string): Lane => ({
    transaction: (opening, use, closing = 'select 1') =>
      db.transaction(async (tx) => {
        const run = async <T>(work: Promise<T>): Promise<T> => {
          try {
            return await work;
          } catch (error) {
            throw storeError(error);
          }
        };
        const statements: Statements = {
          query: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await run(tx.query<Row>(text, [...values]))).rows,
          script: async (text) => {
            await run(tx.exec(text));
          },
        };
        await statements.script(`set local role ${role}; ${opening}`);
        const result = await lend(statements, use);
        await statements.script(`${closing}; ${assertion(`current_user = '${role}'`)}`);
        return result;
      }),
    async listen(channel, onNotify) {
      const stop = await db.listen(channel, onNotify);
      onNotify(undefined);
      return async () => {
        if (!db.closed) await stop();
      };
    },
    close: () => db.close(),
  });

  return { owner: lane(roles.owner), app: lane(roles.app), ops: lane(roles.ops) };
}
