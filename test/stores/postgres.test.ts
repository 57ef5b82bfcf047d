import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { postgresReplay } from '../../gateway/postgres/replay-store.ts';
import { sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import { DATABASES, type TestDatabase } from '../gateway/postgres/databases.ts';
import { replayConformance } from './replay-conformance.ts';
import { sharedConformance } from './shared-conformance.ts';

for (const [name, open] of DATABASES) {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
    // PGlite takes its time where others work too.
  }, 120_000);
  afterAll(() => it.drop());
  const empty = () => it.sql('truncate portcullis.replay, portcullis.replay_claims');

  sharedConformance(name, async () => {
    await empty();
    return (leaseMs) => postgresReplay(it.db, { leaseMs });
  });

  replayConformance(name, async () => {
    await empty();
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
