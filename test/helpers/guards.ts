import { createGate, type Gate } from '../../src/gate.ts';
import { type Guard, PASS, type Verdict } from '../../src/guard.ts';
import { createRecorder, type RecorderSink } from '../../src/testing/recorder.ts';

/** Replaces the first `secret` in the body. */
export const redactor: Guard = {
  name: 'redactor',
  reads: 'body',
  defaultStage: 'enforce',
  inspect(exchange): Verdict {
    const at = exchange.text()?.indexOf('secret') ?? -1;
    return at < 0 ? PASS : { kind: 'redact', patches: [{ start: at, end: at + 6, text: '[***]' }] };
  },
};

/** Reads the body, and says how long it is. */
export const reader: Guard = {
  name: 'reader',
  reads: 'body',
  defaultStage: 'enforce',
  inspect: (exchange) => ({ kind: 'pass', facts: { length: exchange.bytes().byteLength } }),
};

/** Adds headers to the answer. */
export const labels: Guard = {
  name: 'labels',
  defaultStage: 'enforce',
  inspect: () => ({ kind: 'pass', headers: { 'x-label': 'gate' } }),
};

/** Says of every request what it is told to say. */
export function refuser(verdict: Verdict = { kind: 'deny', code: 'PTC_D411' }): Guard {
  return { name: 'refuser', defaultStage: 'enforce', inspect: () => verdict };
}

/** Shows in a fact where a request came from. */
export const origin: Guard = {
  name: 'origin',
  defaultStage: 'enforce',
  inspect: ({ address, path }) => ({ kind: 'pass', facts: { address, path } }),
};

/** A gate, and what it decided. */
export function recorded(...guards: readonly Guard[]): { readonly gate: Gate; readonly recorder: RecorderSink } {
  const recorder = createRecorder();
  return { gate: createGate({ guards, sinks: [recorder] }), recorder };
}

/** A gate that cannot decide: its clock throws. */
export function brokenGate(): Gate {
  const fail = (): never => {
    throw new Error('no time');
  };
  return createGate({ guards: [], clock: { now: fail, elapsed: fail, after: fail } });
}
