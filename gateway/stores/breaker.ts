import type { StoreHealth } from './health.ts';

/** Milliseconds between two questions whether a store answers. */
export const PROBE_MS = 1_000;

export interface BreakerOptions {
  readonly health: StoreHealth;
  /** A small question that the store answers if it is well. */
  readonly probe: () => Promise<unknown>;
  /** Milliseconds that a call may take. */
  readonly timeoutMs: number;
  /** Whether an error says that the store is not there, rather than that a call was not right. */
  readonly isOutage: (error: unknown) => boolean;
}

export interface Breaker {
  /** Runs a call; rejects at once while the store does not answer. */
  run<T>(call: () => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Keeps requests from piling up behind a store that hangs or is gone: after the first call that fails so, all others fail at
 * once, until a probe is answered.
 *
 * @example
 * const breaker = createBreaker({ health, probe, timeoutMs: 1_500, isOutage });
 * const rows = await breaker.run(() => query('select 1'));
 */
export function createBreaker({ health, probe, timeoutMs, isOutage }: BreakerOptions): Breaker {
  let isProbing = false;
  const timer = setInterval(() => void ask(), PROBE_MS);
  timer.unref();

  async function ask(): Promise<void> {
    if (isProbing) return;
    isProbing = true;
    try {
      await inTime(probe(), timeoutMs);
      health.isUp();
    } catch (error) {
      health.isDown(error);
    } finally {
      isProbing = false;
    }
  }

  return {
    async run(call) {
      try {
        if (!health.up) throw outage('the store does not answer');
        return await inTime(call(), timeoutMs);
      } catch (error) {
        health.failed();
        if (isOutage(error)) health.isDown(error);
        throw error;
      }
    },
    close: () => clearInterval(timer),
  };
}

/** A rejection after `ms`; what becomes of the call then interests nobody. */
function inTime<T>(call: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(outage('no answer in time')), ms);
    call.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function outage(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
