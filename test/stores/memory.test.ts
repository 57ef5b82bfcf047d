import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import { memoryReplayStore } from '../../src/guards/replay/memory-store.ts';
import { rateConformance } from './rate-conformance.ts';
import { replayConformance } from './replay-conformance.ts';

rateConformance('memory', async () => {
  const store = memoryRateStore();
  return [store, store];
});

replayConformance('memory', async () => {
  const store = memoryReplayStore();
  let time = 0;
  return {
    stores: [store, store],
    now: () => time,
    async reach(later) {
      time = later;
    },
  };
});
