export { buildExchange, type ExchangeParts } from './testing/build-exchange.ts';
export {
  DecisionMismatch,
  type ExpectedDecision,
  type ExpectedRuling,
  expectDecision,
} from './testing/expect-decision.ts';
export { createFakeClock, type FakeClock } from './testing/fake-clock.ts';
export {
  createPcsRecords,
  type PcsOverrides,
  type PcsRecords,
  type PcsRecordsOptions,
  type PcsWire,
  TEST_PCS_KEY,
} from './testing/pcs-records.ts';
export { createRecorder, type RecorderSink } from './testing/recorder.ts';
export { createTestKit, TEST_START_MS, type TestKit } from './testing/test-kit.ts';
export { createTestStores, type TestStores } from './testing/test-stores.ts';
