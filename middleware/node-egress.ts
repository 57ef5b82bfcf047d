import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from '../src/decide.ts';
import { createExchange, type Exchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions, wordOption } from '../src/options.ts';
import { problemResponse } from '../src/problem.ts';
import { inflateBody, maxBodyBytesOption, sendKnown } from './node.ts';

/** What happens to responses. */
export interface EgressOptions {
  /** Looks at responses as the request's gate looks at requests: method and path are the request's, headers and body the response's. */
  readonly gate: Gate;
  /**
   * A response that is written in parts: `pass` lets it through unseen (the default), `hold` keeps it until it is whole.
   * A response that is sent at once, as `res.json()` and `res.send()` do, is seen in either case.
   */
  readonly streams?: 'pass' | 'hold';
  /** Largest response that is looked at, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** Options, checked. */
export type Egress = Required<EgressOptions>;

/** @throws {ConfigError} naming the option. */
export function egressOption(option: string, value: EgressOptions | undefined): Egress | undefined {
  if (value === undefined) return undefined;
  knownOptions(option, value, ['gate', 'streams', 'maxBodyBytes']);
  functionOption(`${option}.gate`, value.gate?.inspect, 'give what createGate() returned');
  return {
    gate: value.gate,
    streams: wordOption(`${option}.streams`, value.streams, 'pass', ['pass', 'hold']),
    maxBodyBytes: maxBodyBytesOption(`${option}.maxBodyBytes`, value.maxBodyBytes),
  };
}

/** What `write` and `end` take. */
type Chunk = string | Uint8Array;
type Written = readonly [chunk?: unknown, encoding?: unknown, callback?: unknown];

/**
 * Has a gate look at what goes out. Nothing is sent before its decision, but for streams that are to pass. What it refuses is
 * answered 500 with a problem that says nothing of the response; what it redacts goes out without what described the old
 * bytes. Where the response was never whole (a stream that passes, a body larger than the cap under a reporting gate) it goes
 * out as it came.
 */
export function watchResponse(req: IncomingMessage, res: ServerResponse, request: Exchange, egress: Egress): void {
  const original = { write: res.write, end: res.end, writeHead: res.writeHead, flushHeaders: res.flushHeaders };
  const parts: Buffer[] = [];
  let size = 0;
  let callbacks: (() => void)[] = [];
  /** Lets the response be changed again, once the application has ended it. */
  let unsealed = (): void => {};
  let state: 'open' | 'deciding' | 'through' = 'open';
  let isEnded = false;
  /** The head was written on its own: then Node does not work out the length. */
  let hasHead = false;
  /** Written in parts, so that it goes out chunked, as it would have. */
  let isInParts = false;

  /** Puts the response back as it was; what was held goes out first. */
  function letThrough(): void {
    state = 'through';
    Object.assign(res, original);
    if (hasHead) res.writeHead(res.statusCode);
    for (const part of parts.splice(0)) original.write.call(res, part, 'utf8', undefined);
    for (const callback of callbacks.splice(0)) callback();
  }

  function keep([chunk, encoding, callback]: Written): void {
    const done = [chunk, encoding, callback].find((value) => typeof value === 'function');
    if (done !== undefined) callbacks.push(done as () => void);
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const bytes = bytesOf(chunk, typeof encoding === 'string' ? encoding : 'utf8');
    parts.push(bytes);
    size += bytes.byteLength;
  }

  res.writeHead = function writeHead(status: number, ...rest: unknown[]) {
    hasHead = true;
    res.statusCode = status;
    if (typeof rest[0] === 'string') res.statusMessage = rest[0];
    setAll(res, rest.find((value) => typeof value === 'object' && value !== null) as HeaderLists | undefined);
    return res;
  } as typeof res.writeHead;
  res.flushHeaders = () => {
    if (egress.streams === 'hold') return;
    letThrough();
    res.flushHeaders();
  };
  res.write = function write(...written: Written): boolean {
    if (egress.streams === 'pass') {
      letThrough();
      return (res.write as (...all: Written) => boolean)(...written);
    }
    keep(written);
    isInParts = true;
    if (size > egress.maxBodyBytes && state === 'open') decide();
    return true;
  } as typeof res.write;
  res.end = function end(...written: Written) {
    keep(written);
    isEnded = true;
    const unseal = seal(res);
    unsealed = unseal;
    if (state === 'open') decide();
    return res;
  } as typeof res.end;

  function decide(): void {
    state = 'deciding';
    const body = Buffer.concat(parts);
    const response = createExchange({
      method: request.method,
      url: request.query === '' ? request.path : `${request.path}?${request.query}`,
      header: (name) => headerOf(res, name),
      address: request.address,
      request,
      readBody: () =>
        size > egress.maxBodyBytes
          ? { ok: false, code: 'PTC_D101' }
          : inflateBody(body, headerOf(res, 'content-encoding'), egress.maxBodyBytes),
    });
    egress.gate
      .inspect(response)
      .then((decision) => apply(decision, response))
      .catch(() => (res.headersSent ? res.destroy() : refuse(undefined)));
  }

  function apply(decision: Decision, response: Exchange): void {
    unsealed();
    const isSent = decision.outcome === 'allow' || decision.outcome === 'escalate';
    if (res.destroyed) return;
    if (!isSent) {
      refuse(decision);
      return;
    }
    if (decision.patches.length > 0) {
      const bytes = Buffer.from(redactedBytes(response, decision.patches));
      parts.splice(0, parts.length, bytes);
      for (const name of DESCRIBES_BYTES) res.removeHeader(name);
      if (!(isInParts || hasHead) || res.hasHeader('content-length')) res.setHeader('content-length', bytes.byteLength);
    }
    const body = Buffer.concat(parts.splice(0));
    Object.assign(res, original);
    state = 'through';
    const done = callbacks;
    callbacks = [];
    if (hasHead) res.writeHead(res.statusCode);
    if (isInParts && body.byteLength > 0) res.write(body);
    if (!isEnded) {
      for (const callback of done) callback();
      return;
    }
    const finish = (): void => {
      for (const callback of done) callback();
    };
    // Without a body `end` must get none: Node would otherwise count its bytes.
    if (isInParts || body.byteLength === 0) res.end(finish);
    else res.end(body, finish);
  }

  function refuse(decision: Decision | undefined): void {
    unsealed();
    for (const name of res.getHeaderNames()) if (!OUTLIVES_BODY.test(name)) res.removeHeader(name);
    const id = decision?.id ?? '';
    const ruling = { status: 500, code: 'PTC_D202', guard: decision?.guard ?? 'egress' } as const;
    Object.assign(res, original);
    res.statusMessage = '';
    sendKnown(
      req,
      res,
      problemResponse({ outcome: 'deny', ...ruling, reasons: [], findings: [], patches: [], headers: {} }, id),
    );
    Object.assign(res, { write: () => true, end: () => res });
  }
}

/** Headers that say something of bytes that a redaction has changed. */
const DESCRIBES_BYTES = [
  'content-encoding',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'etag',
  'accept-ranges',
];
/** What a refusal keeps of the application's headers: anything else may hold what was found. */
const OUTLIVES_BODY = /^(?:access-control-|strict-transport-security$|vary$)/;

/**
 * Makes a response look ended, as it would be without anybody looking at it: what the application does after `end` must
 * not get into what is sent. Returns how to undo it.
 */
function seal(res: ServerResponse): () => void {
  const { statusCode, statusMessage } = res;
  const refuse = (): never => {
    throw Object.assign(new Error('Cannot change headers after they are sent to the client'), {
      code: 'ERR_HTTP_HEADERS_SENT',
    });
  };
  const changes = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader', 'writeHead', 'writeEarlyHints'] as const;
  const before = { write: res.write, end: res.end, writeHead: res.writeHead, flushHeaders: res.flushHeaders };
  for (const name of changes) if (name in res) Object.assign(res, { [name]: refuse });
  Object.assign(res, { write: () => false, end: () => res, flushHeaders: () => undefined });
  for (const name of ['headersSent', 'writableEnded', 'finished'] as const) {
    Object.defineProperty(res, name, { configurable: true, get: () => true });
  }
  let isSealed = true;
  return () => {
    if (!isSealed) return;
    isSealed = false;
    const own = res as unknown as Record<string, unknown>;
    for (const name of [...changes, 'headersSent', 'writableEnded']) delete own[name];
    Object.defineProperty(res, 'finished', { configurable: true, writable: true, value: false });
    Object.assign(res, before, { statusCode, statusMessage });
  };
}

type HeaderLists = Readonly<Record<string, string | number | readonly string[]>> | readonly unknown[];

function setAll(res: ServerResponse, headers: HeaderLists | undefined): void {
  if (headers === undefined) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as object)) if (value !== undefined) res.setHeader(name, value);
    return;
  }
  const flat = headers.flat() as (string | number | string[])[];
  for (let at = 0; at + 1 < flat.length; at += 2) res.removeHeader(String(flat[at]));
  for (let at = 0; at + 1 < flat.length; at += 2) res.appendHeader(String(flat[at]), flat[at + 1] as string);
}

function headerOf(res: ServerResponse, name: string): string | undefined {
  const value = res.getHeader(name);
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function bytesOf(chunk: Chunk, encoding: string): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk);
}
