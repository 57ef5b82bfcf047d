import type { ProxyTrust } from '../src/client-address.ts';
import { ConfigError } from '../src/errors.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { decisionOf, inspector, withHeaders } from './fetch.ts';

export { decisionOf };

/** What a Worker's handler is handed beside request and environment. */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

export interface WorkerOptions<Env extends object, Context extends WorkerContext> {
  /** Makes the gate, once for each environment that the Worker is started with: at the first request, never before. */
  readonly gate: (env: Env) => Gate;
  /** What stands behind the gate. */
  readonly fetch: (request: Request, env: Env, ctx: Context) => Response | Promise<Response>;
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Whom to believe about the client's address. Default: Cloudflare, `{ header: 'cf-connecting-ip' }`. */
  readonly trust?: ProxyTrust;
}

/** What a module Worker exports. */
export interface WorkerModule<Env extends object, Context extends WorkerContext> {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response>;
}

/**
 * Puts a gate in front of a module Worker. Nothing happens when the module is loaded but a check of the options: keys and
 * bindings come with the first request. Sinks are waited for with `ctx.waitUntil`, after the answer.
 *
 * @throws {ConfigError} for options that cannot work; for those of the gate, at the first request.
 *
 * @example
 * export default portcullis({
 *   gate: (env: Env) => createGate({ guards: [pii({ mode: 'block' })] }),
 *   fetch: (request) => Response.json({ path: new URL(request.url).pathname }),
 * });
 */
export function portcullis<Env extends object, Context extends WorkerContext = WorkerContext>(
  options: WorkerOptions<Env, Context>,
): WorkerModule<Env, Context> {
  knownOptions('workers', options, ['gate', 'fetch', 'maxBodyBytes', 'trust']);
  const { gate: makeGate, fetch: handler, maxBodyBytes, trust = { header: 'cf-connecting-ip' } } = options;
  functionOption('workers.gate', makeGate, 'give a function from environment to gate');
  functionOption('workers.fetch', handler, 'give a function from request, environment and context to response');
  const settings = { trust, ...(maxBodyBytes !== undefined && { maxBodyBytes }) };
  // Once now, so that a mistake stops the start, with a gate that is not there yet.
  inspector({ inspect: () => Promise.reject(new Error('no gate yet')) } as never, 'workers', settings);
  const ready = new WeakMap<Env, { gate: Gate; look: ReturnType<typeof inspector> }>();

  function gateFor(env: Env): { gate: Gate; look: ReturnType<typeof inspector> } {
    let made = ready.get(env);
    if (made === undefined) {
      const gate = makeGate(env);
      if (typeof gate?.inspect !== 'function') {
        throw new ConfigError('PTC_E002', 'workers.gate', gate, 'return what createGate() returned');
      }
      made = { gate, look: inspector(gate, 'workers', settings) };
      ready.set(env, made);
    }
    return made;
  }

  return {
    async fetch(request, env, ctx) {
      const { gate, look } = gateFor(env);
      const { decision, request: handedOn, response } = await look(request, undefined);
      ctx.waitUntil(gate.flush());
      if (response !== undefined) return response;
      return withHeaders(await handler(handedOn, env, ctx), decision.headers);
    },
  };
}
