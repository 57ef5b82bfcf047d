import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, createClient, percentile } from '../load.ts';
import { makeNoise } from '../noise.ts';
import { paced } from '../paced.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';

const KEY_A = 'the key of the noisy tenant only';
const KEY_B = 'the key of the quiet tenant only';
const B = { 'x-tenant-id': 'b' };
/** Milliseconds after which the burst of the noisy tenant is gone. */
const SETTLES_MS = 500;

/**
 * Alone and beside the neighbour in turns, so that what else the machine does falls on both. The tail of ten requests a
 * second is that of all rounds together: of 500 requests, the fifth slowest.
 */
const noisyNeighbour: Scenario = {
  name: 'noisy-neighbour',
  holds: 'A at 1,000 requests a second, B at 10: no 429 for B, and p99 of B within 1.5 times that of B alone',
  async run(scope) {
    const gateway = await scope.gateway({
      env: {
        PCS_SIGN_ALG: undefined,
        PCS_HMAC_KEY: undefined,
        TOKEN_RATE: '100',
        TENANTS: `a:hmac:${KEY_A},b:hmac:${KEY_B}`,
      },
    });
    const quiet = createClient(gateway.port, 4);
    scope.onEnd(quiet.close);
    const rounds = scope.quick ? 1 : 10;
    const seconds = scope.quick ? 2 : 5;
    const alone: Answer[] = [];
    const beside: Answer[] = [];
    let throttled = 0;
    let admitted = 0;
    const warm = await signedBodies(scope, 300, { key: KEY_B, prefix: 'warm-' });
    await paced(quiet, warm, 80, B);
    // What a refusal runs through is compiled by then too: a gateway that has just started is not what is measured.
    const first = await signedBodies(scope, scope.quick ? 300 : 3_000, { key: KEY_A, prefix: 'first' });
    await makeNoise({ port: gateway.port, tenant: 'a', perSecond: 1_000, bodies: first }).done;
    for (let round = 0; round < rounds; round++) {
      const mine = (what: string): Promise<string[]> =>
        signedBodies(scope, 10 * seconds, { key: KEY_B, prefix: `${what}${round}-` });
      alone.push(...(await paced(quiet, await mine('alone'), 10, B)));
      const theirs = await signedBodies(scope, 1_000 * (seconds + 1), { key: KEY_A, prefix: `noise${round}-` });
      const quietly = await mine('beside');
      const noise = makeNoise({ port: gateway.port, tenant: 'a', perSecond: 1_000, bodies: theirs });
      await noise.begun;
      await sleep(SETTLES_MS);
      beside.push(...(await paced(quiet, quietly, 10, B)));
      const answers = await noise.done;
      throttled += answers[429] ?? 0;
      admitted += answers[200] ?? 0;
    }
    const expected = 10 * seconds * rounds;
    must(beside.length === expected, `${beside.length} of ${expected} requests of B were answered`);
    const wrong = beside.filter(({ status }) => status !== 200);
    must(wrong.length === 0, `B got ${wrong.length} answers other than 200, such as ${wrong[0]?.status}`);
    must(throttled > 0, 'A was never throttled');
    const p99Alone = percentile(
      alone.map(({ ms }) => ms),
      0.99,
    );
    const p99Beside = percentile(
      beside.map(({ ms }) => ms),
      0.99,
    );
    const ratio = p99Beside / p99Alone;
    const evidence = {
      requestsOfB: expected,
      throttledOfA: throttled,
      admittedOfA: admitted,
      p50Alone: round2(
        percentile(
          alone.map(({ ms }) => ms),
          0.5,
        ),
      ),
      p50Beside: round2(
        percentile(
          beside.map(({ ms }) => ms),
          0.5,
        ),
      ),
      p99Alone: round2(p99Alone),
      p99Beside: round2(p99Beside),
      ratio: round2(ratio),
    };
    must(
      scope.quick || ratio <= 1.5,
      `p99 of B is ${round2(ratio)} times that of B alone: ${JSON.stringify(evidence)}`,
    );
    return evidence;
  },
};

function round2(ms: number): number {
  return Math.round(ms * 100) / 100;
}

export const neighbourScenarios: readonly Scenario[] = [noisyNeighbour];
