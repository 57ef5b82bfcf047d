import { once } from 'node:events';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough, Transform } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyServerOptions,
  type RequestPayload,
} from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { type FastifyOptions, portcullis, type RouteOptions } from '../../middleware/fastify.ts';
import { createGate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { brokenGate, labels, origin, reader, recorded, redactor, refuser } from '../helpers/guards.ts';
import { send } from '../helpers/http.ts';

const running: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const JSON_TYPE = { 'content-type': 'application/json' };

function make(options: FastifyServerOptions = {}): FastifyInstance {
  const app = fastify(options);
  running.push(app);
  return app;
}

/** An application behind a gate of these guards, which says what it was given. */
async function echoing(guards: readonly Guard[], options: Partial<FastifyOptions> = {}): Promise<FastifyInstance> {
  const app = make();
  await app.register(portcullis, { gate: createGate({ guards }), ...options });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body.toString()));
  app.post('/', async ({ body, portcullis: decision }) => ({ body: body ?? null, facts: decision?.facts }));
  return app;
}

async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/** As a client sees it, over a connection and without one. */
const WAYS: Readonly<
  Record<string, (app: FastifyInstance, body: string | Buffer, headers?: object) => Promise<[number, unknown]>>
> = {
  async inject(app, body, headers) {
    const answer = await app.inject({ method: 'POST', url: '/', payload: body, headers: { ...JSON_TYPE, ...headers } });
    return [answer.statusCode, answer.json()];
  },
  async 'over HTTP'(app, body, headers) {
    const port = await listen(app);
    const answer = await send(port, { headers: { ...JSON_TYPE, ...headers }, chunks: [body] });
    return [answer.status, JSON.parse(answer.body)];
  },
};

describe.each(Object.keys(WAYS))('%s', (way) => {
  const ask = WAYS[way]!;

  test('handlers get the body, or the redacted one', async () => {
    expect(await ask(await echoing([reader]), '{"a":[1]}')).toEqual([200, { body: { a: [1] }, facts: { length: 9 } }]);
    expect(await ask(await echoing([redactor]), '{"a":"secret"}')).toEqual([200, { body: { a: '[***]' }, facts: {} }]);
  });

  test('guards see what is compressed, and what is redacted goes on uncompressed', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const body = gzipSync('{"a":"secret"}');
    expect(await ask(await echoing([redactor]), body, gzip)).toEqual([200, { body: { a: '[***]' }, facts: {} }]);
  });

  test('over the cap: 413; where that is only reported, handlers get every byte', async () => {
    const text = 'x'.repeat(50_000);
    const type = { 'content-type': 'text/x' };
    const enforced = await echoing([reader], { maxBodyBytes: 1_000 });
    expect(await ask(enforced, text, type)).toMatchObject([413, { code: 'PTC_D101', guard: 'reader' }]);
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    const reporting = await echoing([], { gate, maxBodyBytes: 1_000 });
    expect(await ask(reporting, text, type)).toEqual([200, { body: text, facts: {} }]);
  });

  test('a schema sees the redacted body', async () => {
    const app = make();
    await app.register(portcullis, { gate: createGate({ guards: [redactor] }) });
    const properties = { a: { type: 'string', pattern: '^[^s]*$' } };
    app.post('/', { schema: { body: { type: 'object', properties } } }, async ({ body }) => body);
    expect(await ask(app, '{"a":"secret"}')).toEqual([200, { a: '[***]' }]);
  });
});

describe('where the gate stands', () => {
  test('in front of the instance that it is registered on and of those below, wherever routes are declared', async () => {
    const { gate, recorder } = recorded(reader);
    const app = make();
    app.get('/outside', async (request) => typeof request.portcullis);
    app.register(async (inside) => {
      inside.get('/before', async ({ portcullis: decision }) => decision?.outcome);
      inside.register(portcullis, { gate });
      inside.get('/after', async ({ portcullis: decision }) => decision?.outcome);
      inside.register(async (below) => below.get('/below', async ({ portcullis: decision }) => decision?.outcome));
    });
    const bodies: string[] = [];
    for (const url of ['/outside', '/before', '/after', '/below']) bodies.push((await app.inject(url)).body);
    expect(bodies).toEqual(['undefined', 'allow', 'allow', 'allow']);
    await gate.flush();
    expect(recorder.decisions.length).toBe(3);
  });

  test('twice: both look, the second at what the first has left', async () => {
    const app = await echoing([redactor]);
    app.register(async (below) => {
      await below.register(portcullis, { gate: createGate({ guards: [reader] }), prefix: '/below' });
      below.post('/twice', async ({ body, portcullis: decision }) => ({ body, facts: decision?.facts }));
    });
    const answer = await app.inject({ method: 'POST', url: '/twice', payload: { a: 'secret' } });
    expect(answer.json()).toEqual({ body: { a: '[***]' }, facts: { length: 13 } });
  });

  test('before 404, HEAD and OPTIONS', async () => {
    const app = make();
    const { gate, recorder } = recorded(labels, origin);
    await app.register(portcullis, { gate });
    app.get('/x', async () => 'body');
    app.options('/x', async (_request, reply) => reply.code(204).send());
    const status: unknown[] = [];
    for (const [method, url] of [
      ['GET', '/none'],
      ['HEAD', '/x'],
      ['OPTIONS', '/x'],
    ] as const) {
      const { statusCode, body, headers } = await app.inject({ method, url });
      status.push([statusCode, method === 'GET' ? '' : body, headers['x-label']]);
    }
    expect(status).toEqual([
      [404, '', 'gate'],
      [200, '', 'gate'],
      [204, '', 'gate'],
    ]);
    await gate.flush();
    expect(recorder.decisions.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /none',
      'HEAD /x',
      'OPTIONS /x',
    ]);
  });

  test('refuses HEAD without a body, and hooks of the application see its answers', async () => {
    const app = make();
    await app.register(portcullis, { gate: createGate({ guards: [refuser()] }) });
    app.addHook('onSend', async (_request, reply) => void reply.header('access-control-allow-origin', '*'));
    app.get('/', async () => 'reached');
    const { port } = { port: await listen(app) };
    const head = await send(port, { method: 'HEAD' });
    expect([head.status, head.body, head.headers['access-control-allow-origin']]).toEqual([400, '', '*']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(50);
    expect(head.headers['content-type']).toBe('application/problem+json');
  });
});

describe('options of a route', () => {
  const app = async (config: RouteOptions | false, declaredFirst = false): Promise<FastifyInstance> => {
    const made = make();
    const declare = () =>
      void made.post('/', { config: { portcullis: config } }, async ({ portcullis: decision }) => ({
        facts: decision?.facts ?? null,
      }));
    if (declaredFirst) declare();
    made.register(portcullis, { gate: createGate({ guards: [reader] }) });
    await made.after();
    if (!declaredFirst) declare();
    return made;
  };
  const post = async (made: FastifyInstance) =>
    (await made.inject({ method: 'POST', url: '/', payload: { a: 'long enough' } })).json();

  test.each([true, false])(
    'are heeded, also on a route that is declared before the gate: %s',
    async (declaredFirst) => {
      expect(await post(await app(false, declaredFirst))).toEqual({ facts: null });
      expect(await post(await app({ maxBodyBytes: 10 }, declaredFirst))).toMatchObject({ code: 'PTC_D101' });
      const own = createGate({ guards: [refuser()] });
      expect(await post(await app({ gate: own }, declaredFirst))).toMatchObject({ code: 'PTC_D411' });
    },
  );

  test('are checked: where the route is declared, or at its first request if that was before the gate', async () => {
    await expect(app({ maxBodyBytes: 0 })).rejects.toThrow(/^PTC_E003 .*route\.config\.portcullis\.maxBodyBytes/);
    await expect(app({ gate: {} as never })).rejects.toThrow(/^PTC_E001 .*route\.config\.portcullis\.gate/);
    await expect(app({ max: 1 } as object)).rejects.toThrow(/^PTC_E004 .*route\.config\.portcullis\.max/);
    for (const wrong of [{ maxBodyBytes: 0 }, { gate: {} as never }, true as never]) {
      expect(await post(await app(wrong, true))).toMatchObject({
        statusCode: 500,
        code: expect.stringMatching(/^PTC_E00[123]$/),
      });
    }
  });
});

describe('hooks of others before the gate', () => {
  async function hooked(hook: (payload: RequestPayload) => RequestPayload): Promise<FastifyInstance> {
    const app = make();
    app.addHook('preParsing', (_request, _reply, payload, done) => done(null, hook(payload)));
    await app.register(portcullis, { gate: createGate({ guards: [redactor, reader] }) });
    app.post('/', async ({ body, portcullis: decision }) => ({ body, facts: decision?.facts }));
    return app;
  }
  const gunzip = (payload: RequestPayload): RequestPayload => {
    const plain: RequestPayload = createGunzip();
    plain.receivedEncodedLength = 0;
    payload.on('data', (chunk: Buffer) => {
      plain.receivedEncodedLength = (plain.receivedEncodedLength ?? 0) + chunk.length;
    });
    return payload.pipe(plain as Transform);
  };

  test.each(Object.keys(WAYS))('that decompress: %s', async (way) => {
    const gzip = { 'content-encoding': 'gzip' };
    for (const [text, body] of [
      ['{"a":"plain"}', { a: 'plain' }],
      ['{"a":"secret"}', { a: '[***]' }],
    ] as const) {
      const app = await hooked(gunzip);
      expect(await WAYS[way]!(app, gzipSync(text), gzip)).toEqual([200, { body, facts: { length: text.length } }]);
    }
  });

  test.each(Object.keys(WAYS))('that pass bytes on: %s', async (way) => {
    const app = await hooked((payload) => payload.pipe(new PassThrough()));
    expect(await WAYS[way]!(app, '{"a":"secret"}')).toEqual([200, { body: { a: '[***]' }, facts: { length: 14 } }]);
  });

  test('that fail', async () => {
    const app = await hooked((payload) =>
      payload.pipe(new Transform({ transform: (_chunk, _encoding, done) => done(new Error('own')) })),
    );
    const answer = await app.inject({ method: 'POST', url: '/', payload: { a: 1 } });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'PTC_D103']);
  });

  test('where the gate only reports, Fastify answers as it does without one', async () => {
    const whole = gzipSync(JSON.stringify('x'.repeat(5_000)));
    const bodies = [whole, whole.subarray(0, -9), Buffer.from('not compressed')];
    const answers = async (isGated: boolean) => {
      const app = make();
      app.addHook('preParsing', (_request, _reply, payload, done) => done(null, gunzip(payload)));
      if (isGated) await app.register(portcullis, { gate: createGate({ guards: [pii()] }), maxBodyBytes: 1_000 });
      app.post('/', async ({ body }) => ({ length: String(body).length }));
      const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
      const port = await listen(app);
      const all: unknown[] = [];
      for (const body of bodies) {
        const sent = { ...headers, 'content-length': String(body.length) };
        const injected = await app.inject({ method: 'POST', url: '/', payload: body, headers });
        const { status, body: text } = await send(port, { headers: sent, chunks: [body] });
        all.push([injected.statusCode, injected.body], [status, text]);
      }
      return all;
    };
    const bare = await answers(false);
    expect(bare.map((answer) => (answer as [number])[0])).toEqual([200, 200, 400, 400, 400, 400]);
    expect(await answers(true)).toEqual(bare);
  });
});

test('guards see the path that is routed, also where it was rewritten', async () => {
  const app = make({ rewriteUrl: ({ url = '' }) => url.replace('/public/..', '') });
  await app.register(portcullis, { gate: createGate({ guards: [origin] }) });
  app.get('/admin', async ({ portcullis: decision }) => decision?.facts.path);
  expect((await app.inject('/public/../admin?x=1')).body).toBe('/admin');
});

test('a gate that fails ends in the error handler', async () => {
  const app = make();
  app.setErrorHandler((error, _request, reply) => reply.code(599).send({ own: (error as Error).message }));
  await app.register(portcullis, { gate: brokenGate() });
  app.get('/', async () => 'reached');
  const answer = await app.inject('/');
  expect([answer.statusCode, answer.json()]).toEqual([599, { own: 'no time' }]);
});

test('responses, where a gate is to look at them', async () => {
  const gate = createGate({ guards: [] });
  const outbound = (mode: 'block' | 'redact') => createGate({ guards: [pii({ mode })], stages: { pii: 'enforce' } });
  const answers: unknown[] = [];
  for (const mode of ['redact', 'block'] as const) {
    const app = make();
    await app.register(portcullis, { gate, egress: { gate: outbound(mode) } });
    app.get('/', async () => ({ mail: 'bob@example.com' }));
    const { status, body, headers } = await send(await listen(app), { method: 'GET' });
    expect(headers['content-length']).toBe(String(body.length));
    answers.push([status, mode === 'redact' ? body : JSON.parse(body).code]);
  }
  expect(answers).toEqual([
    [200, '{"mail":"[REDACTED_EMAIL]"}'],
    [500, 'PTC_D202'],
  ]);
});

test('the address is request.ip, or what the application says', async () => {
  const addresses: unknown[] = [];
  const cases: [FastifyServerOptions, Partial<FastifyOptions>][] = [
    [{}, {}],
    [{ trustProxy: '127.0.0.1' }, {}],
    [{}, { address: ({ headers }) => String(headers['x-real-ip']) }],
  ];
  for (const [options, own] of cases) {
    const app = make(options);
    await app.register(portcullis, { gate: createGate({ guards: [origin] }), ...own });
    app.get('/', async ({ portcullis: decision }) => ({ address: decision?.facts.address }));
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '192.0.2.1' };
    addresses.push((await app.inject({ url: '/', headers })).json().address);
  }
  expect(addresses).toEqual(['127.0.0.1', '203.0.113.9', '192.0.2.1']);
});

test('over HTTP/2', async () => {
  const app = make({ http2: true } as FastifyServerOptions);
  await app.register(portcullis, { gate: createGate({ guards: [redactor, reader, labels] }) });
  app.post('/', async ({ body, portcullis: decision }) => ({ body, facts: decision?.facts }));
  const client = connect(`http://127.0.0.1:${await listen(app)}`);
  const stream = client.request({ ':method': 'POST', ':path': '/', ...JSON_TYPE });
  stream.end('{"a":"secret"}');
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  client.close();
  expect([headers[':status'], headers['x-label'], JSON.parse(Buffer.concat(parts).toString())]).toEqual([
    200,
    'gate',
    { body: { a: '[***]' }, facts: { length: 14 } },
  ]);
});

test('options are checked when the application gets ready', async () => {
  const gate = createGate({ guards: [] });
  const register = async (options: object) => {
    const app = make();
    app.register(portcullis as unknown as FastifyPluginAsync<object>, options);
    await app.ready();
  };
  await expect(register({ gate, prefix: '/x', logLevel: 'warn' })).resolves.toBe(undefined);
  await expect(register({})).rejects.toThrow(/^PTC_E001 .*fastify\.gate/);
  await expect(register({ gate, maxBodyBytes: 0 })).rejects.toThrow(
    /^PTC_E003 .*fastify\.maxBodyBytes is the number 0/,
  );
  await expect(register({ gate, trust: {} })).rejects.toThrow(/^PTC_E004 .*fastify\.trust/);
  await expect(register({ gate, address: 'ip' })).rejects.toThrow(/^PTC_E002 .*fastify\.address/);
  await expect(register({ gate, egress: {} })).rejects.toThrow(/^PTC_E001 .*fastify\.egress\.gate/);
});
