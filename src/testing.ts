export { buildExchange, type ExchangeParts } from './testing/build-exchange.ts';
export { createFakeClock, type FakeClock } from './testing/fake-clock.ts';
export { createRecorder, type RecorderSink } from './testing/recorder.ts';
