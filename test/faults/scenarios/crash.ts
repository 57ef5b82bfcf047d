import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd } from '../gateway-process.ts';
import { decisionsById, readChain, segmentPaths } from '../ledger-reader.ts';
import { createClient, type Shot, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';

/** Every answer must stand in the ledger under its decision id, with the outcome that the client was told. */
function mustStand(shots: readonly Shot[], directory: string, entries: Awaited<ReturnType<typeof readChain>>): number {
  const decisions = decisionsById(entries);
  let checked = 0;
  for (const { answer } of shots) {
    if (answer === undefined) continue;
    const id = String(answer.body.decision_id);
    const entry = decisions.get(id);
    must(entry !== undefined, `decision ${id} was answered with ${answer.status} and is not in ${directory}`);
    must(
      entry.status === answer.status,
      `decision ${id} was answered with ${answer.status}, the ledger says ${entry.status}`,
    );
    checked++;
  }
  return checked;
}

/** Killed after some answers, at any point of the next ones: counted, because a time would be too early on a slow machine. */
async function killAtRandom(scope: Scope, rounds: number, env: Record<string, string> = {}): Promise<Shot[]> {
  const shots: Shot[] = [];
  for (let round = 0; round < rounds; round++) {
    const gateway = await scope.gateway({ env });
    const client = createClient(gateway.port);
    const bodies = await signedBodies(scope, 400, { prefix: `${round}-` });
    const killAfter = 1 + Math.floor(Math.random() * 200);
    const shooting = storm(client, bodies, {
      stopWhenGone: true,
      onAnswer(answered) {
        if (answered === killAfter) setTimeout(() => gateway.child.kill('SIGKILL'), Math.random() * 5);
      },
    });
    shots.push(...(await shooting));
    await gateway.kill('SIGKILL');
    client.close();
  }
  return shots;
}

const kill9: Scenario = {
  name: 'kill-9-under-load',
  holds:
    'killed at random moments under load: no answered decision is missing, none stands twice, each restart goes on',
  async run(scope) {
    const rounds = scope.quick ? 5 : 200;
    const shots = await killAtRandom(scope, rounds);
    const last = await scope.gateway();
    await last.kill('SIGTERM');
    const ledger = join(scope.directory, 'gateway/ledger');
    const entries = await readChain(ledger);
    const answered = mustStand(shots, ledger, entries);
    must(answered >= rounds, `only ${answered} answers came in ${rounds} rounds`);
    const verified = await runToEnd(['ledger', 'verify', '--dir', ledger], {});
    must(verified.code === 0, `ledger verify ended with ${verified.code}: ${verified.output}`);
    return { kills: rounds, answered, entries: entries.length };
  },
};

const kill9Rotation: Scenario = {
  name: 'kill-9-while-rotating',
  holds: 'killed while segments of a few kB are begun and sealed: the chain goes on across all of them',
  async run(scope) {
    const rounds = scope.quick ? 3 : 30;
    const shots = await killAtRandom(scope, rounds, { WORM_MAX_SEGMENT_SIZE: '8192' });
    const last = await scope.gateway();
    await last.kill('SIGTERM');
    const ledger = join(scope.directory, 'gateway/ledger');
    const answered = mustStand(shots, ledger, await readChain(ledger));
    const verified = await runToEnd(['ledger', 'verify', '--dir', ledger], {});
    must(verified.code === 0, `ledger verify ended with ${verified.code}: ${verified.output}`);
    return { kills: rounds, answered, segments: (await segmentPaths(ledger)).length };
  },
};

const terminated: Scenario = {
  name: 'sigterm-under-load',
  holds: 'told to stop under load: what was begun is answered, exit code 0, the ledger is whole and sealed',
  async run(scope) {
    const gateway = await scope.gateway();
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    const storming = storm(client, await signedBodies(scope, 2_000), { stopWhenGone: true });
    await sleep(200);
    const code = await gateway.kill('SIGTERM');
    const shots = await storming;
    must(code === 0, `the gateway ended with ${code}`);
    const ledger = join(scope.directory, 'gateway/ledger');
    const answered = mustStand(shots, ledger, await readChain(ledger));
    must(answered > 0, 'nothing was answered before the signal');
    return { answered };
  },
};

const oneDirectory: Scenario = {
  name: 'two-gateways-one-directory',
  holds: 'a second gateway on the directories of a first one does not start, and the first goes on',
  async run(scope) {
    const first = await scope.gateway();
    const second = await scope.gateway().then(
      () => 'started',
      (error: Error) => error.message,
    );
    must(second.includes('PTC_E013'), `the second one: ${second}`);
    const client = createClient(first.port);
    scope.onEnd(client.close);
    const [body = ''] = await signedBodies(scope, 1);
    const answer = await client.submit(body);
    must(answer?.status === 200, `the first one answered ${answer?.status}`);
    return { refused: true };
  },
};

export const crashScenarios: readonly Scenario[] = [kill9, kill9Rotation, terminated, oneDirectory];
