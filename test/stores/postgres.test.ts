import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { postgresReplay } from '../../gateway/postgres/replay-store.ts';
import { sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import { DATABASES, type TestDatabase } from '../gateway/postgres/databases.ts';
import { replayConformance } from './replay-conformance.ts';

for (const [name, open] of DATABASES) {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
  });
  afterAll(() => it.drop());

  replayConformance(name, async () => {
    await it.sql('truncate portcullis.replay, portcullis.replay_claims');
    const next = () => sharedReplayStore(postgresReplay(it.db), { waitMs: 20_000 });
    return {
      stores: [next(), next()],
      now: Date.now,
      async reach(time) {
        while (Date.now() <= time) await pause(5);
      },
    };
  });
}
