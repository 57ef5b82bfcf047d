import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { CONTROL_PATH, type Decided } from './app.ts';

/** What goes over a connection of its own, and how. */
export interface Sent {
  readonly parts: readonly (string | Uint8Array)[];
  /** Milliseconds between parts. Default 0: as soon as the one before is written. */
  readonly pauseMs?: number;
  /** Breaks the connection after the last part instead of waiting for an answer. */
  readonly abort?: boolean;
  /** Says after the last part that nothing more will come. */
  readonly end?: boolean;
}

/** An answer as a client reads it. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** After this a connection on which nothing more comes is closed, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Sends a request byte by byte as it is given; gives the first answer, or `undefined` where there was none. */
export async function talk(port: number, sent: Sent): Promise<Answer | undefined> {
  return parseAnswer(await talkRaw(port, sent), String(sent.parts[0]).startsWith('HEAD '));
}

/** The same with every byte that came back. */
export function talkRaw(port: number, { parts, pauseMs = 0, abort = false, end = false }: Sent): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.setNoDelay(true);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    const isHead = String(parts[0]).startsWith('HEAD ');
    socket.on('data', (bytes) => {
      received.push(bytes);
      // Not every server closes the connection as soon as it was asked to.
      if (parseAnswer(Buffer.concat(received), isHead)?.isWhole) socket.destroy();
    });
    // Also a reset is an answer: what came before it is what there is.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(received)));
    const next = (at: number): void => {
      const part = parts[at];
      if (part !== undefined) {
        socket.write(part, () => (pauseMs > 0 ? setTimeout(next, pauseMs, at + 1) : setImmediate(next, at + 1)));
      } else if (abort) setTimeout(() => socket.destroy(), pauseMs);
      else if (end) socket.end();
    };
    next(0);
  });
}

/** Reads the first HTTP/1.1 answer (RFC 9112 section 6) that is not an interim one, as far as it has come. */
export function parseAnswer(bytes: Buffer, isHead = false): (Answer & { readonly isWhole: boolean }) | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...fields] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1]);
  if (!(status > 0)) return undefined;
  const rest = bytes.subarray(end + 4);
  if (status < 200) return parseAnswer(rest, isHead);
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const isBodiless = isHead || status === 204 || status === 304;
  const { body, isWhole } = isBodiless ? { body: '', isWhole: true } : readBody(rest, headers);
  return { status, headers, body: body.toString(), isWhole };
}

function readBody(rest: Buffer, headers: Answer['headers']): { readonly body: Buffer; readonly isWhole: boolean } {
  if (headers['transfer-encoding'] === undefined) {
    const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
    return { body: rest.subarray(0, length), isWhole: rest.length >= length };
  }
  const chunks: Buffer[] = [];
  for (let at = 0; at < rest.length; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (!(next <= rest.length)) break;
    if (size === 0) return { body: Buffer.concat(chunks), isWhole: true };
    chunks.push(rest.subarray(lineEnd + 2, next - 2));
    at = next;
  }
  return { body: Buffer.concat(chunks), isWhole: false };
}

/** Where the client is, as the proxy in front of every target says. */
export const CLIENT_ADDRESS = '203.0.113.9';

export interface RequestParts {
  readonly method?: string;
  readonly path?: string;
  /** Names and values; a name may come twice. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks of these sizes, the last of which is repeated. Default: with its length. */
  readonly chunks?: readonly number[];
}

/** A request's bytes: its head, and its body in one part or in chunks. */
export function request({
  method = 'POST',
  path = '/',
  headers = [],
  body,
  chunks,
}: RequestParts): (string | Buffer)[] {
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  const fields = [['Host', 'h.example'], ['Connection', 'close'], ['X-Forwarded-For', CLIENT_ADDRESS], ...headers];
  if (chunks !== undefined) fields.push(['Transfer-Encoding', 'chunked']);
  else if (bytes !== undefined) fields.push(['Content-Length', String(bytes.byteLength)]);
  const head = `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  if (bytes === undefined) return [head];
  return chunks === undefined ? [head, bytes] : [head, ...chunked(bytes, chunks)];
}

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.min(sizes[Math.min(turn, sizes.length - 1)] ?? bytes.length, bytes.length - at);
    const line = Buffer.from(`${size.toString(16)}\r\n`);
    parts.push(Buffer.concat([line, bytes.subarray(at, at + size), Buffer.from('\r\n')]));
    at += size;
  }
  return [...parts, Buffer.from('0\r\n\r\n')];
}

/** Asks what was decided, or has everything forgotten. */
export async function control(port: number, method: 'GET' | 'DELETE'): Promise<Decided> {
  const answer = await talk(port, { parts: request({ method, path: CONTROL_PATH }) });
  return JSON.parse(answer?.body ?? '') as Decided;
}

/** Asks until so many decisions were made, for some seconds: nobody tells when it is done with a client that went away. */
export async function decidedOf(port: number, count: number): Promise<Decided> {
  let found = await control(port, 'GET');
  for (let looks = 0; found.decisions.length < count && looks < 300; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    found = await control(port, 'GET');
  }
  return found;
}
