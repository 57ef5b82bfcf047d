import { Buffer } from 'node:buffer';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyRequest, RequestPayload } from 'fastify';
import type { BodyResult } from '../src/exchange.ts';
import { inflateBody, nodeHeader, readNodeBody, replaceNodeBody } from './node-body.ts';

/** A request's body: to be read, and then to be put back as it came or replaced. */
export interface Body {
  read(): Promise<BodyResult>;
  replay(): RequestPayload;
  replace(bytes: Uint8Array): RequestPayload;
}

export function fastifyBody(
  raw: FastifyRequest['raw'],
  res: ServerResponse,
  payload: RequestPayload,
  maxBytes: number,
): Body {
  if (payload === raw && raw instanceof IncomingMessage) {
    // The bytes stay in the socket's own stream: nothing is copied, and Fastify counts them as it always does.
    return {
      read: () => readNodeBody(raw, res, maxBytes),
      replay: () => payload,
      replace(bytes) {
        replaceNodeBody(raw, bytes);
        return payload;
      },
    };
  }
  // What a hook before this one made of it, or what `inject()` has: a stream to be read to its end.
  let wire: Buffer | undefined;
  let rest: RequestPayload = payload;
  return {
    async read() {
      const result = await readStream(payload, maxBytes);
      if ('code' in result) {
        rest = result.rest;
        return { ok: false, code: result.code };
      }
      wire = result.bytes;
      // A hook that decompresses says how much came in; Fastify hands on what it made, whatever the header says.
      const { receivedEncodedLength = wire.length } = payload;
      if (payload !== raw && receivedEncodedLength !== wire.length) return { ok: true, bytes: wire };
      return inflateBody(wire, nodeHeader(raw, 'content-encoding'), maxBytes);
    },
    replay: () => (wire === undefined ? rest : streamOf(wire, payload)),
    replace(bytes) {
      delete raw.headers['content-encoding'];
      raw.headers['content-length'] = String(bytes.byteLength);
      return streamOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  };
}

/** @param like the stream whose bytes from the wire Fastify is to count, if it has counted them */
function streamOf(bytes: Buffer, like?: RequestPayload): RequestPayload {
  const stream: RequestPayload = Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false });
  stream.receivedEncodedLength = like?.receivedEncodedLength ?? bytes.length;
  return stream;
}

type Unread = { readonly code: 'PTC_D101' | 'PTC_D103'; readonly rest: RequestPayload };

/** All bytes; or, where there are too many or they break off, a stream of those read and of the rest. Never rejects. */
async function readStream(payload: RequestPayload, maxBytes: number): Promise<{ readonly bytes: Buffer } | Unread> {
  const chunks: Buffer[] = [];
  let size = 0;
  const iterator = payload[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return { bytes: Buffer.concat(chunks, size) };
      const chunk = Buffer.from(value as Buffer);
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) return { code: 'PTC_D101', rest: restOf(payload, resumed(chunks, iterator)) };
    }
  } catch (error) {
    return { code: 'PTC_D103', rest: restOf(payload, broken(chunks, error)) };
  }
}

/** Fastify compares what came in from the wire, as a hook that decompresses counts it, with the length that was declared. */
function restOf(payload: RequestPayload, bytes: AsyncGenerator<Buffer | string>): RequestPayload {
  const rest = Readable.from(bytes, { objectMode: false });
  return Object.defineProperty(rest, 'receivedEncodedLength', { get: () => payload.receivedEncodedLength });
}

/** Fails again, for whoever reads it: a stream tells of its failure once. */
async function* broken(chunks: readonly Buffer[], error: unknown): AsyncGenerator<Buffer> {
  yield* chunks;
  throw error;
}

async function* resumed(
  chunks: readonly Buffer[],
  rest: AsyncIterator<Buffer | string>,
): AsyncGenerator<Buffer | string> {
  yield* chunks;
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield value;
  }
}
