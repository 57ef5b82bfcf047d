import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { POST } from './app/api/contact/route.ts';

/** Stands in for Next.js and the platform in front of it: calls the route's export, and says who the client is. */
export function serveRoute(port: number): Promise<{ readonly port: number; close(): void }> {
  const app = new Hono();
  app.post('/api/contact', (c) => {
    const request = new Request(c.req.raw);
    request.headers.set('x-real-ip', getConnInfo(c).remote.address ?? '');
    return POST(request);
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (info: AddressInfo) =>
      resolve({ port: info.port, close: () => void server.close() }),
    );
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await serveRoute(3000);
  process.stdout.write(
    [
      'a route on http://127.0.0.1:3000/api/contact; try',
      '  curl -H \'content-type: application/json\' -d \'{"reply_to":"jane@example.org","message":"or call (415) 555-2671"}\' http://127.0.0.1:3000/api/contact',
      '',
    ].join('\n'),
  );
}
