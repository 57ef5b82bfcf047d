import { badVariable, type Env, readText } from '../env.ts';
import { type Database, type Logins, openPglite, openPostgres } from './connect.ts';
import { DEFAULT_ROLES, type RoleNames } from './roles.ts';

/** What the environment says of a database; without `POSTGRES_CONN` there is none. */
export type PostgresConfig =
  | { readonly kind: 'postgres'; readonly logins: Logins; readonly roles: RoleNames }
  /** `directory` is undefined for one in memory. */
  | { readonly kind: 'pglite'; readonly directory: string | undefined };

/** Variables that only a server has a use for. */
const OF_A_SERVER: readonly string[] = [
  'POSTGRES_OPS_CONN',
  'POSTGRES_MIGRATE_CONN',
  'POSTGRES_OWNER_ROLE',
  'POSTGRES_APP_ROLE',
  'POSTGRES_OPS_ROLE',
];

const PGLITE = /^pglite:(.+)$/;
const SERVER = /^postgres(?:ql)?:\/\//;
const REMEDY = 'give postgres://user:password@host:port/database, or pglite: and a directory';

/**
 * Reads `POSTGRES_CONN` and what goes with it.
 *
 * @throws {ConfigError} PTC_E011 naming the variable, never its value: it holds a password.
 */
export function readPostgres(env: Env): PostgresConfig | undefined {
  const app = readText(env, 'POSTGRES_CONN');
  const ops = readText(env, 'POSTGRES_OPS_CONN');
  const owner = readText(env, 'POSTGRES_MIGRATE_CONN');
  const directory = app === undefined ? undefined : PGLITE.exec(app)?.[1];
  if (directory !== undefined) {
    for (const name of OF_A_SERVER) {
      if (readText(env, name) !== undefined) {
        throw badVariable(env, name, 'leave it out: with pglite: in POSTGRES_CONN there are no other logins');
      }
    }
    return { kind: 'pglite', directory: directory === 'memory' ? undefined : directory };
  }
  const logins = { ...(app && { app }), ...(ops && { ops }), ...(owner && { owner }) };
  for (const [name, text] of [
    ['POSTGRES_CONN', app],
    ['POSTGRES_OPS_CONN', ops],
    ['POSTGRES_MIGRATE_CONN', owner],
  ] as const) {
    if (text !== undefined && (!SERVER.test(text) || !URL.canParse(text))) throw badVariable(env, name, REMEDY);
  }
  if (Object.keys(logins).length === 0) return undefined;
  return { kind: 'postgres', logins, roles: readRoles(env) };
}

/** Reads the names of the roles, which `portcullis migrate --setup` needs without a connection. */
export function readRoles(env: Env): RoleNames {
  return {
    owner: readText(env, 'POSTGRES_OWNER_ROLE') ?? DEFAULT_ROLES.owner,
    app: readText(env, 'POSTGRES_APP_ROLE') ?? DEFAULT_ROLES.app,
    ops: readText(env, 'POSTGRES_OPS_ROLE') ?? DEFAULT_ROLES.ops,
  };
}

/** Opens what {@link readPostgres} read. */
export function openDatabase(config: PostgresConfig): Promise<Database> {
  return config.kind === 'pglite' ? openPglite(config.directory) : openPostgres(config.logins, { roles: config.roles });
}
