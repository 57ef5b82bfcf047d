import { type AddressOf, clientAddress, type ProxyTrust } from '../src/client-address.ts';
import type { Decision } from '../src/decide.ts';
import { createExchange, type Exchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import type { KnownResponse } from '../src/guard.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { inflateBody } from './platform-node.ts';
import { readWebBody, type WebBody } from './web-body.ts';

export interface InspectOptions {
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Whom to believe about the client's address. Default: nobody. */
  readonly trust?: ProxyTrust;
  /** The address of the connection, where the runtime tells it. Default: not known. */
  readonly peer?: string | undefined;
}

export interface FetchOptions<Rest extends readonly unknown[]> extends Omit<InspectOptions, 'peer'> {
  /**
   * The address of the connection, from what the runtime hands over beside the request: `(_request, info) =>
   * info.remoteAddr.hostname` in Deno, `(request, server) => server.requestIP(request)?.address` in Bun. Default: not known.
   */
  readonly peer?: (request: Request, ...rest: Rest) => string | undefined;
}

/** What stands behind the gate; it may leave out what it does not need of what the runtime hands over. */
export type FetchHandler<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/** A decision, and what to do about it. */
export interface Inspection {
  readonly decision: Decision;
  /** What to hand on: the request with its body as it came, or redacted. */
  readonly request: Request;
  /** What to answer instead, for anything but `allow`. */
  readonly response: Response | undefined;
}

const decisions = new WeakMap<Request, Decision>();

/** The decision on a request that was handed on; `undefined` where no gate ran. */
export function decisionOf(request: Request): Decision | undefined {
  return decisions.get(request);
}

/**
 * Puts a gate in front of a fetch handler. The handler gets a request with the same body, or the redacted one, and whatever
 * else the runtime hands over; {@link decisionOf} tells it the decision. What the handler throws goes through.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * const handler = portcullis(gate, async (request) => Response.json({ saved: await request.json() }));
 * Deno.serve((request, info) => handler(request, info));
 */
export function portcullis<Rest extends readonly unknown[]>(
  gate: Gate,
  handler: FetchHandler<NoInfer<Rest>>,
  options: FetchOptions<Rest> & Required<Pick<FetchOptions<Rest>, 'peer'>>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function portcullis<Rest extends readonly unknown[]>(
  gate: Gate,
  handler: FetchHandler<Rest>,
  options?: FetchOptions<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function portcullis<Rest extends readonly unknown[]>(
  gate: Gate,
  handler: FetchHandler<Rest>,
  options: FetchOptions<Rest> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  functionOption('fetch.handler', handler, 'give a function from request to response');
  const { peer } = options;
  const look = inspector(gate, 'fetch', options);
  if (peer !== undefined) functionOption('fetch.peer', peer, 'give a function from request to address');

  return async function portcullis(request, ...rest) {
    const inspection = await look(request, peer?.(request, ...rest));
    if (inspection.response !== undefined) return inspection.response;
    const response = await handler(inspection.request, ...rest);
    return withHeaders(response, inspection.decision.headers);
  };
}

/**
 * Has a gate decide on a request, for those who want to act on the decision themselves. The request is used up: hand on the
 * one that comes back. Linear in the body, which is read at most once and only if a guard wants it.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * const { decision, request, response } = await inspect(gate, incoming);
 * if (response !== undefined) return response;
 */
export async function inspect(gate: Gate, request: Request, options: InspectOptions = {}): Promise<Inspection> {
  return inspector(gate, 'inspect', options)(request, options.peer);
}

/** Options, checked once, as a function from request to inspection. */
export function inspector(
  gate: Gate,
  option: string,
  options: Omit<InspectOptions, 'peer'>,
): (request: Request, peer: string | undefined) => Promise<Inspection> {
  functionOption(`${option}.gate`, gate?.inspect, 'give what createGate() returned');
  knownOptions(option, options, ['maxBodyBytes', 'trust', 'peer']);
  const maxBodyBytes = maxBodyBytesOption(`${option}.maxBodyBytes`, options.maxBodyBytes);
  const addressOf = clientAddress(`${option}.trust`, options.trust);

  return async (request, peer) => {
    let body: WebBody | undefined;
    const exchange = exchangeOf(request, peer, addressOf, async () => {
      body = await readWebBody(request, maxBodyBytes, inflateBody);
      return body.result;
    });
    const decision = await gate.inspect(exchange);
    if (decision.outcome !== 'allow') {
      return { decision, request, response: knownResponse(decision.response, request.method) };
    }
    const handedOn = handOn(request, body, exchange, decision);
    decisions.set(handedOn, decision);
    return { decision, request: handedOn, response: undefined };
  };
}

function exchangeOf(
  request: Request,
  peer: string | undefined,
  addressOf: AddressOf,
  readBody: () => Promise<WebBody['result']>,
): Exchange {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  return createExchange({
    method: request.method,
    url: targetOf(request.url),
    header,
    address: addressOf(peer, header),
    readBody,
  });
}

/** What a URL's parser would change: not all servers have had it look at the target. */
const UNPARSED = /[^!#-&(-;=?-[\]_a-z~]|\/(?:\.|%2e)/i;

/** The target as `new URL(request.url)` has it, by which handlers route. */
function targetOf(url: string): string {
  return UNPARSED.test(url) && URL.canParse(url) ? new URL(url).href : url;
}

function handOn(request: Request, body: WebBody | undefined, exchange: Exchange, decision: Decision): Request {
  if (decision.patches.length > 0) return withBody(request, redactedBytes(exchange, decision.patches));
  return body?.replay === undefined ? request : withReplay(request, body.replay);
}

/** The request, whose body was read, with the same bytes in its place. */
export function withReplay(request: Request, replay: NonNullable<WebBody['replay']>): Request {
  if (hasNoBody(request)) return withoutBody(request);
  return new Request(request, { body: replay, duplex: 'half' } as RequestInit);
}

/** The request with other bytes, not compressed, in the place of its body. */
export function withBody(request: Request, bytes: Uint8Array): Request {
  if (hasNoBody(request)) return withoutBody(request);
  const headers = withoutFraming(request.headers);
  headers.set('content-length', String(bytes.byteLength));
  return new Request(request, { headers, body: bytes as Uint8Array<ArrayBuffer> });
}

const hasNoBody = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

/** A server may hand over such a request with a body, but none can be made with one: guards have seen what goes. */
function withoutBody(request: Request): Request {
  const { url, method, signal, redirect, cf } = request as Request & { readonly cf?: unknown };
  const init = { method, headers: withoutFraming(request.headers), signal, redirect, ...(cf !== undefined && { cf }) };
  return new Request(url, init as RequestInit);
}

function withoutFraming(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name);
  return headers;
}

/** A known response as the web knows responses. */
export function knownResponse(response: KnownResponse | undefined, method: string): Response {
  if (response === undefined) return new Response(null, { status: 503 });
  const { status, headers, body } = response;
  const isBodiless = method === 'HEAD' || status === 204 || status === 205 || status === 304;
  // As bytes: to text a response would add a content type where there is none.
  return new Response(isBodiless ? null : new TextEncoder().encode(body), { status, headers });
}

/** The response with more headers, where it has none of the name; what cannot be changed in place is made anew. */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const entries = Object.entries(headers).filter(([name]) => !response.headers.has(name));
  if (entries.length === 0) return response;
  try {
    for (const [name, value] of entries) response.headers.set(name, value);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    for (const [name, value] of entries) copy.headers.set(name, value);
    return copy;
  }
}
