import type { Clock } from './clock.ts';
import { isThenable } from './contain.ts';
import type { Decision } from './decide.ts';

/** Receives decisions: metrics, logs, events. It cannot change them and nobody waits for it. */
export interface Sink {
  record(decision: Decision): void | Promise<void>;
}

export interface Outbox {
  add(decision: Decision): void;
  flush(): Promise<void>;
}

/** Decisions that may wait for the sinks; past that the oldest are dropped, so a stuck sink cannot fill the memory. */
export const MAX_WAITING_DECISIONS = 10_000;

/**
 * Hands decisions to sinks outside the request's path, in order. A sink that throws or rejects is reported and
 * never stops the others.
 */
export function createOutbox(sinks: readonly Sink[], clock: Clock, onError: (error: unknown) => void): Outbox {
  let waiting: Decision[] = [];
  let scheduled = false;
  const pending = new Set<Promise<void>>();

  function deliver(): void {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    for (const decision of batch) {
      for (const sink of sinks) deliverTo(sink, decision);
    }
  }

  function deliverTo(sink: Sink, decision: Decision): void {
    try {
      const result = sink.record(decision);
      if (!isThenable(result)) return;
      const done: Promise<void> = Promise.resolve(result)
        .catch(onError)
        .finally(() => pending.delete(done));
      pending.add(done);
    } catch (error) {
      onError(error);
    }
  }

  return {
    add(decision) {
      if (sinks.length === 0) return;
      if (waiting.length >= MAX_WAITING_DECISIONS) {
        waiting.shift();
        onError(new RangeError('sinks fall behind: a decision was dropped'));
      }
      waiting.push(decision);
      if (scheduled) return;
      scheduled = true;
      clock.after(0, deliver);
    },
    async flush() {
      deliver();
      await Promise.all(pending);
    },
  };
}
