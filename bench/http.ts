import { type ChildProcess, fork } from 'node:child_process';
import autocannon from 'autocannon';
import type { HttpRow } from './report.ts';

/** What each application is, and the mode of `http-server.ts` that it runs in; the first is the baseline. */
const APPLICATIONS = [
  { name: 'Express 5, express.json()', mode: 'bare' },
  { name: 'the same behind an empty gate', mode: 'empty' },
  { name: 'the same behind the PCS preset without VRF, 1 kB records', mode: 'pcs' },
] as const;

export interface HttpOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Round {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Loads each application in turn, round by round, over loopback, each in a process of its own. Every record is new
 * to its gate, so replay protection never answers for the other guards.
 */
export async function benchHttp(bodies: readonly string[], options: HttpOptions): Promise<HttpRow[]> {
  const servers = await Promise.all(APPLICATIONS.map(async ({ name, mode }) => ({ name, ...(await start(mode)) })));
  const rounds = servers.map((): Round[] => []);
  const feeds = APPLICATIONS.map(({ mode }) => feed(bodies, mode !== 'pcs'));
  try {
    // The first round is for the compiler and does not count.
    for (let round = 0; round <= options.rounds; round++) {
      for (const [at, { port }] of servers.entries()) {
        const result = await load(port, feeds[at] ?? feed(bodies, true), options);
        if (round > 0) rounds[at]?.push(result);
      }
    }
  } finally {
    for (const { child } of servers) child.kill();
  }
  const medians = rounds.map(medianRound);
  const bare = medians[0]?.requestsPerSecond ?? Number.NaN;
  return servers.map(({ name }, at) => {
    const median = medians[at] as Round;
    return { name, ...median, ratio: median.requestsPerSecond / bare };
  });
}

/** Gives one body after the other. A gate that saw one twice would answer from before, and measure less work. */
function feed(bodies: readonly string[], mayRepeat: boolean): () => string {
  let at = 0;
  return () => {
    if (at >= bodies.length && !mayRepeat) throw new Error('too few records for this many requests');
    return bodies[at++ % bodies.length] ?? '';
  };
}

function start(mode: string): Promise<{ port: number; child: ChildProcess }> {
  const child = fork(new URL('./http-server.js', import.meta.url), [mode]);
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve({ port: Number(port), child }));
    child.once('exit', (code) => reject(new Error(`the ${mode} server stopped with ${code}`)));
  });
}

async function load(port: number, body: () => string, { seconds, connections }: HttpOptions): Promise<Round> {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/v1/pcs/submit`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, body: body() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were refusals, ${result.errors} requests failed`);
  }
  return { requestsPerSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

function medianRound(rounds: readonly Round[]): Round {
  const sorted = [...rounds].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error('no round was run');
  return median;
}
