import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from 'miniflare';
import { serveWorker } from '../../examples/worker/serve.ts';
import type { DecisionRecord } from '../../src/ledger/record.ts';
import { ROOT } from '../package/tree.ts';

export const METRICS_TOKEN = 'a token for the tests';
/** The tenant of wrangler.jsonc. */
export const TENANTS: readonly object[] = [
  {
    id: 'acme',
    rate: 50,
    burst: 100,
    pii: {
      mode: 'redact',
      patterns: [{ name: 'employee-id', pattern: 'EMP-\\d{6}', flags: 'i' }],
    },
  },
];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface RunningWorker {
  readonly url: string;
  post(path: string, tenant: string, body: string, headers?: Record<string, string>): Promise<Answer>;
  /** The metrics, once they are as expected: they are sent after the answer. */
  metrics(isWhole: (text: string) => boolean): Promise<string>;
  /** What the queue was handed, once it is as expected. */
  ledger(isWhole: (records: readonly DecisionRecord[]) => boolean): Promise<readonly DecisionRecord[]>;
  /** Asks the program around the Worker something about its inside. */
  probe<T = unknown>(question: object): Promise<T>;
  stop(): Promise<void>;
}

/** What of a KV namespace the tests use; its types are Cloudflare's own. */
interface KeyValues {
  list(): Promise<{ readonly keys: readonly { readonly name: string }[] }>;
  get(name: string): Promise<string | null>;
}

/** Takes what the Worker puts into the queue, and keeps it where the test can read it. */
const CONSUMER: WorkerOptions = {
  name: 'consumer',
  modules: true,
  compatibilityDate: '2026-04-01',
  kvNamespaces: ['SEEN'],
  queueConsumers: { 'portcullis-ledger': { maxBatchTimeout: 0.1 } },
  script: `export default {
    async queue({ messages }, { SEEN }) {
      for (const { id, body } of messages) await SEEN.put(id, JSON.stringify(body));
    },
  };`,
};

/** Stands in for a service that is out. */
const BROKEN: WorkerOptions = {
  name: 'broken',
  modules: true,
  compatibilityDate: '2026-04-01',
  script: `import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
    const fail = () => { throw new Error('out of order'); };
    export class BrokenObject extends DurableObject {}
    for (const name of ['take', 'peek', 'charge', 'claim', 'commit', 'release', 'add', 'read']) BrokenObject.prototype[name] = fail;
    export class BrokenQueue extends WorkerEntrypoint { send() { fail(); } }
    export default {};`,
};

/** Stands in front of the queue and takes its time, so that requests which come together overlap. */
const SLOW: WorkerOptions = {
  name: 'slow',
  modules: true,
  compatibilityDate: '2026-04-01',
  queueProducers: { QUEUE: 'portcullis-ledger' },
  script: `import { WorkerEntrypoint } from 'cloudflare:workers';
    export class SlowQueue extends WorkerEntrypoint {
      async send(message) {
        await scheduler.wait(100);
        await this.env.QUEUE.send(message);
      }
    }
    export default {};`,
};

function withLedger(worker: WorkerOptions, name: string, entrypoint: string): WorkerOptions {
  return { ...worker, queueProducers: {}, serviceBindings: { LEDGER: { name, entrypoint } } };
}

function withBroken(worker: WorkerOptions, binding: string): WorkerOptions {
  if (binding === 'LEDGER') return withLedger(worker, 'broken', 'BrokenQueue');
  const object = { className: 'BrokenObject', scriptName: 'broken' };
  return { ...worker, durableObjects: { ...worker.durableObjects, [binding]: object } };
}

export async function startExample(options: {
  readonly tenants: readonly object[];
  readonly env?: object;
  readonly persist?: string;
  readonly slowLedger?: boolean;
  readonly broken?: 'RATES' | 'REPLAYS' | 'METRICS' | 'LEDGER';
}): Promise<RunningWorker> {
  const ids = options.tenants.map((tenant) => (tenant as { id: string }).id);
  const keys = Object.fromEntries(ids.map((id) => [id, [{ id: 'k', alg: 'hmac', key: `key-of-${id}` }]]));
  const { broken, slowLedger = false, persist } = options;
  const miniflare = await serveWorker({
    env: { TENANTS: options.tenants, TENANT_KEYS: JSON.stringify(keys), METRICS_TOKEN, ...options.env },
    entry: { sourcefile: 'probe.js', resolveDir: ROOT, contents: PROBE },
    adjust(worker) {
      if (broken !== undefined) return withBroken(worker, broken);
      return slowLedger ? withLedger(worker, 'slow', 'SlowQueue') : worker;
    },
    others: [CONSUMER, ...(broken ? [BROKEN] : []), ...(slowLedger ? [SLOW] : [])],
    ...(persist && { persist }),
  });
  const url = String(await miniflare.ready);
  const seen = (await miniflare.getKVNamespace('SEEN', 'consumer')) as unknown as KeyValues;

  async function records(): Promise<readonly DecisionRecord[]> {
    const { keys: names } = await seen.list();
    return Promise.all(names.map(async ({ name }) => JSON.parse((await seen.get(name)) ?? 'null') as DecisionRecord));
  }

  return {
    url,
    async post(path, tenant, body, headers = {}) {
      const response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tenant-id': tenant, ...headers },
        body,
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
    },
    metrics: (isWhole) =>
      until(async () => {
        const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
        return (await fetch(new URL('/metrics', url), { headers })).text();
      }, isWhole),
    ledger: (isWhole) => until(records, isWhole),
    async probe<T>(question: object) {
      const response = await fetch(new URL('/probe', url), { method: 'POST', body: JSON.stringify(question) });
      return (await response.json()) as T;
    },
    stop: () => miniflare.dispose(),
  };
}

/** Reads until it is as expected, for ten seconds at most; then whatever there is. */
async function until<T>(read: () => Promise<T>, isWhole: (found: T) => boolean): Promise<T> {
  for (let turn = 0; turn < 200; turn++) {
    const found = await read();
    if (isWhole(found)) return found;
    await sleep(50);
  }
  return read();
}

const at = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** The Worker, and a route of our own beside it that looks into the instance. */
const PROBE = `
import worker from ${at('../../examples/worker/src/worker.ts')};
import { sharedKernel } from ${at('../../dist/src/guards/vrf/kernel.js')};
import { compareRates, compareReplays, outlive } from ${at('./worker-stores.ts')};
export * from ${at('../../examples/worker/src/worker.ts')};

function evaluates() {
  try { return new Function('return true')(); } catch { return false; }
}

async function answer({ kernelKey, replays, rates, lifetime }, env) {
  if (kernelKey !== undefined) {
    return { uses: sharedKernel()?.key(Uint8Array.from(atob(kernelKey), (byte) => byte.charCodeAt(0))).uses };
  }
  if (replays !== undefined) return compareReplays(env.REPLAYS, replays);
  if (rates !== undefined) return compareRates(env.RATES, rates);
  if (lifetime !== undefined) return outlive(env.REPLAYS);
  return { evaluates: evaluates() };
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/probe') return worker.fetch(request, env, ctx);
    return Response.json(await answer(await request.json(), env));
  },
};`;
