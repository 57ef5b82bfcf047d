import type { KnownResponse } from '../../guard.ts';

/**
 * An answer that is kept. `undefined` marks a request that was accepted and answered by the application, so that
 * only the fact is known.
 */
export type StoredAnswer = KnownResponse | undefined;

/** What a store says to someone who wants to process a request. */
export type Claim =
  /** It is yours: `commit` or `release` it, exactly once. */
  | { readonly kind: 'new' }
  /** The same body was accepted before. */
  | { readonly kind: 'stored'; readonly answer: StoredAnswer }
  /** The key is taken by another body: accepted, or being processed right now. Nothing is held. */
  | { readonly kind: 'other-body' }
  /** Too many wait already. Nothing is held. */
  | { readonly kind: 'busy' };

/**
 * Where accepted requests are remembered. One key stands for one request; the digest tells bodies apart.
 * Methods may be synchronous or not; each must be atomic per key. A store that several processes share must let go of
 * the claims of a process that died, after a time longer than a request may take.
 */
export interface ReplayStore {
  /**
   * Asks to process a body under a key. While the same body is being processed, the answer waits: until it is
   * committed (`stored`) or released (the first in line gets `new`). Another body never waits.
   */
  claim(key: string, digest: string, now: number): Claim | Promise<Claim>;
  /**
   * Keeps the answer, unless the key has one already: first write wins. Ends the claim of this key and digest, if
   * there is one, and hands everyone who waited for it an answer to this very body: the kept one if that is for this
   * body, else this one. Also for a body that holds no claim, because another one was being processed.
   */
  commit(key: string, digest: string, answer: StoredAnswer, now: number, ttlMs: number): void | Promise<void>;
  /** Ends a claim without an answer. */
  release(key: string, digest: string): void | Promise<void>;
}
