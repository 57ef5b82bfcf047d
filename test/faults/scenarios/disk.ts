import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decisionsById, readChain } from '../ledger-reader.ts';
import { createClient, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';

const diskFull: Scenario = {
  name: 'disk-full',
  holds: 'a file that may not grow: 503 with Retry-After, nothing half written, and all is well once there is room',
  async run(scope) {
    const full = await scope.gateway({ maxFileKiB: 64 });
    const client = createClient(full.port);
    const shots = await storm(client, await signedBodies(scope, 400));
    client.close();
    const seen = statuses(shots);
    must((seen[200] ?? 0) > 0 && (seen[503] ?? 0) > 0, `the answers were ${JSON.stringify(seen)}`);
    must((seen[200] ?? 0) + (seen[503] ?? 0) === 400, `the answers were ${JSON.stringify(seen)}`);
    must(
      shots.every(({ answer }) => answer?.status !== 503 || answer.headers['retry-after'] !== undefined),
      'a 503 came without Retry-After',
    );
    await full.kill('SIGTERM');
    const after = await scope.gateway();
    const again = createClient(after.port);
    scope.onEnd(again.close);
    const then = statuses(await storm(again, await signedBodies(scope, 100, { prefix: 'after-' })));
    must(then[200] === 100, `with room again: ${JSON.stringify(then)}`);
    await after.kill('SIGTERM');
    const decisions = decisionsById(await readChain(join(scope.directory, 'gateway/ledger')));
    const accepted = shots.filter(({ answer }) => answer?.status === 200);
    must(
      accepted.every(({ answer }) => decisions.has(String(answer?.body.decision_id))),
      'an accepted decision is not in the ledger',
    );
    return { accepted: accepted.length, refused: seen[503] ?? 0, afterwards: 100 };
  },
};

function failing(code: 'EIO' | 'ENOSPC'): Scenario {
  return {
    name: `write-fails-${code.toLowerCase()}`,
    holds: `writes and syncs that end in ${code}: 503, never an answer that is not on the disk, and recovery`,
    async run(scope) {
      const flag = join(scope.directory, 'disk-fails');
      const gateway = await scope.gateway({ preload: 'disk', env: { FAULT_DISK_FILE: flag } });
      const client = createClient(gateway.port);
      scope.onEnd(client.close);
      const before = statuses(await storm(client, await signedBodies(scope, 50, { prefix: 'before-' })));
      must(before[200] === 50, `before: ${JSON.stringify(before)}`);
      await writeFile(flag, code);
      const during = statuses(await storm(client, await signedBodies(scope, 50, { prefix: 'during-' })));
      must(during[503] === 50, `while the disk fails: ${JSON.stringify(during)}`);
      await rm(flag);
      // After EIO the inbox takes nothing more until a restart: the kernel may have dropped what it was given.
      await gateway.kill('SIGTERM');
      const next = await scope.gateway();
      const again = createClient(next.port);
      scope.onEnd(again.close);
      const after = statuses(await storm(again, await signedBodies(scope, 50, { prefix: 'after-' })));
      must(after[200] === 50, `afterwards: ${JSON.stringify(after)}`);
      await next.kill('SIGTERM');
      await readChain(join(scope.directory, 'gateway/ledger'));
      return { before: 50, refused: 50, after: 50 };
    },
  };
}

const directoryGone: Scenario = {
  name: 'ledger-directory-gone',
  holds: 'the ledger deleted under a running gateway: it says that it is not ready or goes on, and never throws',
  async run(scope) {
    const gateway = await scope.gateway({ env: { WORM_MAX_SEGMENT_SIZE: '1024' } });
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    await storm(client, await signedBodies(scope, 20, { prefix: 'before-' }));
    await rm(join(scope.directory, 'gateway/ledger'), { recursive: true, force: true });
    const seen = statuses(await storm(client, await signedBodies(scope, 50)));
    must((seen[200] ?? 0) + (seen[503] ?? 0) === 50, `the answers were ${JSON.stringify(seen)}`);
    const health = await client.get('/health');
    must(health?.status === 200, `/health answered ${health?.status}`);
    return { accepted: seen[200] ?? 0, refused: seen[503] ?? 0 };
  },
};

export const diskScenarios: readonly Scenario[] = [diskFull, failing('EIO'), failing('ENOSPC'), directoryGone];
