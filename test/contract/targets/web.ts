import { decisionOf, type FetchOptions, portcullis } from '../../../middleware/fetch.ts';
import type { KnownResponse } from '../../../src/index.ts';
import { AFTER_PARSER_PATH, type App, CONTROL_PATH, PARSED_PATH } from '../app.ts';

/** The application behind the gate, and what is before and beside it, for all that speak fetch. */
export function webHandler<Rest extends readonly unknown[]>(
  own: App,
  options: FetchOptions<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return around(
    own,
    portcullis<Rest>(own.gate, (request, ..._rest: Rest) => behindGate(own, request), options),
  );
}

/** Answers what the gate does not see, and reads what it ought to see. */
export function around<Rest extends readonly unknown[]>(
  own: App,
  gated: (request: Request, ...rest: Rest) => Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const { pathname } = new URL(request.url);
    if (pathname === CONTROL_PATH) return respond(await own.control(request.method));
    if (pathname === AFTER_PARSER_PATH) await request.text();
    return gated(request, ...rest);
  };
}

export async function behindGate(own: App, request: Request): Promise<Response> {
  const decision = decisionOf(request);
  if (new URL(request.url).pathname === PARSED_PATH) return respond(own.behindParser(await request.json(), decision));
  const bytes = new Uint8Array(await request.arrayBuffer());
  const header = (name: string) => request.headers.get(name);
  return respond(await own.behind({ method: request.method, header, bytes, decision }));
}

export function respond({ status, headers, body }: KnownResponse): Response {
  return new Response(body, { status, headers });
}
