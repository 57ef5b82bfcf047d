import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readChain, segmentPaths } from '../ledger-reader.ts';
import { createClient, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';

const HOUR_MS = 3_600_000;
/** Milliseconds until a process has certainly seen the signal. */
const JUMP_MS = 500;

function jump(name: string, ms: number): Scenario {
  return {
    name,
    holds: `a clock that jumps by ${ms / HOUR_MS} hours under load: every record is answered, the chain holds`,
    async run(scope) {
      const gateway = await scope.gateway({ preload: 'clock', env: { FAULT_CLOCK_JUMP_MS: String(ms) } });
      const client = createClient(gateway.port);
      scope.onEnd(client.close);
      const storming = storm(client, await signedBodies(scope, 400));
      await sleep(50);
      gateway.child.kill('SIGUSR2');
      const seen = statuses(await storming);
      must(seen[200] === 400, `the answers were ${JSON.stringify(seen)}`);
      await gateway.kill('SIGTERM');
      // The real clock again: earlier or later than the last entry says.
      const next = await scope.gateway();
      const again = createClient(next.port);
      scope.onEnd(again.close);
      const after = statuses(await storm(again, await signedBodies(scope, 20, { prefix: 'after-' })));
      must(after[200] === 20, `after the restart: ${JSON.stringify(after)}`);
      await next.kill('SIGTERM');
      const entries = await readChain(join(scope.directory, 'gateway/ledger'));
      return { answered: 420, entries: entries.length };
    },
  };
}

const midnight: Scenario = {
  name: 'midnight',
  holds: 'midnight UTC under load: a new segment in the folder of the new day, one chain, a new daily quota',
  async run(scope) {
    const start = Date.UTC(2026, 11, 31, 22, 30);
    const gateway = await scope.gateway({
      preload: 'clock',
      env: { FAULT_CLOCK_START_MS: String(start), FAULT_CLOCK_JUMP_MS: String(2 * HOUR_MS), DAILY_QUOTA: '30' },
    });
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    const before = statuses(await storm(client, await signedBodies(scope, 40, { prefix: 'old-' })));
    must(before[200] === 30 && before[429] === 10, `on the old day: ${JSON.stringify(before)}`);
    gateway.child.kill('SIGUSR2');
    await sleep(JUMP_MS);
    const after = statuses(await storm(client, await signedBodies(scope, 40, { prefix: 'new-' })));
    must(after[200] === 30 && after[429] === 10, `on the new day: ${JSON.stringify(after)}`);
    await gateway.kill('SIGTERM');
    const ledger = join(scope.directory, 'gateway/ledger');
    const days = (await segmentPaths(ledger)).map((path) => path.slice(ledger.length + 1, ledger.length + 11));
    must(days.includes('2026/12/31') && days.includes('2027/01/01'), `segments are in ${days.join(', ')}`);
    const entries = await readChain(ledger);
    return { entries: entries.length, days: new Set(days).size };
  },
};

export const clockScenarios: readonly Scenario[] = [
  jump('clock-jumps-back', -2 * HOUR_MS),
  jump('clock-jumps-ahead', 30 * HOUR_MS),
  midnight,
];
