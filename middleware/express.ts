import { Buffer } from 'node:buffer';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Decision } from '../src/decide.ts';
import { ConfigError } from '../src/errors.ts';
import { type BodyResult, createExchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { dropUnread, isBodyTaken, nodeHeader, readNodeBody, replaceNodeBody, sendKnown } from './node-body.ts';
import { type EgressOptions, egressOption, watchResponse } from './node-egress.ts';

export interface ExpressOptions {
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** The client's address. Default `req.ip`, which trusts a proxy only where Express' `trust proxy` says so. */
  readonly address?: (req: Request) => string | undefined;
  /** Has a gate look at responses too. Default: they go out as they are. */
  readonly egress?: EgressOptions;
}

const capturedBodies = new WeakMap<object, Uint8Array>();

/**
 * Keeps the exact bytes that a body parser reads, for a gate that is mounted after it.
 *
 * @example
 * app.use(express.json({ verify: captureRawBody }), portcullis(gate));
 */
export function captureRawBody(req: object, _res: object, bytes: Uint8Array): void {
  capturedBodies.set(req, bytes);
}

/** The decision on this request, as `res.locals.portcullis` holds it; `undefined` where no gate ran. */
export function decisionOf(res: { locals: Record<string, unknown> }): Decision | undefined {
  return res.locals.portcullis as Decision | undefined;
}

/**
 * Mounts a gate in Express 5 or 4. Mount it before the body parsers: it reads the bytes once, capped, and puts
 * them back, so that parsers behind it see what they would have seen without it, or the redacted body. Behind a
 * parser it needs {@link captureRawBody}; without it the first request that a guard wants the body of ends in
 * an error with code PTC_E010, through Express' error path.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * app.use(portcullis(gate), express.json());
 * app.post('/comments', (req, res) => res.json({ saved: req.body, decision: decisionOf(res)?.id }));
 */
export function portcullis(gate: Gate, options: ExpressOptions = {}): RequestHandler {
  functionOption('express.gate', gate?.inspect, 'give what createGate() returned');
  knownOptions('express', options, ['maxBodyBytes', 'address', 'egress']);
  const maxBodyBytes = maxBodyBytesOption('express.maxBodyBytes', options.maxBodyBytes);
  const addressOf = options.address ?? ((req: Request) => req.ip);
  functionOption('express.address', addressOf, 'give a function from request to address');
  const egress = egressOption('express.egress', options.egress);

  return function portcullis(req: Request, res: Response, next: NextFunction): void {
    let wiringFault: ConfigError | undefined;
    const exchange = createExchange({
      method: req.method,
      url: targetOf(req),
      header: (name) => nodeHeader(req, name),
      address: addressOf(req),
      readBody(): BodyResult | Promise<BodyResult> {
        const captured = capturedBodies.get(req);
        if (captured !== undefined) return capped(captured, maxBodyBytes);
        if (!isBodyTaken(req)) return readNodeBody(req, res, maxBodyBytes);
        wiringFault = new ConfigError(
          'PTC_E010',
          'req.body',
          req.body,
          'mount portcullis() before the body parser, or give the parser { verify: captureRawBody }',
        );
        return { ok: false, code: 'PTC_D103' };
      },
    });

    const apply = (decision: Decision): void => {
      if (wiringFault !== undefined) throw wiringFault;
      res.locals.portcullis = decision;
      if (res.destroyed || res.headersSent) return;
      dropUnread(req, res);
      if (decision.outcome !== 'allow') {
        if (decision.response) sendKnown(req, res, decision.response);
        return;
      }
      for (const [name, value] of Object.entries(decision.headers)) res.setHeader(name, value);
      if (decision.patches.length > 0) {
        redactBody(req, redactedBytes(exchange, decision.patches));
      }
      if (egress !== undefined) watchResponse(req, res, exchange, egress);
      next();
    };
    // At once where nothing has to be waited for: what reads the body next is then there when it comes in.
    try {
      const decided = gate.inspectNow(exchange);
      if (decided instanceof Promise) decided.then(apply).catch(next);
      else apply(decided);
    } catch (error) {
      next(error);
    }
  };
}

/** A path and a query that no two parsers read differently. */
const PLAIN_TARGET = /^\/[^#\\]*$/;

/** The target as Express' router reads it: what guards see and what is routed must be one path. */
function targetOf(req: Request): string {
  const url = routedUrl(req);
  if (PLAIN_TARGET.test(url)) return url;
  try {
    // The getter reads `url`, which a router above may have shortened, and keeps what it parsed in `this`.
    const { path } = Object.create(req, { url: { value: url } }) as Request;
    const query = /\?[^#]*/.exec(url)?.[0] ?? '';
    return typeof path === 'string' && path !== '' ? path + query : url;
  } catch {
    return url;
  }
}

/** The URL as it came, or as a middleware before the gate has rewritten it: that is what is routed. */
function routedUrl({ originalUrl, baseUrl, url }: Request): string {
  // A router takes the path that it is mounted on off `url`, and leaves a slash where nothing is left.
  const isOwn = originalUrl === baseUrl + url || (url.startsWith('/') && originalUrl === baseUrl + url.slice(1));
  return isOwn || !url.startsWith('/') ? originalUrl : baseUrl + url;
}

function capped(bytes: Uint8Array, maxBytes: number): BodyResult {
  return bytes.byteLength > maxBytes ? { ok: false, code: 'PTC_D101' } : { ok: true, bytes };
}

/** Hands the redacted bytes on: into the stream, or into `req.body` where a parser has already run. */
function redactBody(req: Request, bytes: Uint8Array): void {
  if (!capturedBodies.has(req)) {
    replaceNodeBody(req, bytes);
    return;
  }
  capturedBodies.set(req, bytes);
  const text = Buffer.from(bytes).toString('utf8');
  if (Buffer.isBuffer(req.body)) req.body = Buffer.from(bytes);
  else if (typeof req.body === 'string') req.body = text;
  // Parsers drop a byte order mark; JSON.parse does not.
  else if (req.is(['json', '+json'])) req.body = parseRedacted(text.replace(/^\ufeff/, ''));
  else {
    throw new ConfigError(
      'PTC_E010',
      'req.body',
      req.body,
      'mount portcullis() before parsers of anything but JSON, text and raw bytes',
    );
  }
}

/** What `express.json()` would have said to these bytes, without its quotation of them. */
function parseRedacted(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw Object.assign(new SyntaxError('The redacted body is not JSON'), {
      status: 400,
      type: 'entity.parse.failed',
      expose: true,
    });
  }
}
