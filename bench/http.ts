import { type ChildProcess, fork } from 'node:child_process';
import autocannon from 'autocannon';
import type { HttpRow } from './report.ts';

/** What each application is called, and what `http-server.ts` makes it of. */
const FRAMEWORKS = { express: 'Express 5', fastify: 'Fastify 5', hono: 'Hono 4 on Node' } as const;
/** The first is the baseline. */
const GATES = { bare: '', empty: ', empty gate', pcs: ', PCS preset without VRF' } as const;

export interface HttpOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Round {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server, in microseconds per request. */
  readonly cpu: number;
}

interface Server {
  readonly name: string;
  readonly isBaseline: boolean;
  readonly port: number;
  readonly child: ChildProcess;
  readonly feed: () => string;
  readonly rounds: Round[];
}

/**
 * Loads each application in turn, round by round, over loopback, each in a process of its own. Every record is new
 * to its gate, so replay protection never answers for the other guards.
 */
export async function benchHttp(bodies: readonly string[], options: HttpOptions): Promise<HttpRow[]> {
  const rows: HttpRow[] = [];
  for (const [framework, title] of Object.entries(FRAMEWORKS)) {
    const servers = await Promise.all(
      Object.entries(GATES).map(
        async ([gate, behind]): Promise<Server> => ({
          name: `${title}${behind}`,
          isBaseline: gate === 'bare',
          ...(await start(framework, gate)),
          feed: feed(bodies, gate !== 'pcs'),
          rounds: [],
        }),
      ),
    );
    try {
      // The first round is for the compiler and does not count.
      for (let round = 0; round <= options.rounds; round++) {
        for (const server of servers) {
          const result = await load(server, options);
          if (round > 0) server.rounds.push(result);
        }
      }
    } finally {
      for (const { child } of servers) child.kill();
    }
    rows.push(...compared(servers));
  }
  return rows;
}

function compared(servers: readonly Server[]): HttpRow[] {
  const medians = servers.map(({ rounds }) => medianRound(rounds));
  const bare = medians[servers.findIndex(({ isBaseline }) => isBaseline)] as Round;
  return servers.map(({ name }, at) => {
    const median = medians[at] as Round;
    return {
      name,
      ...median,
      ratio: median.requestsPerSecond / bare.requestsPerSecond,
      cpuRatio: bare.cpu / median.cpu,
      addedP99: median.p99 - bare.p99,
    };
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

function start(framework: string, gate: string): Promise<{ port: number; child: ChildProcess }> {
  const child = fork(new URL('./http-server.js', import.meta.url), [framework, gate]);
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve({ port: Number(port), child }));
    child.once('exit', (code) => reject(new Error(`the server of ${framework}, ${gate}, stopped with ${code}`)));
  });
}

/** Microseconds that a server has had the processor for. */
function cpuOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (usage) => {
      const { user, system } = usage as NodeJS.CpuUsage;
      resolve(user + system);
    });
    child.send('usage');
  });
}

async function load({ port, child, feed }: Server, { seconds, connections }: HttpOptions): Promise<Round> {
  const before = await cpuOf(child);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/v1/pcs/submit`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, body: feed() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were refusals, ${result.errors} requests failed`);
  }
  return {
    requestsPerSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: ((await cpuOf(child)) - before) / result.requests.total,
  };
}

function medianRound(rounds: readonly Round[]): Round {
  const sorted = [...rounds].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error('no round was run');
  return median;
}
