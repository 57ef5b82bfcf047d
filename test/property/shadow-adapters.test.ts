import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import fc from 'fast-check';
import fastify, { type RequestPayload } from 'fastify';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { portcullis as fastifyGate } from '../../middleware/fastify.ts';
import { portcullis as fetchGate } from '../../middleware/fetch.ts';
import { portcullis as honoGate } from '../../middleware/hono.ts';
import { portcullis as nodeGate } from '../../middleware/node.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { createRecorder } from '../../src/testing/recorder.ts';
import { refuser } from '../helpers/guards.ts';
import { exchangeRaw, undated } from '../helpers/raw.ts';

const maxBodyBytes = 2_000;
const RUNS = 300;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Where the body is cut in two. */
  readonly cut: number;
  readonly isChunked: boolean;
}

const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'text/plain',
  'nonsense',
];

/** Requests that a parser likes, and others. */
const requests: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'DELETE', 'GET', 'HEAD', 'OPTIONS'),
    path: fc.constantFrom(
      '/json',
      '/text',
      '/form',
      '/unread',
      '/late',
      '/text?mail=jane@example.org',
      '/%00',
      '/a/../text',
      '//text',
    ),
    types: fc.array(fc.constantFrom(...TYPES), { maxLength: 2 }),
    coding: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      'gzip',
      'gzip, gzip',
      'identity, gzip',
      'broken gzip',
      'br',
    ),
    more: fc.subarray([
      ['X-Note', 'caf\xe9'],
      ['X-Note', 'again'],
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
      ['Accept', '*/*'],
    ] as const),
    body: fc.oneof(
      fc.constantFrom(
        '{"mail":"jane@example.org"}',
        '{"a":1,"a":2}',
        'mail=jane%40example.org&b=c+d',
        '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\njane@example.org\r\n--b--\r\n',
        '{"broken":',
        '',
        JSON.stringify('y'.repeat(3_000)),
        `a=${'z'.repeat(maxBodyBytes)}`,
      ),
      fc.string({ unit: 'binary' }),
      fc.json(),
    ),
    cut: fc.nat(3_000),
    isChunked: fc.boolean(),
  })
  .map(({ method, path, types, coding, more, body, cut, isChunked }) => {
    const plain = Buffer.from(body);
    return {
      method,
      path,
      headers: [
        ...types.map((type) => ['Content-Type', type] as const),
        ...(coding === undefined ? [] : [['Content-Encoding', coding.replace('broken ', '')] as const]),
        ...more,
      ],
      body: coding === undefined || coding === 'broken gzip' ? plain : gzipSync(plain),
      cut,
      isChunked,
    };
  });

/** The request's bytes in two parts, and on the same connection another. */
function wire({ method, path, headers, body, cut, isChunked }: Sent): string[] {
  const parts = [body.subarray(0, cut), body.subarray(cut)].map((part) => part.toString('latin1'));
  const framing = isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)];
  const head = [['Host', 'h.example'], ...headers, framing].map((field) => field.join(': ')).join('\r\n');
  const framed = isChunked
    ? [...parts.map((part) => (part === '' ? '' : `${part.length.toString(16)}\r\n${part}\r\n`)), '0\r\n\r\n']
    : parts;
  return [
    `${method} ${path} HTTP/1.1\r\n${head}\r\n\r\n`,
    ...framed,
    'GET /text HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  ];
}

/** Reports on everything, and would refuse much. */
function shadowGate(): { gate: Gate; recorder: ReturnType<typeof createRecorder> } {
  const recorder = createRecorder();
  const guards = [pii({ mode: 'redact', query: true }), { ...refuser(), defaultStage: 'report-only' as const }];
  return { gate: createGate({ guards, sinks: [recorder] }), recorder };
}

interface Server {
  readonly port: number;
  stop(): void;
}

const wait = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function nodeServer(gate: Gate | undefined): Promise<Server> {
  const listener = nodeListener();
  const server = createServer(gate === undefined ? listener : nodeGate(gate, listener, { maxBodyBytes }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => server.closeAllConnections() };
}

function nodeListener(): Parameters<typeof nodeGate>[1] {
  return async (req, res) => {
    if (req.url === '/late') await wait();
    const body = req.url === '/unread' ? '' : (await buffer(req)).toString('latin1');
    const { method, url, headers, rawHeaders } = req;
    res.end(JSON.stringify({ method, url, headers, rawHeaders, distinct: req.headersDistinct, body }));
  };
}

async function fastifyServer(gate: Gate | undefined): Promise<Server> {
  const app = fastify();
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.headers['content-encoding'] !== 'gzip') return done(null, payload);
    const plain: RequestPayload & NodeJS.WritableStream = createGunzip();
    plain.receivedEncodedLength = 0;
    // Where nobody reads the body, nobody else hears of it.
    plain.on('error', () => {});
    payload.on('data', (chunk: Buffer) => {
      plain.receivedEncodedLength = (plain.receivedEncodedLength ?? 0) + chunk.length;
    });
    done(null, payload.pipe(plain));
  });
  if (gate !== undefined) await app.register(fastifyGate, { gate, maxBodyBytes });
  app.addContentTypeParser('multipart/form-data', async (_request: unknown, payload: NodeJS.ReadableStream) =>
    (await buffer(payload)).toString('latin1'),
  );
  app.all('/json', async ({ method, url, headers, body }) => ({ method, url, headers, body: body ?? null }));
  app.get('/text', async () => 'second');
  app.post('/text', { schema: { body: { type: 'object' } } }, async ({ body }) => ({ body: body ?? null }));
  app.all('/unread', async () => 'unread');
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: (app.server.address() as AddressInfo).port, stop: () => app.server.closeAllConnections() };
}

function honoApp(): Hono {
  const app = new Hono();
  app.onError((error, c) => c.text(`${error.name}: ${error.message}`, 500));
  return app;
}

function honoRoutes(app: Hono): Hono {
  app.all('/json', async (c) => c.json({ body: await c.req.json(), headers: c.req.header() }));
  app.all('/form', async (c) => c.json({ ...(await c.req.parseBody({ all: true })), note: c.req.header('x-note') }));
  app.all('/unread', (c) => c.text(c.req.url));
  app.all('/late', async (c) => {
    await wait();
    return c.json([...new Uint8Array(await c.req.raw.clone().arrayBuffer())]);
  });
  app.all('*', async (c) => c.json({ body: await c.req.text(), url: c.req.url, method: c.req.method }));
  return app;
}

async function honoServer(gate: Gate | undefined): Promise<Server> {
  const app = honoApp();
  if (gate !== undefined) app.use(honoGate(gate, { maxBodyBytes }));
  const { fetch } = honoRoutes(app);
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}

const SERVERS = { 'node:http': nodeServer, Fastify: fastifyServer, 'Hono on Node': honoServer };

test.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])(
  '%s, every guard report-only: any request, and the one behind it, are answered byte for byte as without a gate',
  async (name) => {
    const { gate, recorder } = shadowGate();
    const [bare, gated] = await Promise.all([SERVERS[name](undefined), SERVERS[name](gate)]);
    try {
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const parts = wire(request);
          const [expected, actual] = await Promise.all([bare, gated].map(({ port }) => exchangeRaw(port, ...parts)));
          expect(undated(actual!)).toBe(undated(expected!));
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
      await gate.flush();
      const would = new Set(recorder.decisions.map(({ wouldBe }) => wouldBe.code));
      expect([...would]).toEqual(expect.arrayContaining(['PTC_D101', 'PTC_D103', 'PTC_D411']));
      expect(new Set(recorder.decisions.map(({ outcome }) => outcome))).toEqual(new Set(['allow']));
    } finally {
      bare.stop();
      gated.stop();
    }
  },
);

/** A body that comes in two parts, or at once. */
function webRequest({ method, path, headers, body, cut, isChunked }: Sent): Request {
  const stream = new ReadableStream({
    start(controller) {
      for (const part of [body.subarray(0, cut), body.subarray(cut)]) if (part.length > 0) controller.enqueue(part);
      controller.close();
    },
  });
  const hasNone = method === 'GET' || method === 'HEAD';
  const own = headers.map(([name, value]): [string, string] => [name, value]);
  if (!hasNone && !isChunked) own.push(['content-length', String(body.length)]);
  const sent = isChunked ? stream : body;
  return new Request(`http://h.example${path}`, {
    method,
    headers: own,
    ...(!hasNone && { body: sent, duplex: 'half' }),
  } as RequestInit);
}

async function shown(answer: Response): Promise<unknown> {
  return [answer.status, [...answer.headers], await answer.text()];
}

test('fetch, every guard report-only: any request is answered as without a gate', async () => {
  const { gate } = shadowGate();
  const bare = honoRoutes(honoApp()).fetch;
  const gated = fetchGate(gate, (request: Request) => bare(request), { maxBodyBytes });
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      expect(await shown(await gated(webRequest(request)))).toEqual(await shown(await bare(webRequest(request))));
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
