import { type IncomingMessage, ServerResponse } from 'node:http';

/** What Node knows of a response and its types do not tell. */
interface Inner {
  /** The head as text, once it is written; all of Node's own checks go by it. */
  _header: string | null;
  /** The trailers as text. */
  _trailer: string;
  getRawHeaderNames(): string[];
}

/** A response's inside. */
export function innerOf(res: ServerResponse): ServerResponse & Inner {
  return res as ServerResponse & Inner;
}

/**
 * A response to the same request, with the same status and headers and no connection: it throws what the real one would
 * throw, when it would, and nothing that is written to it goes anywhere.
 */
export function createRehearsal(req: IncomingMessage, res: ServerResponse): ServerResponse {
  // `@types/node` knows neither the second parameter nor where the server keeps the option.
  const Response = ServerResponse as new (req: IncomingMessage, options: object) => ServerResponse;
  const { server } = (req.socket ?? {}) as { server?: { rejectNonStandardBodyWrites?: boolean } };
  const rehearsal = new Response(req, { rejectNonStandardBodyWrites: server?.rejectNonStandardBodyWrites });
  // Without a connection Node would keep every part of it.
  Object.assign(rehearsal, settingsOf(res), { _send: () => true });
  copyHeaders(res, rehearsal);
  return rehearsal;
}

/** What Node reads when it writes a head, and an application may change at any time. */
export type Settings = Pick<
  ServerResponse,
  'statusCode' | 'statusMessage' | 'sendDate' | 'shouldKeepAlive' | 'useChunkedEncodingByDefault'
>;

/** A response's settings as they are now. */
export function settingsOf(res: ServerResponse): Settings {
  const { statusCode, statusMessage, sendDate, shouldKeepAlive, useChunkedEncodingByDefault } = res;
  return { statusCode, statusMessage, sendDate, shouldKeepAlive, useChunkedEncodingByDefault };
}

/** Gives one response the headers of another, in the same order and letter case, past any wrapper of `setHeader`. */
export function copyHeaders(from: ServerResponse, to: ServerResponse): void {
  for (const name of innerOf(from).getRawHeaderNames()) {
    const value = from.getHeader(name);
    if (value !== undefined) ServerResponse.prototype.setHeader.call(to, name, copyOf(value) as string);
  }
}

/** A list is the application's own, which may use it again. */
function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map(copyOf) : value;
}

/** Fields as they are given to `writeHead`, which their application may use again; anything else as it is. */
export function copyOfFields(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return copyOf(given);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, copyOf(value)]));
}
