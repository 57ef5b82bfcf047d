import { createGate, type Decision, type Gate, type KnownResponse } from '../../src/index.ts';
import { createFakeClock, createRecorder } from '../../src/testing.ts';
import { POLICIES } from './policy.ts';

/** Where every target shows and forgets what was decided; no gate stands there. */
export const CONTROL_PATH = '/control';
/** The path where a parser, or whatever comes before the gate, has read the body already. */
export const AFTER_PARSER_PATH = '/after-parser';
/** The path where the application reads the body with its framework's own JSON parser. */
export const PARSED_PATH = '/parsed';

/** The moment at which every case happens: 2030-01-01T12:00:00Z. */
const NOW = Date.UTC(2030, 0, 1, 12);

/** What the application behind the gate was given. */
export interface View {
  readonly method: string;
  readonly header: (name: string) => string | null | undefined;
  /** From the wire, or redacted. */
  readonly bytes: Uint8Array;
  /** As the framework's idiom tells it. */
  readonly decision: Decision | null | undefined;
}

/** What was decided since the last case, and what was written to the ledger. */
export interface Decided {
  readonly decisions: readonly unknown[];
  readonly records: number;
  /** How often the application behind the gate was reached. */
  readonly reached: number;
}

/** What is the same on every target: the gates, and the application behind them. Runs on web-standard globals alone. */
export interface App {
  readonly gate: Gate;
  behind(view: View): Promise<KnownResponse>;
  /** For {@link PARSED_PATH}. */
  behindParser(json: unknown, decision: Decision | null | undefined): KnownResponse;
  /** `GET`: a {@link Decided}. `DELETE`: everything afresh. */
  control(method: string): Promise<KnownResponse>;
}

export function createApp(): App {
  let state = createState();
  return {
    gate: {
      guards: [],
      inspect: (exchange) => state.gateAt(exchange.path).inspect(exchange),
      inspectNow: (exchange) => state.gateAt(exchange.path).inspectNow(exchange),
      flush: () => state.flush(),
    },
    async behind({ method, header, bytes, decision }) {
      state.reached++;
      if (decision?.response !== undefined) return decision.response;
      const echo = {
        method,
        length: bytes.byteLength,
        sha256: hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))),
        start: new TextDecoder().decode(bytes.subarray(0, 200)),
        headers: ['content-type', 'content-length', 'content-encoding', 'x-note'].map((name) => header(name) ?? null),
        decision: decision && [decision.id, decision.outcome],
      };
      return json(200, echo);
    },
    behindParser(value, decision) {
      state.reached++;
      return json(200, { value, decision: decision && [decision.id, decision.outcome] });
    },
    async control(method) {
      if (method === 'DELETE') state = createState();
      await state.flush();
      const { recorder, records, reached } = state;
      return json(200, { decisions: recorder.decisions.map(plain), records, reached } satisfies Decided);
    },
  };
}

function createState() {
  const clock = createFakeClock(NOW);
  const recorder = createRecorder();
  const gates = new Map<string, Gate>();
  let ids = 0;
  const state = {
    recorder,
    records: 0,
    reached: 0,
    gateAt(path: string): Gate {
      const segment = path.split('/')[1] ?? '';
      const name = Object.hasOwn(POLICIES, segment) ? segment : 'head';
      let gate = gates.get(name);
      if (gate === undefined) {
        const appendRecord = (): void => void state.records++;
        const options = POLICIES[name]!({ clock, appendRecord });
        gate = createGate({ ...options, clock, newId: () => `decision-${++ids}`, sinks: [recorder] });
        gates.set(name, gate);
      }
      return gate;
    },
    async flush(): Promise<void> {
      for (const gate of gates.values()) await gate.flush();
    },
  };
  return state;
}

/** A decision without what took how long, as data. */
function plain(decision: Decision): unknown {
  const text = JSON.stringify(decision, (key, value: unknown) => {
    if (key === 'ms') return undefined;
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Uint8Array ? hex(value) : value;
  });
  return JSON.parse(text) as unknown;
}

function json(status: number, value: unknown): KnownResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
