import { Buffer } from 'node:buffer';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { inflateBody as inflateWithZlib, nodeHeader, readNodeBody, replaceNodeBody } from './node-body.ts';
import type { ServerRequest } from './platform-web.ts';
import type { Inflate } from './web-inflate.ts';

/** What fetch adapters use where Node's own modules are to be had: Node, Deno and Bun. */

/** gzip, deflate and brotli. */
export const inflateBody: Inflate = inflateWithZlib;

/** Where `@hono/node-server` looks for a body that somebody has read before it; so do others, after Google's functions. */
type WithRawBody = IncomingMessage & { rawBody?: Buffer };

/** The request of `node:http` beneath a Hono context, as `@hono/node-server` hands it over. */
function incomingOf(env: unknown): IncomingMessage | undefined {
  const incoming = (env as { incoming?: unknown } | null | undefined)?.incoming;
  return incoming instanceof IncomingMessage ? incoming : undefined;
}

/** The address of the connection. */
export function serverAddress(env: unknown): string | undefined {
  return incomingOf(env)?.socket?.remoteAddress;
}

/**
 * The request of `node:http` beneath, to be read in place of the web request that is made of it; `undefined` where handlers will
 * read something else.
 */
export function serverRequest(env: unknown, request: Request): ServerRequest | undefined {
  const incoming = incomingOf(env);
  const { outgoing } = (env ?? {}) as { outgoing?: unknown };
  if (incoming === undefined || !(outgoing instanceof ServerResponse) || !isMereView(request, incoming))
    return undefined;
  const raw: WithRawBody = incoming;
  return {
    readBody(maxBytes) {
      if (raw.rawBody instanceof Buffer) {
        if (raw.rawBody.byteLength > maxBytes) return { ok: false, code: 'PTC_D101' };
        return inflateWithZlib(raw.rawBody, nodeHeader(raw, 'content-encoding'), maxBytes);
      }
      return readNodeBody(raw, outgoing, maxBytes, (wire) => {
        // It stays in the stream as well: a handler may read `c.env.incoming`.
        raw.rawBody = bufferOf(wire);
      });
    },
    rest() {
      // The server hands over no body of these, and a request cannot be made with one.
      const hasNone = raw.method === 'GET' || raw.method === 'HEAD';
      return !hasNone && raw.rawBody === undefined && raw.readableDidRead ? streamOf(raw) : undefined;
    },
    replace(bytes) {
      raw.rawBody = bufferOf(bytes);
      replaceNodeBody(raw, bytes);
    },
  };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The rest of a request, not touched before somebody reads it: the server lets go of what nobody has. */
function streamOf(raw: IncomingMessage): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= (Readable.toWeb(raw) as ReadableStream<Uint8Array>).getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * Whether a request is what the server itself made of the one beneath, which it still reads. A middleware may have put another
 * in its place, with another body, and once somebody has looked at `body` it has a web request inside, with a stream.
 */
function isMereView(request: Request, incoming: IncomingMessage): boolean {
  const own = request as unknown as Record<symbol, unknown>;
  let isView = false;
  for (const key of Object.getOwnPropertySymbols(request)) {
    const value = own[key];
    if (value === incoming) isView = true;
    else if (value instanceof Request) return false;
  }
  return isView;
}
