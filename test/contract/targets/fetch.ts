import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { listen } from '../../helpers/http.ts';
import { createApp } from '../app.ts';
import { HOPS, type Target } from './target.ts';
import { webHandler } from './web.ts';

/** The fetch adapter as any server of Node would call it. */
export const fetchTarget: Target = {
  name: 'fetch',
  async start() {
    const handler = webHandler(createApp(), {
      trust: { hops: HOPS },
      peer: (_request, peer: string | undefined) => peer,
    });
    const { port, close } = await listen(async (req, res) => {
      const response = await handler(toRequest(req), req.socket.remoteAddress);
      // Nobody will read the rest.
      res.shouldKeepAlive &&= req.complete;
      res.writeHead(response.status, [...response.headers].flat());
      if (response.body !== null) for await (const chunk of response.body) res.write(chunk);
      res.end();
    });
    return { port, stop: close };
  },
};

function toRequest(req: IncomingMessage): Request {
  const method = req.method ?? 'GET';
  const headers = new Headers();
  for (const [name, values] of Object.entries(req.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(req.url ?? '/', 'http://h.example'), {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(req) as ReadableStream<Uint8Array>, duplex: 'half' }),
  } as RequestInit);
}
