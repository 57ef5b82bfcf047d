import { createGate, type Gate, type GateOptions } from '../gate.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createRecorder, type RecorderSink } from './recorder.ts';
import { createTestStores, type TestStores } from './test-stores.ts';

/** Milliseconds since the epoch at which the clock of a kit starts: the beginning of 2030. */
export const TEST_START_MS = 1_893_456_000_000;

/** What a test of a gate needs, put together. */
export interface TestKit {
  readonly clock: FakeClock;
  readonly recorder: RecorderSink;
  readonly stores: TestStores;
  /** A gate on the kit's clock, whose decisions the recorder keeps; ids are `decision-1` and so on. */
  gate(options: GateOptions): Gate;
  /** Everything as at first, for the next test: time, timers, decisions, stores and ids. */
  reset(): void;
}

/**
 * A clock that stands still, a recorder, stores, and gates that use them.
 *
 * @example
 * const kit = createTestKit();
 * const gate = kit.gate({ guards: [rateLimit({ key: () => 'all', rate: 1, burst: 1, store: kit.stores.rate })] });
 * await gate.inspect(buildExchange()); // allowed
 * await gate.inspect(buildExchange()); // 429
 * kit.clock.advance(1_000);
 * await gate.inspect(buildExchange()); // allowed
 * afterEach(() => kit.reset());
 */
export function createTestKit(startMs: number = TEST_START_MS): TestKit {
  const clock = createFakeClock(startMs);
  const recorder = createRecorder();
  const stores = createTestStores();
  let ids = 0;
  return {
    clock,
    recorder,
    stores,
    gate: (options) =>
      createGate({
        clock,
        newId: () => `decision-${++ids}`,
        ...options,
        sinks: [recorder, ...(options.sinks ?? [])],
      }),
    reset() {
      clock.reset();
      recorder.clear();
      stores.reset();
      ids = 0;
    },
  };
}
