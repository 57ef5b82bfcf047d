import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import type { Decision } from '../src/decide.ts';
import { ConfigError } from '../src/errors.ts';
import { createExchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { fastifyBody } from './fastify-body.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { dropUnread, nodeHeader } from './node-body.ts';
import { type EgressOptions, egressOption, watchResponse } from './node-egress.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The decision on this request; `null` where no gate ran. */
    portcullis: Decision | null;
  }
  interface FastifyContextConfig {
    /** What the gate does differently on this route; `false`: nothing at all. */
    portcullis?: RouteOptions | false;
  }
}

/** Options of one route, in its `config`. */
export interface RouteOptions {
  /** Largest body taken in on this route, in bytes, after decompression. */
  readonly maxBodyBytes?: number;
  /** Another gate for this route. */
  readonly gate?: Gate;
}

export interface FastifyOptions {
  readonly gate: Gate;
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** The client's address. Default `request.ip`, which trusts a proxy only where Fastify's `trustProxy` says so. */
  readonly address?: (request: FastifyRequest) => string | undefined;
  /** Has a gate look at responses too. Default: they go out as they are. */
  readonly egress?: EgressOptions;
}

/**
 * Mounts a gate in Fastify 5, in front of all routes of the instance that it is registered on and of those below: register it
 * in a plugin of its own, and other routes do without. It looks at the bytes before Fastify parses them, so that schemas see
 * the redacted body. Handlers read the decision from `request.portcullis`.
 *
 * @throws {ConfigError} for options that cannot work, through Fastify's `ready`.
 *
 * @example
 * await app.register(portcullis, { gate });
 * app.post('/comments', async (request) => ({ saved: request.body, decision: request.portcullis?.id }));
 */
export const portcullis: FastifyPluginCallback<FastifyOptions> = (app, options, done) => {
  let settings: Settings;
  try {
    settings = checkOptions(options);
  } catch (error) {
    done(error as Error);
    return;
  }
  if (!app.hasRequestDecorator('portcullis')) app.decorateRequest('portcullis', null);
  const checkRoute = routeChecker();
  app.addHook('preParsing', (request, reply, payload, next) => {
    const route = request.routeOptions.config?.portcullis;
    if (route === false) return next(null, payload);
    try {
      // For routes that were declared before this plugin was loaded.
      checkRoute(route);
    } catch (error) {
      return next(error as Error);
    }
    look(settings, route, request, reply, payload, next);
  });
  app.addHook('onRoute', ({ config }) => checkRoute(config?.portcullis));
  done();
};

// Fastify's own way to say that hooks belong to the instance that a plugin is registered on.
Object.assign(portcullis, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'portcullis',
  [Symbol.for('plugin-meta')]: { name: 'portcullis', fastify: '5.x' },
});

interface Settings {
  readonly gate: Gate;
  readonly maxBodyBytes: number;
  readonly addressOf: (request: FastifyRequest) => string | undefined;
  readonly egress: ReturnType<typeof egressOption>;
}

function checkOptions(options: FastifyOptions): Settings {
  // Fastify adds its own to what a plugin is registered with.
  const {
    prefix: _prefix,
    logLevel: _level,
    logSerializers: _serializers,
    ...own
  } = options as FastifyOptions & Record<'prefix' | 'logLevel' | 'logSerializers', unknown>;
  knownOptions('fastify', own, ['gate', 'maxBodyBytes', 'address', 'egress']);
  functionOption('fastify.gate', own.gate?.inspect, 'give what createGate() returned');
  const addressOf = own.address ?? ((request: FastifyRequest) => request.ip);
  functionOption('fastify.address', addressOf, 'give a function from request to address');
  return {
    gate: own.gate,
    maxBodyBytes: maxBodyBytesOption('fastify.maxBodyBytes', own.maxBodyBytes),
    addressOf,
    egress: egressOption('fastify.egress', own.egress),
  };
}

/** Checks what routes have in their `config`, each once. */
function routeChecker(): (route: RouteOptions | false | undefined) => void {
  const checked = new WeakSet<object>();
  return (route) => {
    if (route === undefined || route === false || checked.has(route)) return;
    if (typeof route !== 'object' || route === null) {
      throw new ConfigError('PTC_E002', 'route.config.portcullis', route, 'give an object, or false');
    }
    knownOptions('route.config.portcullis', route, ['maxBodyBytes', 'gate']);
    if (route.gate !== undefined) {
      functionOption('route.config.portcullis.gate', route.gate?.inspect, 'give what createGate() returned');
    }
    maxBodyBytesOption('route.config.portcullis.maxBodyBytes', route.maxBodyBytes);
    checked.add(route);
  };
}

type Next = (error?: Error | null, payload?: RequestPayload) => void;

function look(
  { gate: general, maxBodyBytes, addressOf, egress }: Settings,
  route: RouteOptions | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
  next: Next,
): void {
  const gate = route?.gate ?? general;
  const most = route?.maxBodyBytes ?? maxBodyBytes;
  const body = fastifyBody(request.raw, reply.raw, payload, most);
  const exchange = createExchange({
    method: request.method,
    // What is routed: `rewriteUrl` leaves the old one in `originalUrl`.
    url: request.url,
    header: (name) => nodeHeader(request.raw, name),
    address: addressOf(request),
    readBody: body.read,
  });
  const apply = (decision: Decision): void => {
    request.portcullis = decision;
    if (reply.sent || reply.raw.destroyed) return;
    dropUnread(request.raw, reply.raw);
    if (decision.outcome !== 'allow') {
      const { status, headers, body: text } = decision.response ?? { status: 503, headers: {}, body: '' };
      reply
        .code(status)
        .headers(headers)
        .send(payloadOf(text, reply.hasHeader('content-type')));
      return;
    }
    reply.headers(decision.headers);
    if (egress !== undefined) watchResponse(request.raw, reply.raw, exchange, egress);
    next(null, decision.patches.length > 0 ? body.replace(redactedBytes(exchange, decision.patches)) : body.replay());
  };
  try {
    const decided = gate.inspectNow(exchange);
    if (decided instanceof Promise) decided.then(apply).catch(next);
    else apply(decided);
  } catch (error) {
    next(error as Error);
  }
}

/** To text Fastify would add a charset to its content type, and a content type to text or bytes that have none. */
function payloadOf(text: string, hasContentType: boolean): Buffer | Readable | undefined {
  if (hasContentType) return Buffer.from(text);
  return text === '' ? undefined : Readable.from([Buffer.from(text)], { objectMode: false });
}
