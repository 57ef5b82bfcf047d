import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionsById, readChain } from '../ledger-reader.ts';
import { createClient, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';

/** Milliseconds that a gateway gets to settle what clients left behind. */
const SETTLE_MS = 500;

function malformed(count: number): Scenario {
  return {
    name: `malformed-storm-${count}`,
    holds: `${count} bodies that are no JSON are refused with 400 and stand in the ledger, each once`,
    async run(scope) {
      const gateway = await scope.gateway();
      const client = createClient(gateway.port);
      scope.onEnd(client.close);
      const bodies = Array.from({ length: count }, (_, at) => `{"scope":"${scope.id}","at":${at},`);
      const seen = statuses(await storm(client, bodies));
      must(seen[400] === count, `the answers were ${JSON.stringify(seen)}`);
      await gateway.kill('SIGTERM');
      const decisions = decisionsById(await readChain(join(scope.directory, 'gateway/ledger')));
      const refused = [...decisions.values()].filter(({ status }) => status === 400).length;
      must(refused === count && decisions.size === count, `${refused} of ${decisions.size} decisions are refusals`);
      return { requests: count, refused };
    },
  };
}

const abortedUploads: Scenario = {
  name: 'aborted-uploads',
  holds: 'uploads that break off leave no connection, get at most one decision each, and do not disturb others',
  async run(scope) {
    const gateway = await scope.gateway();
    const count = scope.quick ? 100 : 1_000;
    for (let at = 0; at < count; at += 50) {
      await Promise.all(Array.from({ length: 50 }, () => abortUpload(gateway.port)));
    }
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    const seen = statuses(await storm(client, await signedBodies(scope, 50)));
    must(seen[200] === 50, `the answers to honest records were ${JSON.stringify(seen)}`);
    await sleep(SETTLE_MS);
    await gateway.kill('SIGTERM');
    const decisions = decisionsById(await readChain(join(scope.directory, 'gateway/ledger')));
    must(decisions.size <= count + 50, `${decisions.size} decisions for ${count + 50} requests`);
    return { aborted: count, decisions: decisions.size };
  },
};

function abortUpload(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        'POST /v1/pcs/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"half":',
        () => {
          socket.destroy();
          resolve();
        },
      );
    });
    socket.on('error', () => resolve());
  });
}

const slowClients: Scenario = {
  name: 'slow-clients',
  holds: 'clients that send a byte at a time keep nobody else waiting',
  async run(scope) {
    const gateway = await scope.gateway();
    const slow = Array.from({ length: 200 }, () => connect(gateway.port, '127.0.0.1'));
    scope.onEnd(() => {
      for (const socket of slow) socket.destroy();
    });
    for (const socket of slow) {
      socket.on('error', () => undefined);
      socket.write('POST /v1/pcs/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n');
    }
    const drip = setInterval(() => {
      for (const socket of slow) socket.write('x');
    }, 50);
    scope.onEnd(() => clearInterval(drip));
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    const shots = await storm(client, await signedBodies(scope, 200), { clients: 8 });
    const seen = statuses(shots);
    must(seen[200] === 200, `the answers were ${JSON.stringify(seen)}`);
    return { slow: slow.length, answered: 200 };
  },
};

const oversized: Scenario = {
  name: 'oversized-bodies',
  holds: 'bodies over the cap are refused with 413, and honest records in between are accepted',
  async run(scope) {
    const gateway = await scope.gateway();
    const client = createClient(gateway.port, 8);
    scope.onEnd(client.close);
    const honest = await signedBodies(scope, 20);
    const large = `{"x":"${'y'.repeat(1_048_576)}"}`;
    const bodies = honest.flatMap((body) => [body, large]);
    const shots = await storm(client, bodies, { clients: 8 });
    const refused = shots.filter(({ body, answer }) => body === large && answer?.status === 413).length;
    const accepted = shots.filter(({ body, answer }) => body !== large && answer?.status === 200).length;
    must(refused === 20 && accepted === 20, `${refused} of 20 refused, ${accepted} of 20 accepted`);
    return { refused, accepted };
  },
};

export const hostileScenarios: readonly Scenario[] = [
  malformed(1),
  malformed(50),
  malformed(500),
  abortedUploads,
  slowClients,
  oversized,
];
