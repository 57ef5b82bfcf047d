import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { BodyResult } from '../src/exchange.ts';
import type { KnownResponse } from '../src/guard.ts';

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

const replayed = new WeakSet<IncomingMessage>();

/** A header of a Node request by lower-case name. */
export function nodeHeader(req: IncomingMessage, name: string): string | undefined {
  const value = Object.hasOwn(req.headers, name) ? req.headers[name] : undefined;
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Reads the body's bytes, decompressed, and leaves the stream as if nobody had read it: whatever reads the
 * request next gets the same bytes from the wire. Both the wire's bytes and the decompressed ones are capped.
 * Linear in the smaller of body and cap; never rejects.
 *
 * @param res the answer to it: once it is sent, what nobody wants of a body over the cap is let go of
 * @param keep is given the wire's bytes where all of them came in
 */
export function readNodeBody(
  req: IncomingMessage,
  res: ServerResponse,
  maxBytes: number,
  keep?: (wire: Uint8Array) => void,
): Promise<BodyResult> {
  return new Promise((resolve) => {
    // Until the next tick the parser may still be inside the packet that carried the headers.
    process.nextTick(() => {
      if (isBodyTaken(req)) return resolve({ ok: false, code: 'PTC_D103' });
      const plain = (wire: BodyResult): BodyResult | Promise<BodyResult> => {
        if (!wire.ok) return wire;
        keep?.(wire.bytes);
        return inflateBody(wire.bytes, nodeHeader(req, 'content-encoding'), maxBytes);
      };
      const wire = peekWire(req, res, maxBytes);
      resolve(wire instanceof Promise ? wire.then(plain) : plain(wire));
    });
  });
}

/**
 * Whether the body's bytes are not to be had: somebody else has read them, is about to (a listener for `data` sets the
 * stream going), or has them turned into text.
 */
export function isBodyTaken(req: IncomingMessage): boolean {
  if (req.readableEnded || (req.readableDidRead && !replayed.has(req))) return true;
  return req.readableFlowing === true || req.listenerCount('data') > 0 || req.readableEncoding !== null;
}

/** Puts other bytes, not compressed, in the place of those that {@link readNodeBody} left in the stream. */
export function replaceNodeBody(req: IncomingMessage, bytes: Uint8Array): void {
  while (req.readableLength > 0) req.read();
  req.unshift(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  delete req.headers['content-encoding'];
  delete req.headers['transfer-encoding'];
  req.headers['content-length'] = String(bytes.byteLength);
  // In place: Node counted the raw headers when they came and makes `headersDistinct` of as many.
  const raw = req.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase();
    if (name === 'content-encoding') raw[at + 1] = 'identity';
    if (name !== 'content-length' && name !== 'transfer-encoding') continue;
    raw[at] = 'Content-Length';
    raw[at + 1] = String(bytes.byteLength);
  }
}

/**
 * Has the rest of a body come in and go once its request is answered, so that the next one on the connection can come, if
 * nobody has begun to read it. Node does so by itself for a body that {@link readNodeBody} has not looked at.
 */
export function dropUnread(req: IncomingMessage, res: ServerResponse): void {
  if (!replayed.has(req) || isWhole(req)) return;
  res.once('finish', () => {
    if (req.readableFlowing === null && req.listenerCount('readable') === 0) req.resume();
  });
}

/** Sends a known response; for HEAD without its body. */
export function sendKnown(req: IncomingMessage, res: ServerResponse, response: KnownResponse): void {
  const body = Buffer.from(response.body);
  res.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers)) res.setHeader(name, value);
  // RFC 9110 section 8.6: not with these.
  if (response.status !== 204 && response.status !== 304) res.setHeader('content-length', body.byteLength);
  res.end(req.method === 'HEAD' ? undefined : body);
}

function declaresNoBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
}

/**
 * Whether all of the body has come in. Node says so of a packet that holds a whole request only when what waits for the next
 * tick has run, but the bytes are there by then, and as many as were declared are all.
 */
function isWhole(req: IncomingMessage): boolean {
  if (req.complete) return true;
  return req.headers['transfer-encoding'] === undefined && Number(req.headers['content-length']) === req.readableLength;
}

/**
 * Buffers the body and puts it back before the stream has said `end`. `read()` on an ended, empty stream would
 * make it say so, hence the checks of `readableLength`; where there is no body the stream is not touched at all.
 */
function peekWire(req: IncomingMessage, res: ServerResponse, maxBytes: number): BodyResult | Promise<BodyResult> {
  if (declaresNoBody(req) || (req.complete && req.readableLength === 0)) return { ok: true, bytes: new Uint8Array(0) };
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return { ok: false, code: 'PTC_D101' };
  if (req.destroyed) return { ok: false, code: 'PTC_D103' };
  if (isWhole(req)) return peekBuffered(req, maxBytes);

  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;

    function finish(result: BodyResult): void {
      req.off('readable', onReadable);
      req.off('error', onBroken);
      req.off('close', onBroken);
      resolve(result);
    }
    function onBroken(): void {
      // `aborted` also comes as an error event; without a listener it would be an uncaught exception.
      req.on('error', () => {});
      finish({ ok: false, code: 'PTC_D103' });
    }
    function onReadable(): void {
      while (req.readableLength > 0 && size <= maxBytes) {
        const chunk = req.read() as Buffer | null;
        if (chunk === null) break;
        chunks.push(chunk);
        size += chunk.byteLength;
      }
      if (size <= maxBytes && !req.complete) return;
      const bytes = Buffer.concat(chunks, size);
      if (size > 0) req.unshift(bytes);
      replayed.add(req);
      if (!req.complete) res.once('finish', () => dropUnwanted(req));
      finish(size > maxBytes ? { ok: false, code: 'PTC_D101' } : { ok: true, bytes });
    }

    req.on('readable', onReadable);
    req.on('error', onBroken);
    req.on('close', onBroken);
  });
}

/**
 * Lets go of a body that nobody has begun to read: it would be in the way of the next request. Node does so where nobody
 * has read any of it, which the gate has.
 */
function dropUnwanted(req: IncomingMessage): void {
  if (req.readableFlowing === null) req.resume();
}

/** A body that has come in whole, as most have by now: all of it, put back at once. */
function peekBuffered(req: IncomingMessage, maxBytes: number): BodyResult {
  const size = req.readableLength;
  if (size > maxBytes) return { ok: false, code: 'PTC_D101' };
  // As many as there are and no more, or the stream would say that it has ended.
  const bytes = req.read(size) as Buffer;
  req.unshift(bytes);
  replayed.add(req);
  return { ok: true, bytes };
}

/** Decompresses a body, capped; what is not compressed, at once. Never rejects. */
export function inflateBody(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): BodyResult | Promise<BodyResult> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '' || bytes.byteLength === 0) return { ok: true, bytes };
  if (!Object.hasOwn(INFLATERS, name)) return { ok: false, code: 'PTC_D102' };
  return decompress(bytes, name, maxBytes);
}

async function decompress(bytes: Uint8Array, name: string, maxBytes: number): Promise<BodyResult> {
  try {
    return { ok: true, bytes: await INFLATERS[name as keyof typeof INFLATERS](bytes, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return { ok: false, code: tooLarge ? 'PTC_D101' : 'PTC_D103' };
  }
}
