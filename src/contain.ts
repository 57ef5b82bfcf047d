import type { Clock } from './clock.ts';

/** What became of a call that was not trusted to return. */
export type Contained<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly timedOut: boolean; readonly error: unknown };

/**
 * Calls a function that may throw, reject or never settle. Synchronous results come back synchronously, so
 * a synchronous guard costs neither a timer nor a microtask.
 */
export function contain<T>(call: () => T | Promise<T>, clock: Clock, ms: number): Contained<T> | Promise<Contained<T>> {
  try {
    const result = call();
    return isThenable(result) ? withDeadline(result, clock, ms) : { ok: true, value: result };
  } catch (error) {
    return { ok: false, timedOut: false, error };
  }
}

function withDeadline<T>(pending: Promise<T>, clock: Clock, ms: number): Promise<Contained<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve({ ok: false, timedOut: true, error: undefined }));
    // A result after the deadline is dropped here, so a late rejection is never unhandled.
    Promise.resolve(pending).then(
      (value) => {
        cancel();
        resolve({ ok: true, value });
      },
      (error: unknown) => {
        cancel();
        resolve({ ok: false, timedOut: false, error });
      },
    );
  });
}

/** Whether `await` would wait for it. A thenable may be a function: what a call of a Durable Object returns is one. */
export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  const kind = typeof value;
  const mayHaveThen = (kind === 'object' && value !== null) || kind === 'function';
  return mayHaveThen && typeof (value as { then?: unknown }).then === 'function';
}
