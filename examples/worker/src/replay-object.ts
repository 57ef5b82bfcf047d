import { DurableObject } from 'cloudflare:workers';
import type { Claim, StoredAnswer } from 'portcullis';

/** Milliseconds after which a claim is let go whose Worker died: longer than a request may take. */
export const LEASE_MS = 30_000;
/** Milliseconds that an equal request waits here: less than the guard's deadline, so that nobody is handed a claim who has gone. */
export const WAIT_MS = 1_500;
/** Requests that may wait in one object. */
const MAX_WAITING = 1_000;
/** Milliseconds between two rounds of forgetting what is past its time. */
const SWEEP_MS = 3_600_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, digest TEXT NOT NULL, answer TEXT, expires INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS answers_by_expiry ON answers (expires);
  CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, digest TEXT NOT NULL, until INTEGER NOT NULL);`;

interface Kept {
  readonly digest: string;
  readonly answer: StoredAnswer;
}

/**
 * Accepted requests, and who is processing which. Between two awaits nothing else runs in an object, so each method is one
 * step. Claims are on disk as answers are: an object that is moved or restarted knows them still.
 */
export class ReplayObject extends DurableObject {
  readonly #waiting = new Map<string, Set<(claim: Claim) => void>>();

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.storage.sql.exec(TABLES);
  }

  claim(key: string, digest: string): Claim | Promise<Claim> {
    const held = this.#heldBy(key, Date.now());
    if (held === digest) return this.#wait(key);
    const kept = this.#kept(key);
    if (kept?.digest === digest) return { kind: 'stored', answer: kept.answer };
    if (kept !== undefined || held !== undefined) return { kind: 'other-body' };
    this.#hold(key, digest);
    return { kind: 'new' };
  }

  async commit(key: string, digest: string, answer: StoredAnswer, _now: number, ttlMs: number): Promise<void> {
    const kept = this.#kept(key) ?? this.#keep(key, { digest, answer }, Date.now() + ttlMs);
    if (this.#heldBy(key) === digest) {
      this.#sql('DELETE FROM claims WHERE key = ?', key);
      const claim: Claim = { kind: 'stored', answer: kept.digest === digest ? kept.answer : answer };
      for (const resolve of this.#waiting.get(key) ?? []) resolve(claim);
    }
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + SWEEP_MS);
  }

  release(key: string, digest: string): void {
    if (this.#heldBy(key) !== digest) return;
    const [next] = this.#waiting.get(key) ?? [];
    if (next === undefined) this.#sql('DELETE FROM claims WHERE key = ?', key);
    else {
      this.#hold(key, digest);
      next({ kind: 'new' });
    }
  }

  async alarm(): Promise<void> {
    this.#sql('DELETE FROM answers WHERE expires <= ?', Date.now());
    this.#sql('DELETE FROM claims WHERE until <= ?', Date.now());
    const [row] = this.#sql<{ left: number }>('SELECT count(*) AS left FROM answers');
    if (row !== undefined && row.left > 0) await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
  }

  /** Until the body is committed or released, or for {@link WAIT_MS}. */
  #wait(key: string): Claim | Promise<Claim> {
    const waiting = this.#waiting.get(key) ?? new Set();
    if (waiting.size >= MAX_WAITING) return { kind: 'busy' };
    this.#waiting.set(key, waiting);
    return new Promise((resolve) => {
      const end = (claim: Claim): void => {
        clearTimeout(timer);
        waiting.delete(end);
        if (waiting.size === 0) this.#waiting.delete(key);
        resolve(claim);
      };
      const timer = setTimeout(end, WAIT_MS, { kind: 'busy' } satisfies Claim);
      waiting.add(end);
    });
  }

  /** The body that is being processed under a key; with a time, only if its claim still counts then. */
  #heldBy(key: string, at = 0): string | undefined {
    return this.#sql<{ digest: string }>('SELECT digest FROM claims WHERE key = ? AND until > ?', key, at)[0]?.digest;
  }

  #hold(key: string, digest: string): void {
    this.#sql('INSERT OR REPLACE INTO claims VALUES (?, ?, ?)', key, digest, Date.now() + LEASE_MS);
  }

  #kept(key: string): Kept | undefined {
    const query = 'SELECT digest, answer FROM answers WHERE key = ? AND expires > ?';
    const [row] = this.#sql<{ digest: string; answer: string | null }>(query, key, Date.now());
    return row && { digest: row.digest, answer: row.answer === null ? undefined : JSON.parse(row.answer) };
  }

  #keep(key: string, kept: Kept, expires: number): Kept {
    const answer = kept.answer === undefined ? null : JSON.stringify(kept.answer);
    this.#sql('INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)', key, kept.digest, answer, expires);
    return kept;
  }

  #sql<Row>(query: string, ...bindings: (string | number | null)[]): Row[] {
    return this.ctx.storage.sql.exec<Row>(query, ...bindings).toArray();
  }
}
