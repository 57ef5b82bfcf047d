import type { RoleNames } from './roles.ts';

/** Runs one statement with parameters and returns its rows. */
export type Query = <Row = Readonly<Record<string, unknown>>>(
  text: string,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

/** What a transaction is run with. */
export interface Statements {
  readonly query: Query;
  /** Several statements without parameters. */
  readonly script: (text: string) => Promise<void>;
}

/** Connections that are logged in as one role. */
export interface Lane {
  /**
   * Runs `use` between begin and commit. `opening` is sent with the begin and `closing` with the commit; whatever fails
   * rolls back. A connection is thrown away that did not answer in time, was refused a permission, or failed at `closing`.
   * Statements work until `use` is done, and what is still under way then is waited for.
   */
  transaction<T>(opening: string, use: (statements: Statements) => Promise<T>, closing?: string): Promise<T>;
  /** Calls back for each notification on a channel, and for each time that some may have been missed. */
  listen(channel: string, onNotify: (payload: string | undefined) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export type LaneName = keyof RoleNames;

/** Milliseconds of one statement. */
export const STATEMENT_TIMEOUT_MS = 5_000;
/** Milliseconds that a statement waits for a lock. */
export const LOCK_TIMEOUT_MS = 2_000;
/** Milliseconds that a transaction may stand still. */
export const IDLE_TIMEOUT_MS = 10_000;
/** Milliseconds that a connection may take to be made. */
export const CONNECT_TIMEOUT_MS = 3_000;

/** Limits of a transaction, in milliseconds. */
export interface Timeouts {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleMs: number;
}

export const TIMEOUTS: Timeouts = Object.freeze({
  statementMs: STATEMENT_TIMEOUT_MS,
  lockMs: LOCK_TIMEOUT_MS,
  idleMs: IDLE_TIMEOUT_MS,
});

/** Set in the transaction, not on the connection: a pooler between us and the server may swap connections. */
export function limits({ statementMs, lockMs, idleMs }: Timeouts): string {
  return [
    `set local statement_timeout = ${statementMs}`,
    `set local lock_timeout = ${lockMs}`,
    `set local idle_in_transaction_session_timeout = ${idleMs}`,
    // Nobody's function or operator stands in for one of the system's.
    'set local search_path = pg_catalog',
    // Whatever the session was left with.
    'set local row_security = on',
  ].join('; ');
}

/** A text in SQL, with `standard_conforming_strings` as it is since PostgreSQL 9.1. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A statement that fails unless a condition holds: division by zero needs no language and no function of ours. */
export function assertion(condition: string): string {
  return `select 1 / (${condition})::int`;
}
