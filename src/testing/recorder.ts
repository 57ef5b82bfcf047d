import type { Decision } from '../decide.ts';
import type { Sink } from '../sinks.ts';

export interface RecorderSink extends Sink {
  /** Every decision so far, oldest first. */
  readonly decisions: readonly Decision[];
  clear(): void;
}

/**
 * A sink that keeps what it is given. `await gate.flush()` first: sinks run after the answer.
 *
 * @example
 * const recorder = createRecorder();
 * const gate = createGate({ guards, sinks: [recorder] });
 */
export function createRecorder(): RecorderSink {
  const decisions: Decision[] = [];
  return {
    decisions,
    record(decision) {
      decisions.push(decision);
    },
    clear() {
      decisions.length = 0;
    },
  };
}
