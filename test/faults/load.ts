import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Milliseconds from the first byte sent to the last one received. */
  readonly ms: number;
}

export interface Client {
  /** `undefined` where no whole answer came. */
  submit(body: string, headers?: Readonly<Record<string, string>>): Promise<Answer | undefined>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; text: string } | undefined>;
  close(): void;
}

/** Keeps its connections, as agents in the field do. */
export function createClient(port: number, connections = 32): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  function send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<{ status: number; text: string; headers: Answer['headers'] } | undefined> {
    return new Promise((resolve) => {
      const req = request({ host: '127.0.0.1', port, agent, method, path, headers }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('error', () => resolve(undefined));
        res.on('close', () =>
          resolve(
            res.complete
              ? { status: res.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8'), headers: res.headers }
              : undefined,
          ),
        );
      });
      req.on('error', () => resolve(undefined));
      req.end(body);
    });
  }

  return {
    async submit(body, headers = {}) {
      const began = performance.now();
      const answer = await send('POST', '/v1/pcs/submit', { 'content-type': 'application/json', ...headers }, body);
      if (answer === undefined) return undefined;
      const parsed = JSON.parse(answer.text) as Record<string, unknown>;
      return { status: answer.status, body: parsed, headers: answer.headers, ms: performance.now() - began };
    },
    get: (path, headers = {}) => send('GET', path, headers),
    close: () => agent.destroy(),
  };
}

export interface Shot {
  readonly body: string;
  readonly answer: Answer | undefined;
}

/** Posts all bodies from as many clients at once; stops early where nothing answers any more, if asked to. */
export async function storm(
  client: Client,
  bodies: readonly string[],
  options: {
    readonly clients?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly stopWhenGone?: boolean;
    readonly onAnswer?: (answered: number) => void;
  } = {},
): Promise<Shot[]> {
  const shots: Shot[] = [];
  let next = 0;
  let gone = false;
  const worker = async (): Promise<void> => {
    while (next < bodies.length && !gone) {
      const body = bodies[next++] ?? '';
      const answer = await client.submit(body, options.headers);
      shots.push({ body, answer });
      if (answer === undefined && options.stopWhenGone) gone = true;
      options.onAnswer?.(shots.length);
    }
  };
  await Promise.all(Array.from({ length: options.clients ?? 32 }, worker));
  return shots;
}

/** How often each status came; 0 stands for no answer. */
export function statuses(shots: readonly Shot[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { answer } of shots) counts[answer?.status ?? 0] = (counts[answer?.status ?? 0] ?? 0) + 1;
  return counts;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
