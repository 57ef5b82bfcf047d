import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Claim, ReplayStore, StoredAnswer } from '../../src/guards/replay/store.ts';

/** Milliseconds after which a claim is let go whose gateway died: longer than a request may take. */
export const DEFAULT_LEASE_MS = 30_000;
/** Milliseconds that a request waits for an equal one at another gateway; below the guard's deadline. */
export const DEFAULT_WAIT_MS = 1_200;
/** Requests of one gateway that may wait at the same time. */
export const DEFAULT_MAX_WAITING = 10_000;
/** First and longest pause between two looks at a claim that another gateway holds, in milliseconds. */
export const LOOK_MS: readonly [number, number] = [2, 50];
/** How long the answer to a body that does not own its key is kept for those who wait for it, in milliseconds. */
export const SAID_MS = 10_000;

/** Who claims: a gateway, and which of its claims it is. */
export interface ClaimOwner {
  /** Unique to one store object. */
  readonly gateway: string;
  readonly serial: number;
}

/** What a backend says to who wants a claim: the words of `Claim`, or that somebody else holds it. */
export type Asked = Exclude<Claim, { kind: 'busy' }> | { readonly kind: 'held' };

/**
 * Three steps, each atomic per key, that a shared place must be able to do.
 */
export interface ReplayBackend {
  /**
   * Claims for `leaseMs`. `stored`: the key has an answer to this body; `other-body`: it has one to another, or another is claimed;
   * `held`: this body is claimed by another gateway. A claim of the same gateway for this body is taken over: whoever asks
   * knows that nobody here works on it any more. `hasWaited`: an answer that was kept for those who wait counts too.
   */
  ask(key: string, digest: string, owner: ClaimOwner, hasWaited: boolean): Promise<Asked>;
  /**
   * Keeps the answer for `ttlMs` unless the key has one; ends the claim of `owner`, if it is still theirs. Says what is kept
   * for this body, if it is not this answer.
   */
  keep(
    key: string,
    digest: string,
    owner: ClaimOwner | undefined,
    answer: StoredAnswer,
    ttlMs: number,
  ): Promise<{ readonly answer: StoredAnswer } | undefined>;
  /** Ends the claim of `owner`, if it is still theirs. */
  free(key: string, digest: string, owner: ClaimOwner): Promise<void>;
}

export interface SharedReplayOptions {
  /** Default {@link DEFAULT_WAIT_MS}. */
  readonly waitMs?: number;
  /** Default {@link DEFAULT_MAX_WAITING}. */
  readonly maxWaiting?: number;
}

/** A body that this gateway works on, or asks for, and those here who wait for what comes of it, first come first. */
interface Flight {
  /** There while the claim is ours. */
  owner: ClaimOwner | undefined;
  readonly waiting: Waiter[];
}

interface Waiter {
  readonly resolve: (claim: Claim | Promise<Claim>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A replay store over a place that several gateways share. Equal requests of one gateway wait for each other here and ask the
 * backend once; those of different gateways look again in short intervals until the claim ends, for `waitMs` at most. Every
 * claim has an owner, so that one who comes back too late ends nothing that is not theirs.
 */
export function sharedReplayStore(backend: ReplayBackend, options: SharedReplayOptions = {}): ReplayStore {
  const { waitMs = DEFAULT_WAIT_MS, maxWaiting = DEFAULT_MAX_WAITING } = options;
  const gateway = randomUUID();
  const flights = new Map<string, Flight>();
  let serial = 0;
  let waiting = 0;

  function nextOf(flight: Flight): Waiter | undefined {
    const next = flight.waiting.shift();
    if (next !== undefined) waiting--;
    return next;
  }

  /** Ends a flight: everyone who waits is told the same. */
  function land(id: string, flight: Flight, tell: (waiter: Waiter) => void): void {
    if (flights.get(id) === flight) flights.delete(id);
    for (let next = nextOf(flight); next !== undefined; next = nextOf(flight)) tell(next);
  }

  /** Whoever is next in line asks in turn; with nobody in line the flight is over. */
  function handOver(id: string, flight: Flight, key: string, digest: string): boolean {
    flight.owner = undefined;
    const next = nextOf(flight);
    if (next === undefined) flights.delete(id);
    else next.resolve(lead(id, flight, key, digest));
    return next !== undefined;
  }

  async function lead(id: string, flight: Flight, key: string, digest: string): Promise<Claim> {
    const until = performance.now() + waitMs;
    let [interval, longest] = LOOK_MS as [number, number];
    for (let hasWaited = false; ; hasWaited = true) {
      const owner: ClaimOwner = { gateway, serial: ++serial };
      let asked: Asked;
      try {
        asked = await backend.ask(key, digest, owner, hasWaited);
      } catch (error) {
        land(id, flight, ({ reject }) => reject(error));
        throw error;
      }
      if (asked.kind === 'new') {
        flight.owner = owner;
        return asked;
      }
      if (asked.kind !== 'held') {
        const claim: Claim = asked;
        land(id, flight, ({ resolve }) => resolve(claim));
        return claim;
      }
      if (performance.now() + interval > until) {
        handOver(id, flight, key, digest);
        return { kind: 'busy' };
      }
      await pause(interval);
      interval = Math.min(2 * interval, longest);
    }
  }

  return {
    claim(key, digest) {
      const id = `${digest} ${key}`;
      const flight = flights.get(id);
      if (flight === undefined) {
        const mine: Flight = { owner: undefined, waiting: [] };
        flights.set(id, mine);
        return lead(id, mine, key, digest);
      }
      if (waiting >= maxWaiting) return { kind: 'busy' };
      waiting++;
      return new Promise((resolve, reject) => flight.waiting.push({ resolve, reject }));
    },
    async commit(key, digest, answer, _now, ttlMs) {
      const id = `${digest} ${key}`;
      const flight = flights.get(id);
      const owner = flight?.owner;
      try {
        const kept = await backend.keep(key, digest, owner, answer, ttlMs);
        if (flight === undefined || owner === undefined) return;
        const claim: Claim = { kind: 'stored', answer: kept === undefined ? answer : kept.answer };
        land(id, flight, ({ resolve }) => resolve(claim));
      } catch (error) {
        if (flight !== undefined && owner !== undefined) land(id, flight, ({ reject }) => reject(error));
        throw error;
      }
    },
    async release(key, digest) {
      const id = `${digest} ${key}`;
      const flight = flights.get(id);
      const owner = flight?.owner;
      if (flight === undefined || owner === undefined) return;
      if (!handOver(id, flight, key, digest)) await backend.free(key, digest, owner);
    },
  };
}
