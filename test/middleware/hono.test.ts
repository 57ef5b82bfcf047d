import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type ServerType, serve } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { validator } from 'hono/validator';
import { afterEach, describe, expect, test } from 'vitest';
import { type HonoOptions, portcullis } from '../../middleware/hono.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { brokenGate, labels, origin, reader, recorded, redactor, refuser } from '../helpers/guards.ts';
import { send } from '../helpers/http.ts';

const running: ServerType[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    (server as Server).closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const gateOf = (...guards: readonly Guard[]): Gate => createGate({ guards });

interface Sent {
  readonly path?: string;
  readonly body?: string | Uint8Array;
  readonly parts?: readonly string[];
  readonly headers?: Record<string, string>;
}

type Ask = (app: Hono, sent: Sent) => Promise<{ status: number; body: string; headers: Record<string, unknown> }>;

/** The same application asked without a server, and on Node's. */
const WAYS: Readonly<Record<string, Ask>> = {
  async 'app.request()'(app, { path = '/', body, parts, headers = {} }) {
    const bytes = parts === undefined ? body : new Blob([...parts]).stream();
    const init = { method: 'POST', headers, body: bytes, duplex: 'half' };
    const response = await app.request(path, init as RequestInit);
    return { status: response.status, body: await response.text(), headers: Object.fromEntries(response.headers) };
  },
  async 'on Node'(app, { path = '/', body, parts, headers = {} }) {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    running.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const length = parts === undefined && body !== undefined ? { 'content-length': String(body.length) } : {};
    return send(port, {
      path,
      headers: { ...length, ...headers },
      chunks: parts ?? (body === undefined ? [] : [body]),
    });
  },
};

describe.each(Object.keys(WAYS))('%s', (way) => {
  const ask = WAYS[way]!;

  const READERS: readonly [string, (c: Context) => Promise<unknown>][] = [
    ['json', async (c) => JSON.stringify(await c.req.json())],
    ['text', (c) => c.req.text()],
    ['arrayBuffer', async (c) => new TextDecoder().decode(await c.req.arrayBuffer())],
    ['blob', async (c) => (await c.req.blob()).text()],
    ['raw.text', (c) => c.req.raw.text()],
    ['raw.json', async (c) => JSON.stringify(await c.req.raw.json())],
    ['raw.body', (c) => new Response(c.req.raw.body).text()],
    ['raw.clone', (c) => c.req.raw.clone().text()],
    ['another Request', (c) => new Request(c.req.raw).text()],
  ];
  test.each(READERS)('handlers that read %s get the body, or the redacted one', async (_name, read) => {
    const app = new Hono();
    app.use(portcullis(gateOf(redactor, reader)));
    app.post('/', async (c) => c.text(`${await read(c)} ${c.var.portcullis.facts.length}`));
    for (const [text, expected] of [
      ['{"a":1}', '{"a":1} 7'],
      ['{"a":"secret"}', '{"a":"[***]"} 14'],
    ] as const) {
      const headers = { 'content-type': 'application/json' };
      expect((await ask(app, { body: text, headers })).body).toBe(expected);
      expect((await ask(app, { parts: [text.slice(0, 3), text.slice(3)], headers })).body).toBe(expected);
    }
  });

  test('forms', async () => {
    const app = new Hono();
    app.use(portcullis(gateOf(redactor)));
    app.post('/form', async (c) => c.json(Object.fromEntries(await c.req.formData())));
    app.post('/parse', async (c) => c.json(await c.req.parseBody()));
    const form = new FormData();
    form.set('a', 'my secret');
    form.set('b', '2');
    const encoded = new Response(form);
    const headers = { 'content-type': encoded.headers.get('content-type')! };
    const body = await encoded.text();
    for (const path of ['/form', '/parse']) {
      expect(JSON.parse((await ask(app, { path, body, headers })).body)).toEqual({ a: 'my [***]', b: '2' });
    }
  });

  test('two gates, and a sub-application', async () => {
    const inner = new Hono();
    inner.use(portcullis(gateOf(reader)));
    inner.post('/x', async (c) =>
      c.json([await c.req.text(), c.var.portcullis.facts.length, c.req.header('content-length')]),
    );
    const app = new Hono();
    app.use(portcullis(gateOf(redactor)));
    app.route('/api', inner);
    app.post('/outside', (c) => c.json(c.get('portcullis').facts));
    const gzip = { body: gzipSync('my secret'), headers: { 'content-encoding': 'gzip' } };
    for (const sent of [{ body: 'my secret' }, { parts: ['my ', 'secret'] }, gzip]) {
      expect((await ask(app, { path: '/api/x', ...sent })).body).toBe('["my [***]",8,"8"]');
    }
    expect((await ask(app, { path: '/outside', body: 'x' })).body).toBe('{}');
  });

  test('over the cap: 413; where that is only reported, handlers get every byte', async () => {
    const app = new Hono();
    app.use('/enforced', portcullis(gateOf(reader), { maxBodyBytes: 100 }));
    const reporting = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    app.use('/reported', portcullis(reporting, { maxBodyBytes: 100 }));
    app.post('/*', async (c) => c.text(await c.req.text()));
    const body = 'abc'.repeat(40_000);
    for (const sent of [{ body }, { parts: [body.slice(0, 90), body.slice(90)] }]) {
      expect((await ask(app, { path: '/enforced', ...sent })).status).toBe(413);
      expect((await ask(app, { path: '/reported', ...sent })).body === body).toBe(true);
    }
  });

  test('a refusal stops there, with the headers of guards', async () => {
    const app = new Hono();
    app.use(portcullis(gateOf(labels, refuser())));
    app.post('/', () => Promise.reject(new Error('reached')));
    const { status, headers, body } = await ask(app, { body: 'x' });
    expect([status, headers['content-type'], headers['x-label'], JSON.parse(body).code]).toEqual([
      400,
      'application/problem+json',
      'gate',
      'PTC_D411',
    ]);
  });

  test('headers of guards are on whatever is answered, unless it has its own', async () => {
    const app = new Hono();
    app.use(portcullis(gateOf(labels)));
    app.post('/text', (c) => c.text('ok'));
    app.post('/raw', () => new Response('ok'));
    app.post('/redirect', () => Response.redirect('https://example.com/'));
    app.post('/own', () => new Response('ok', { headers: { 'x-label': 'own' } }));
    app.post('/thrown', () => {
      throw new HTTPException(418);
    });
    app.post('/failed', () => Promise.reject(new Error('failed')));
    app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('own', 500)));
    const answers: unknown[] = [];
    for (const path of ['/text', '/raw', '/redirect', '/own', '/thrown', '/failed', '/none']) {
      const { status, headers } = await ask(app, { path });
      answers.push([path, status, headers['x-label']]);
    }
    expect(answers).toEqual([
      ['/text', 200, 'gate'],
      ['/raw', 200, 'gate'],
      ['/redirect', 302, 'gate'],
      ['/own', 200, 'own'],
      ['/thrown', 418, 'gate'],
      ['/failed', 500, 'gate'],
      ['/none', 404, 'gate'],
    ]);
  });

  describe('behind another middleware', () => {
    async function behind(before: MiddlewareHandler, sent: Sent, guards = [redactor, reader]): Promise<unknown[]> {
      const app = new Hono();
      app.use(before, portcullis(gateOf(...guards)));
      app.post('/', async (c) => c.text(`${await c.req.text()} ${c.var.portcullis.facts.length}`));
      app.onError((error, c) => c.text((error as { code?: string }).code ?? 'other', 500));
      const { status, body } = await ask(app, { headers: { 'content-type': 'application/json' }, ...sent });
      return [status, status === 400 ? JSON.parse(body).code : body];
    }

    test.each<[string, (c: Context) => unknown]>([
      ['text', (c) => c.req.text()],
      ['json', (c) => c.req.json()],
      ['arrayBuffer', (c) => c.req.arrayBuffer()],
      ['blob', (c) => c.req.blob()],
    ])('that has read %s through Hono', async (_name, read) => {
      const before: MiddlewareHandler = async (c, next) => {
        await read(c);
        await next();
      };
      for (const [text, expected] of [
        ['{"a":1}', '{"a":1} 7'],
        ['{"a":"secret"}', '{"a":"[***]"} 14'],
      ] as const) {
        expect(await behind(before, { body: text })).toEqual([200, expected]);
        expect(await behind(before, { parts: [text] })).toEqual([200, expected]);
      }
      const big = await behind(before, { body: `"${'x'.repeat(2 ** 20)}"` });
      expect(big[0]).toBe(413);
    });

    test.each<[string, (c: Context) => unknown]>([
      ['the request itself', (c) => c.req.raw.text()],
      ['a form, whose bytes are not kept', (c) => c.req.formData()],
    ])('that has read %s: refused', async (_name, read) => {
      const before: MiddlewareHandler = async (c, next) => {
        await read(c);
        await next();
      };
      const sent = { body: 'a=secret', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      expect(await behind(before, sent)).toEqual([400, 'PTC_D103']);
    });

    test('that has put another request in place: guards see what handlers get', async () => {
      const before: MiddlewareHandler = async (c, next) => {
        c.req.raw = new Request(c.req.url, { method: 'POST', body: 'another secret' });
        await next();
      };
      expect(await behind(before, { body: 'plain' })).toEqual([200, 'another [***] 14']);
    });

    test('that has looked at the body, or limits it', async () => {
      const looks: MiddlewareHandler = async (c, next) => {
        if (c.req.raw.body !== null) await next();
      };
      for (const before of [looks, bodyLimit({ maxSize: 1_000 })]) {
        for (const sent of [{ body: 'my secret' }, { parts: ['my ', 'secret'] }]) {
          expect(await behind(before, sent)).toEqual([200, 'my [***] 9']);
          expect(await behind(before, sent, [reader])).toEqual([200, 'my secret 9']);
        }
      }
    });

    test('that validates: an error with a code where redaction would come too late, and behind the gate none', async () => {
      const check = validator('json', (value) => value);
      const sent = { body: '{"a":"secret"}' };
      expect(await behind(check, sent)).toEqual([500, 'PTC_E010']);
      expect(await behind(check, { body: '{"a":1}' })).toEqual([200, '{"a":1} 7']);
      const app = new Hono();
      app.post('/', portcullis(gateOf(redactor)), check, (c) => c.json(c.req.valid('json')));
      const answer = await ask(app, { ...sent, headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(answer.body)).toEqual({ a: '[***]' });
    });
  });
});

test('the address: of the connection, of a proxy, or what the application says; also behind a parser', async () => {
  const addresses: unknown[] = [];
  const parse: MiddlewareHandler = async (c, next) => {
    await c.req.text();
    await next();
  };
  const pass: MiddlewareHandler = (_c, next) => next();
  const cases: [MiddlewareHandler, HonoOptions][] = [
    [pass, {}],
    [parse, {}],
    [pass, { trust: { proxies: ['127.0.0.0/8'] } }],
    [pass, { trust: { header: 'x-real-ip' } }],
    [pass, { peer: (c) => c.req.header('x-own') }],
  ];
  for (const [before, options] of cases) {
    const { gate, recorder } = recorded(origin);
    const app = new Hono();
    app.post('/', before, portcullis(gate, options), (c) => c.text('ok'));
    await WAYS['on Node']!(app, {
      body: 'x',
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '198.51.100.1', 'x-own': '192.0.2.1' },
    });
    await gate.flush();
    addresses.push(recorder.decisions[0]?.facts.address);
  }
  expect(addresses).toEqual(['127.0.0.1', '127.0.0.1', '203.0.113.9', '198.51.100.1', '192.0.2.1']);
});

test('a gate that fails ends in onError', async () => {
  const app = new Hono();
  app.use(portcullis(brokenGate()));
  app.get('/', (c) => c.text('reached'));
  app.onError((error, c) => c.text(error.message, 500));
  expect(await (await app.request('/')).text()).toBe('no time');
});

test('options are checked when mounting', () => {
  const gate = createGate({ guards: [] });
  const make = (options: object) => () => portcullis(gate, options);
  expect(make({ maxBodyBytes: 2 ** 31 })).toThrow(/^PTC_E003 .*hono\.maxBodyBytes/);
  expect(make({ trust: { hops: 0 } })).toThrow(/^PTC_E003 .*hono\.trust\.hops/);
  expect(make({ trust: {} })).toThrow(/^PTC_E003 .*hono\.trust/);
  expect(make({ peer: 'x' })).toThrow(/^PTC_E002 .*hono\.peer/);
  expect(make({ address: () => '' })).toThrow(/^PTC_E004 .*hono\.address/);
  expect(() => portcullis(undefined as never)).toThrow(/^PTC_E001 .*hono\.gate/);
});
