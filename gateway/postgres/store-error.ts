/** What failed in a database, without a word of it. */
export interface StoreError extends Error {
  /** SQLSTATE, such as `23505`, or the code of a connection that failed, such as `ECONNREFUSED`. */
  readonly code: string;
}

/**
 * An error that is safe to show. The driver's own holds values of rows, texts of statements and addresses.
 *
 * @example
 * throw storeError(error); // PostgreSQL failed: 23505
 */
export function storeError(error: unknown): StoreError {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const word = typeof code === 'string' && /^[A-Z0-9_]{3,40}$/.test(code) ? code : codeOfMessage(String(message));
  return Object.assign(new Error(`PostgreSQL failed: ${word}`), { name: 'StoreError', code: word });
}

/** Whether the server said so, in which case the connection is as good as before. */
export function isSqlState(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(?:57P|08)/.test(code);
}

/** Classes of SQLSTATE in which no statement of ours could have done better: read-only, resources, system, internal. */
const OF_THE_SERVER = /^(?:25006|53|58|XX)/;

/** Whether the database is not there, or not fit for work, rather than that a call was not right. */
export function isOutage(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && (!isSqlState(error) || OF_THE_SERVER.test(code));
}

/** `pg` gives its own timeouts no code. */
function codeOfMessage(message: string): string {
  if (/timeout/i.test(message)) return 'TIMEOUT';
  return /terminat|clos|end/i.test(message) ? 'CONNECTION_LOST' : 'UNKNOWN';
}
