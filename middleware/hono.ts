import type { Context, MiddlewareHandler } from 'hono';
import { clientAddress, type ProxyTrust } from '../src/client-address.ts';
import type { Decision } from '../src/decide.ts';
import { ConfigError } from '../src/errors.ts';
import { type BodyResult, createExchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { knownResponse, withBody, withReplay } from './fetch.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { inflateBody, serverAddress, serverRequest } from './platform-node.ts';
import type { ServerRequest } from './platform-web.ts';
import { readWebBody, type WebBody } from './web-body.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** The decision on this request, where a gate is mounted. */
    portcullis: Decision;
  }
}

export interface HonoOptions {
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Whom to believe about the client's address. Default: nobody. */
  readonly trust?: ProxyTrust;
  /** The address of the connection. Default: what the servers of Node, Deno and Bun tell in `c.env`; on others it is not known. */
  readonly peer?: (c: Context) => string | undefined;
}

/**
 * Mounts a gate in Hono, on any runtime. It reads the body once, capped; handlers read it as they would without a gate, or
 * the redacted one, and the decision with `c.get('portcullis')` or `c.var.portcullis`.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * app.use('/api/*', portcullis(gate));
 * app.post('/api/comments', async (c) => c.json({ saved: await c.req.json(), decision: c.var.portcullis.id }));
 */
export function portcullis(gate: Gate, options: HonoOptions = {}): MiddlewareHandler {
  functionOption('hono.gate', gate?.inspect, 'give what createGate() returned');
  knownOptions('hono', options, ['maxBodyBytes', 'trust', 'peer']);
  const maxBodyBytes = maxBodyBytesOption('hono.maxBodyBytes', options.maxBodyBytes);
  const addressOf = clientAddress('hono.trust', options.trust);
  const { peer } = options;
  if (peer !== undefined) functionOption('hono.peer', peer, 'give a function from context to address');

  return async function portcullis(c, next) {
    const isRead = hasReadBody(c);
    const server = isRead ? undefined : serverRequest(c.env, c.req.raw);
    // As handlers see them: of a header that came twice Node keeps the first, the web both.
    const header = (name: string): string | undefined => c.req.raw.headers.get(name) ?? undefined;
    let body: WebBody | undefined;
    const exchange = createExchange({
      method: c.req.method,
      url: c.req.url,
      header,
      address: addressOf(peer === undefined ? (serverAddress(c.env) ?? peerOf(c)) : peer(c), header),
      readBody() {
        if (server !== undefined) return server.readBody(maxBodyBytes);
        if (isRead) return readCache(c, maxBodyBytes);
        return readWebBody(c.req.raw, maxBodyBytes, inflateBody).then((read) => {
          body = read;
          return read.result;
        });
      },
    });
    const decided = gate.inspectNow(exchange);
    const decision = decided instanceof Promise ? await decided : decided;
    c.set('portcullis', decision);
    if (decision.outcome !== 'allow') return knownResponse(decision.response, c.req.method);
    const headers = Object.entries(decision.headers);
    for (const [name, value] of headers) c.header(name, value);
    if (decision.patches.length > 0) {
      if (isRead) assertNotValidated(c);
      const bytes = redactedBytes(exchange, decision.patches);
      if (server === undefined) handOn(c, withBody(c.req.raw, bytes));
      else replaceOn(c, server, bytes);
    } else if (body?.replay !== undefined) {
      handOn(c, withReplay(c.req.raw, body.replay));
    } else {
      const rest = server?.rest();
      if (rest !== undefined) handOn(c, streamed(c.req, rest));
    }
    await next();
    // A handler that returns a response of its own making leaves out what was set before it.
    for (const [name, value] of headers) if (!c.res.headers.has(name)) c.header(name, value);
    return undefined;
  };
}

/** Whether a middleware before the gate has read the body, through Hono, which keeps what it read. */
function hasReadBody(c: Context): boolean {
  for (const _form in c.req.bodyCache) return true;
  return false;
}

/** What handlers will get from Hono. Of parsed forms alone the bytes are not to be had. */
async function readCache(c: Context, maxBytes: number): Promise<BodyResult> {
  const { text, json, arrayBuffer, blob } = c.req.bodyCache;
  if ((text ?? json ?? arrayBuffer ?? blob) === undefined) return { ok: false, code: 'PTC_D103' };
  try {
    const wire = new Uint8Array(await c.req.arrayBuffer());
    if (wire.byteLength > maxBytes) return { ok: false, code: 'PTC_D101' };
    return await inflateBody(wire, c.req.header('content-encoding'), maxBytes);
  } catch {
    return { ok: false, code: 'PTC_D103' };
  }
}

/** A validator keeps what it was given, not redacted, for handlers to use. */
function assertNotValidated(c: Context): void {
  for (const target of ['json', 'form']) {
    const data: unknown = c.req.valid(target as never);
    if (data === undefined) continue;
    throw new ConfigError('PTC_E010', `c.req.valid('${target}')`, data, 'mount portcullis() before the validator');
  }
}

/** The request that everybody behind the gate reads. */
function handOn(c: Context, request: Request): void {
  c.req.raw = request;
  c.req.bodyCache = {};
}

/** On Node the request stays the same; what describes its old bytes goes. */
function replaceOn(c: Context, server: ServerRequest, bytes: Uint8Array): void {
  server.replace(bytes);
  for (const name of ['content-encoding', 'transfer-encoding']) c.req.raw.headers.delete(name);
  c.req.raw.headers.set('content-length', String(bytes.byteLength));
  c.req.bodyCache = {};
}

/** Not made of the request itself, which on Node is not one of the web's. */
function streamed({ url, method, raw }: Context['req'], body: ReadableStream): Request {
  return new Request(url, { method, headers: raw.headers, signal: raw.signal, body, duplex: 'half' } as RequestInit);
}

/** What Deno's and Bun's servers hand over beside a request, and Hono keeps as `c.env`. */
interface ServerEnv {
  readonly remoteAddr?: { readonly hostname?: string };
  readonly requestIP?: (request: Request) => { readonly address: string } | null;
  readonly server?: ServerEnv;
}

function peerOf(c: Context): string | undefined {
  const env = c.env as ServerEnv | undefined;
  const { remoteAddr, requestIP } = env ?? {};
  if (typeof remoteAddr?.hostname === 'string') return remoteAddr.hostname;
  if (typeof requestIP === 'function') return requestIP.call(env, c.req.raw)?.address;
  return undefined;
}
