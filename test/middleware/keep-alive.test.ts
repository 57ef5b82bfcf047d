import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { portcullis as expressGate } from '../../middleware/express.ts';
import { portcullis as fastifyGate } from '../../middleware/fastify.ts';
import { portcullis as honoGate } from '../../middleware/hono.ts';
import { portcullis as nodeGate } from '../../middleware/node.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import { EXPRESSES } from '../helpers/expresses.ts';
import { reader } from '../helpers/guards.ts';
import { exchangeRaw, requestText } from '../helpers/raw.ts';

const maxBodyBytes = 1_000;

/** Applications that answer without reading a body, behind a gate. */
const SERVERS: Readonly<Record<string, (gate: Gate) => Promise<{ port: number; close(): void }>>> = {
  'node:http': (gate) => listening(nodeGate(gate, (_req, res) => res.end('ok'), { maxBodyBytes })),
  'Express 5': (gate) => listening(expressApp(5, gate)),
  'Express 4': (gate) => listening(expressApp(4, gate)),
  async Fastify(gate) {
    const app = fastify();
    await app.register(fastifyGate, { gate, maxBodyBytes });
    app.get('/', async () => 'ok');
    await app.listen({ host: '127.0.0.1', port: 0 });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.server.closeAllConnections() };
  },
  async 'Hono on Node'(gate) {
    const app = new Hono();
    app.use(honoGate(gate, { maxBodyBytes }));
    app.all('*', (c) => c.text('ok'));
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  },
};

function expressApp(version: 4 | 5, gate: Gate): RequestListener {
  const app = EXPRESSES[version]();
  app.use(expressGate(gate, { maxBodyBytes }), (_req, res) => void res.send('ok'));
  return app;
}

async function listening(listener: RequestListener): Promise<{ port: number; close(): void }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/** More than the sockets and streams between keep by themselves. */
const PARTS = Array.from({ length: 64 }, () => `10000\r\n${'x'.repeat(65_536)}\r\n`);
const HEAD = 'GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';

describe.each(Object.keys(SERVERS))('%s', (name) => {
  test.each([
    ['report-only', [200, 200]],
    ['enforce', [413, 200]],
  ] as const)(
    '%s: a body over the cap that nobody reads is not in the way of the next request',
    async (stage, statuses) => {
      const gate = createGate({ guards: [reader], stages: { reader: stage } });
      const { port, close } = await SERVERS[name]!(gate);
      const answers = await exchangeRaw(port, HEAD, ...PARTS, '0\r\n\r\n', requestText());
      close();
      expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))).toEqual(statuses);
    },
  );
});
