import { ConfigError } from '../../src/errors.ts';

/** The three roles of a database. None is a superuser, none passes row-level security by. */
export interface RoleNames {
  /** Owns schema and tables; only migrations log in as it. */
  readonly owner: string;
  /** What requests run as. Owns nothing. */
  readonly app: string;
  /** Operations: what is not of one tenant. Owns nothing. */
  readonly ops: string;
}

export const DEFAULT_ROLES: RoleNames = Object.freeze({
  owner: 'portcullis_owner',
  app: 'portcullis_app',
  ops: 'portcullis_ops',
});

/** Where all tables live. */
export const SCHEMA = 'portcullis';

const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Checks role names: they stand in statements that take no parameters.
 *
 * @throws {ConfigError} PTC_E003 naming the role.
 */
export function checkRoles(roles: RoleNames): RoleNames {
  for (const [which, name] of Object.entries(roles)) {
    if (ROLE_NAME.test(name)) continue;
    const remedy = 'give 1 to 63 lower-case letters, digits and underscores, not a digit first';
    throw new ConfigError('PTC_E003', `roles.${which}`, name, remedy);
  }
  if (new Set(Object.values(roles)).size < 3) {
    throw new ConfigError('PTC_E003', 'roles', roles, 'give owner, app and ops a role each');
  }
  return roles;
}

/**
 * What a superuser runs once in a new database, before the first migration: the roles, the schema, and what the server
 * lets everybody do that nobody here does. Running it again changes nothing. Passwords are set apart, so that none stands in a file.
 *
 * @example
 * setupSql(DEFAULT_ROLES); // portcullis migrate --setup | psql -d portcullis
 */
export function setupSql(roles: RoleNames): string {
  const { owner, app, ops } = checkRoles(roles);
  const create = (role: string): string =>
    `do $$ begin create role ${role} with login ${NO_POWERS}; exception when duplicate_object or unique_violation then alter role ${role} with ${NO_POWERS}; end $$;`;
  return [
    ...[owner, app, ops].map(create),
    `create schema if not exists ${SCHEMA} authorization ${owner};`,
    `revoke all on schema ${SCHEMA} from public;`,
    'revoke create on schema public from public;',
    WITHDRAWN.replaceAll('{owner}', owner),
    '',
  ].join('\n');
}

const NO_POWERS = 'nosuperuser nobypassrls nocreatedb nocreaterole noreplication noinherit';

/** Functions that the set-up takes from everybody, as an expression for their names. */
export const WITHDRAWN_FUNCTIONS: string =
  '^(lo_.*|loread|lowrite|(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite|set_config)$';

/**
 * What would lead past a transaction's tenant, or outlive it, if a statement of ours could be made to say more than it does: tables
 * of a session, large objects, which have no policies, functions that run a text as a statement, and settings. `pg_dump` sets
 * some as the owner.
 */
const WITHDRAWN = `do $$ declare f regprocedure; begin
  execute format('revoke temporary on database %I from public', current_database());
  for f in select p.oid from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~
    '${WITHDRAWN_FUNCTIONS}'
  loop execute format('revoke execute on function %s from public', f); end loop;
end $$;
grant execute on function pg_catalog.set_config to {owner};
revoke update on pg_catalog.pg_settings from public;`;
