import { Buffer } from 'node:buffer';
import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { inflateBody as inflateWithZlib, nodeHeader, readNodeBody } from './node-body.ts';
import type { ServerRequest } from './platform-web.ts';
import type { Inflate } from './web-inflate.ts';

/** What fetch adapters use where Node's own modules are to be had: Node, Deno and Bun. */

/** gzip, deflate and brotli. */
export const inflateBody: Inflate = inflateWithZlib;

/** Where `@hono/node-server` looks for a body that somebody has read before it; so do others, after Google's functions. */
type WithRawBody = IncomingMessage & { rawBody?: Buffer };

/** The request of `node:http` beneath a Hono context, as `@hono/node-server` hands it over. */
export function serverRequest(env: unknown): ServerRequest | undefined {
  const incoming = (env as { incoming?: unknown } | null | undefined)?.incoming;
  if (!(incoming instanceof IncomingMessage)) return undefined;
  const raw: WithRawBody = incoming;
  return {
    address: raw.socket?.remoteAddress,
    header: (name) => nodeHeader(raw, name),
    async readBody(maxBytes) {
      if (raw.rawBody instanceof Buffer) {
        if (raw.rawBody.byteLength > maxBytes) return { ok: false, code: 'PTC_D101' };
        return inflateWithZlib(raw.rawBody, nodeHeader(raw, 'content-encoding'), maxBytes);
      }
      const result = await readNodeBody(raw, maxBytes);
      if (result.ok && raw.complete) raw.rawBody = (raw.readableLength > 0 ? raw.read() : null) ?? Buffer.alloc(0);
      return result;
    },
    rest: () =>
      raw.rawBody === undefined && raw.readableDidRead ? (Readable.toWeb(raw) as ReadableStream) : undefined,
    replace(bytes) {
      raw.rawBody = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  };
}
