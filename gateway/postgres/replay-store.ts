import type { StoredAnswer } from '../../src/guards/replay/store.ts';
import { type Asked, DEFAULT_LEASE_MS, type ReplayBackend, SAID_MS } from '../stores/shared-replay.ts';
import type { Database } from './connect.ts';
import type { Timeouts } from './lane.ts';
import { type Statement, sql } from './statement.ts';
import { withTenant } from './with-tenant.ts';

/** Longest time for which an answer is kept, in milliseconds: a hundred years. */
const MAX_TTL_MS = 3_155_760_000_000;
/** Well below the deadline of a guard. */
const LIMITS: Timeouts = Object.freeze({ statementMs: 1_000, lockMs: 750, idleMs: 2_000 });

const ASK = sql`select kind, answer from portcullis.replay_ask($1, $2, $3, $4, $5, $6, $7)`;
const KEEP = sql`select answer from portcullis.replay_keep($1, $2, $3, $4, $5, $6, $7, $8)`;
const FREE = sql`
delete from portcullis.replay_claims where tenant_id = $1 and pcs_id = $2 and body_digest = $3
  and gateway = $4 and serial = $5 and not is_said`;

export interface PostgresReplayOptions {
  /** Milliseconds after which a claim is let go. Default {@link DEFAULT_LEASE_MS}. */
  readonly leaseMs?: number;
}

interface Row {
  readonly answer: string | null;
}

/**
 * Keeps accepted requests in PostgreSQL, each for exactly its time by the clock of the server. A step is one transaction of the
 * tenant; only the one that keeps an answer waits for the disk.
 *
 * @example
 * const store = sharedReplayStore(postgresReplay(db));
 */
export function postgresReplay(
  db: Database,
  { leaseMs = DEFAULT_LEASE_MS }: PostgresReplayOptions = {},
): ReplayBackend {
  function call<T>(key: string, statement: Statement, values: readonly unknown[]): Promise<readonly T[]> {
    const [tenant, id] = split(key);
    return withTenant(db, tenant, (query) => query<T>(statement, [tenant, id, ...values]), LIMITS);
  }

  return {
    async ask(key, digest, { gateway, serial }, hasWaited) {
      const values = [digest, gateway, serial, leaseMs, hasWaited];
      const [row] = await call<Row & { readonly kind: Asked['kind'] }>(key, ASK, values);
      if (row === undefined) throw new Error('replay_ask gave no answer');
      return row.kind === 'stored' ? { kind: row.kind, answer: parseAnswer(row) } : { kind: row.kind };
    },
    async keep(key, digest, owner, answer, ttlMs) {
      const kept = answer === undefined ? null : JSON.stringify(answer);
      const values = [digest, owner?.gateway ?? '', owner?.serial ?? 0, kept, Math.min(ttlMs, MAX_TTL_MS), SAID_MS];
      const [row] = await call<Row>(key, KEEP, values);
      return row && { answer: parseAnswer(row) };
    },
    async free(key, digest, { gateway, serial }) {
      await call(key, FREE, [digest, gateway, serial]);
    },
  };
}

/** The key of the PCS preset is tenant, `|`, id; an id of a tenant holds no `|`. */
function split(key: string): readonly [tenant: string, id: string] {
  const bar = key.indexOf('|');
  // Text of PostgreSQL holds no NUL, and no half of a surrogate pair.
  return [key.slice(0, Math.max(0, bar)), JSON.stringify(key.slice(bar + 1)).slice(1, -1)];
}

function parseAnswer({ answer }: Row): StoredAnswer {
  return answer === null ? undefined : (JSON.parse(answer) as StoredAnswer);
}
