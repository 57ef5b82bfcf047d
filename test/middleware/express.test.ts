import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { captureRawBody, decisionOf, portcullis } from '../../middleware/express.ts';
import type { Decision } from '../../src/decide.ts';
import { createGate, type GateOptions } from '../../src/gate.ts';
import { type Guard, PASS, type Verdict } from '../../src/guard.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { createRecorder } from '../../src/testing/recorder.ts';
import { anyPath, EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen, type Running, send } from '../helpers/http.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function serve(app: Express): Promise<number> {
  const server = await listen(app);
  running.push(server);
  return server.port;
}

/** Writes packets, one after the other, and gives everything that came back. */
function rawRequest(port: number, ...packets: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    packets.forEach((packet, at) => {
      setTimeout(() => socket.write(packet, 'latin1'), 30 * at);
    });
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Replaces every `secret` in the body. */
const redactor: Guard = {
  name: 'redactor',
  reads: 'body',
  defaultStage: 'enforce',
  inspect(exchange): Verdict {
    const at = exchange.text()?.indexOf('secret') ?? -1;
    return at < 0 ? PASS : { kind: 'redact', patches: [{ start: at, end: at + 6, text: '[***]' }] };
  },
};

const reader: Guard = {
  name: 'reader',
  reads: 'body',
  defaultStage: 'enforce',
  inspect: (exchange) => ({ kind: 'pass', facts: { length: exchange.bytes().byteLength } }),
};

function refuser(verdict: Verdict): Guard {
  return { name: 'refuser', defaultStage: 'enforce', inspect: () => verdict };
}

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  const make = EXPRESSES[version];

  function echoApp(guards: readonly Guard[], more: Partial<GateOptions> = {}, maxBodyBytes = 1_000): Express {
    const app = make();
    app.use(portcullis(createGate({ guards, ...more }), { maxBodyBytes }));
    app.use(
      make.json(),
      make.urlencoded({ extended: false }),
      make.text({ type: 'text/*' }),
      make.raw({ type: 'application/octet-stream' }),
    );
    app.all(anyPath(version), (req, res) => {
      const body = Buffer.isBuffer(req.body) ? { hex: req.body.toString('hex') } : req.body;
      res.json({ body: body ?? null, facts: decisionOf(res)?.facts ?? null });
    });
    return app;
  }

  const bodies: readonly [string, string, string, unknown][] = [
    ['JSON', 'application/json', '{"a":1}', { a: 1 }],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&b=2', { a: '1', b: '2' }],
    ['text', 'text/plain', 'hello', 'hello'],
    ['bytes', 'application/octet-stream', '\u0000\u0001', { hex: '0001' }],
  ];
  test.each(bodies)('parsers behind the gate see %s', async (_name, type, body, expected) => {
    const port = await serve(echoApp([reader]));
    for (const chunks of [[body], [...body]]) {
      const answer = await send(port, { headers: { 'content-type': type }, chunks });
      expect(JSON.parse(answer.body)).toEqual({ body: expected, facts: { length: body.length } });
    }
  });

  test.each(['content-length: 0', 'chunked', 'none'])(
    'an empty body (%s) is what it would be without a gate',
    async (how) => {
      const bare = make();
      bare.use(make.json());
      bare.post('/', (req, res) => void res.json({ body: req.body ?? null }));
      const gated = make();
      gated.use(portcullis(createGate({ guards: [reader] })), make.json());
      gated.post('/', (req, res) => void res.json({ body: req.body ?? null }));
      const headers: Record<string, string> = { ...JSON_TYPE };
      if (how === 'content-length: 0') headers['content-length'] = '0';
      if (how === 'chunked') headers['transfer-encoding'] = 'chunked';
      const ask = async (app: Express): Promise<string> => (await send(await serve(app), { headers })).body;
      expect(await ask(gated)).toBe(await ask(bare));
    },
  );

  test('an empty chunked body whose end comes late', async () => {
    const port = await serve(echoApp([reader]));
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data;
        if (text.includes('facts')) socket.end();
      });
      socket.on('close', () => resolve(text));
      socket.write(
        'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      );
      setTimeout(() => socket.write('0\r\n\r\n'), 50);
    });
    expect(answer).toContain('HTTP/1.1 200');
    expect(answer).toContain('"facts":{"length":0}');
  });

  const codings: [string, (text: string) => Buffer][] = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ];
  // Express 4 answers 415 to brotli on its own.
  if (version === 5) codings.push(['br', brotliCompressSync]);
  test.each(codings)(
    '%s: guards see the inflated bytes, the application reads what the client sent',
    async (encoding, compress) => {
      const port = await serve(echoApp([reader]));
      const headers = { ...JSON_TYPE, 'content-encoding': encoding };
      const answer = await send(port, { headers, chunks: [compress('{"a":"inflated"}')] });
      expect(JSON.parse(answer.body)).toEqual({ body: { a: 'inflated' }, facts: { length: 16 } });
    },
  );

  test('a compressed body is redacted and handed on uncompressed', async () => {
    const port = await serve(echoApp([redactor]));
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const answer = await send(port, { headers, chunks: [gzipSync('{"a":"my secret"}')] });
    expect(JSON.parse(answer.body).body).toEqual({ a: 'my [***]' });
  });

  test('compressed bodies: bomb 413, garbage 400, unknown coding 415', async () => {
    const port = await serve(echoApp([reader]));
    const ask = async (encoding: string, chunk: Uint8Array): Promise<number> =>
      (await send(port, { headers: { ...JSON_TYPE, 'content-encoding': encoding }, chunks: [chunk] })).status;
    expect(await ask('gzip', gzipSync('x'.repeat(100_000)))).toBe(413);
    expect(await ask('gzip', Buffer.from('no gzip at all'))).toBe(400);
    expect(await ask('zstd', Buffer.from('xx'))).toBe(415);
    expect(await ask('gzip', gzipSync('{"a":1}'))).toBe(200);
  });

  test('the redacted body reaches req.body, with a length that fits', async () => {
    const port = await serve(echoApp([redactor, reader]));
    for (const chunks of [['{"a":"my secret"}'], ['{"a":"my ', 'secret"}']]) {
      const answer = await send(port, { headers: JSON_TYPE, chunks });
      expect(JSON.parse(answer.body).body).toEqual({ a: 'my [***]' });
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(JSON.parse((await send(port, { headers: form, chunks: ['a=secret'] })).body).body).toEqual({ a: '[***]' });
  });

  test.each([0, 999, 1_000, 1_001])('a body of %i bytes against a cap of 1000', async (size) => {
    const port = await serve(echoApp([reader]));
    const answers = [
      await send(port, {
        headers: { 'content-type': 'text/plain', 'content-length': String(size) },
        chunks: ['x'.repeat(size)],
      }),
      await send(port, { headers: { 'content-type': 'text/plain' }, chunks: ['x'.repeat(size)] }),
    ];
    for (const answer of answers) expect(answer.status).toBe(size > 1_000 ? 413 : 200);
    if (size > 1_000) expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ code: 'PTC_D101', guard: 'reader' });
  });

  test('over the cap in report-only: the application gets every byte', async () => {
    const recorder = createRecorder();
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' }, sinks: [recorder] });
    const app = make();
    app.use(portcullis(gate, { maxBodyBytes: 1_000 }));
    app.post('/', (req, res) => {
      const hash = createHash('sha256');
      req.on('data', (part) => hash.update(part)).on('end', () => res.end(hash.digest('hex')));
    });
    const port = await serve(app);
    const big = 'abcdefgh'.repeat(50_000);
    for (const chunks of [[big], [big.slice(0, 900), big.slice(900)]]) {
      expect((await send(port, { chunks })).body).toBe(createHash('sha256').update(big).digest('hex'));
    }
    await gate.flush();
    expect(recorder.decisions.map(({ outcome, wouldBe }) => [outcome, wouldBe.code])).toEqual([
      ['allow', 'PTC_D101'],
      ['allow', 'PTC_D101'],
    ]);
  });

  test('behind express.json() with captureRawBody the exact bytes are there, and redaction reaches req.body', async () => {
    const app = make();
    app.use(make.json({ verify: captureRawBody }), portcullis(createGate({ guards: [redactor, reader] })));
    app.post('/', (req, res) => void res.json({ body: req.body, facts: decisionOf(res)?.facts }));
    const port = await serve(app);
    const answer = await send(port, { headers: JSON_TYPE, chunks: ['{"a" : "secret" }'] });
    expect(JSON.parse(answer.body)).toEqual({ body: { a: '[***]' }, facts: { length: 17 } });
  });

  test('behind express.json(), a byte order mark does not get in the way of redaction', async () => {
    const app = make();
    app.use(make.json({ verify: captureRawBody }), portcullis(createGate({ guards: [redactor] })));
    app.post('/', (req, res) => void res.json(req.body));
    const port = await serve(app);
    const answer = await send(port, { headers: JSON_TYPE, chunks: ['\ufeff{"a":"secret"}'] });
    expect([answer.status, answer.body]).toEqual([200, '{"a":"[***]"}']);
  });

  test('behind express.json(), a redaction that leaves no JSON is a 400 without a word of the body', async () => {
    const breaking: Guard = {
      ...redactor,
      inspect: () => ({ kind: 'redact', patches: [{ start: 0, end: 1, text: '' }] }),
    };
    const app = make();
    app.use(make.json({ verify: captureRawBody }), portcullis(createGate({ guards: [breaking] })));
    app.use(((error, _req, res, _next) =>
      res.status(error.status).json({ type: error.type, message: error.message })) as ErrorRequestHandler);
    const answer = await send(await serve(app), { headers: JSON_TYPE, chunks: ['{"a":"canary"}'] });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      { type: 'entity.parse.failed', message: 'The redacted body is not JSON' },
    ]);
  });

  test.each([204, 304])('a known answer of %i has neither body nor length', async (status) => {
    const known: Verdict = {
      kind: 'answer',
      code: 'PTC_D701',
      response: { status, headers: { etag: '"1"' }, body: '' },
    };
    const answer = await send(await serve(echoApp([refuser(known)])), { headers: JSON_TYPE, chunks: ['{}'] });
    expect([answer.status, answer.body, answer.headers.etag]).toEqual([status, '', '"1"']);
    expect(answer.headers).not.toHaveProperty('content-length');
  });

  test.each(['text/plain', 'application/json'])(
    'a body of 125,000 addresses as %s: redacted where PII is enforced, untouched where it reports',
    async (type) => {
      const addresses = 'a@b.co,'.repeat(125_000);
      const body = type === 'text/plain' ? addresses : JSON.stringify(addresses);
      for (const stage of ['enforce', 'report-only'] as const) {
        const recorder = createRecorder();
        const gate = createGate({ guards: [pii({ mode: 'redact' })], stages: { pii: stage }, sinks: [recorder] });
        const app = make();
        app.use(portcullis(gate), make.text({ type: '*/*', limit: '8mb' }));
        app.post('/', (req, res) => void res.type('text/plain').send(req.body));
        const answer = await send(await serve(app), { headers: { 'content-type': type }, chunks: [body] });
        await gate.flush();
        expect(answer.status).toBe(200);
        expect(recorder.decisions.map(({ outcome }) => outcome)).toEqual(['allow']);
        expect(recorder.decisions[0]?.wouldBe.patches.length).toBe(125_000);
        if (stage === 'report-only') expect(answer.body === body).toBe(true);
        else expect([answer.body.includes('@'), answer.body.split(',').length]).toEqual([false, 125_001]);
      }
    },
  );

  test('behind a parser that kept no bytes: an error with a code, but only if a guard needs them', async () => {
    const headless: Guard = { name: 'head-only', inspect: () => PASS };
    for (const [guard, status] of [
      [reader, 500],
      [headless, 200],
    ] as const) {
      const app = make();
      app.use(make.json(), portcullis(createGate({ guards: [guard] })));
      app.post('/', (_req, res) => void res.json('ok'));
      app.use(((error, _req, res, _next) =>
        res.status(500).json({ code: error.code, message: error.message })) as ErrorRequestHandler);
      const answer = await send(await serve(app), { headers: JSON_TYPE, chunks: ['{"a":1}'] });
      expect(answer.status).toBe(status);
      if (status === 500) {
        expect(JSON.parse(answer.body)).toEqual({
          code: 'PTC_E010',
          message:
            'PTC_E010 The body was read before the gate could see its bytes: req.body is an object; ' +
            'mount portcullis() before the body parser, or give the parser { verify: captureRawBody }',
        });
      }
    }
  });

  test.each([
    '/admin',
    'http://x/admin',
    'HTTP://u:p@x:1/admin?a=1#b',
    '/admin#x',
    '/ad%6din',
    '/sub\\admin#',
    '/sub/admin',
    '//admin',
  ])('guards see the path that is routed, however the target is written: %s', async (target) => {
    const seen: string[] = [];
    const watcher: Guard = {
      name: 'watcher',
      inspect({ path, query }) {
        seen.push(path, query);
        return PASS;
      },
    };
    const app = make();
    const routed: string[] = [];
    const note = (name: string): RequestHandler => {
      return (_req, res) => {
        routed.push(name);
        res.end();
      };
    };
    app.use(portcullis(createGate({ guards: [watcher] })));
    for (const path of ['/admin', '/sub/admin']) app.post(path, note(path));
    app.use((req, res) => void res.json(req.path));
    const port = await serve(app);
    const answer = await rawRequest(
      port,
      `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    if (routed[0] !== undefined) expect(seen[0]).toBe(routed[0]);
    else expect(answer).toContain(JSON.stringify(seen[0]));
    expect(seen[1]).toBe(target.includes('?') ? 'a=1' : '');
  });

  test('a gate below a mount sees the whole path', async () => {
    const seen: string[] = [];
    const watcher: Guard = { name: 'watcher', inspect: ({ path }) => (seen.push(path) > 0 ? PASS : PASS) };
    const app = make();
    app.use('/sub', portcullis(createGate({ guards: [watcher] })), (_req, res) => void res.end());
    const port = await serve(app);
    for (const path of ['/sub/admin?a#b', '/sub', '/sub?a']) await send(port, { path });
    expect(seen).toEqual(['/sub/admin', '/sub', '/sub']);
  });

  test('a gate behind what rewrites the URL sees the path that is routed', async () => {
    const seen: string[] = [];
    const watcher: Guard = {
      name: 'watcher',
      inspect: ({ path, query }) => (seen.push(path, query) > 0 ? PASS : PASS),
    };
    const gate = portcullis(createGate({ guards: [watcher] }));
    const app = make();
    app.use((req, _res, next) => {
      req.url = req.url.replace('/public/', '/admin/').replace('x=1', 'x=2');
      next();
    });
    app.use('/admin', gate, (_req, res) => void res.end());
    const port = await serve(app);
    for (const path of ['/public/a?x=1', '/public/']) await send(port, { path });
    expect(seen).toEqual(['/admin/a', 'x=2', '/admin/', '']);
  });

  test.each<[string, (req: IncomingMessage) => unknown]>([
    ['is being read', (req) => req.on('data', () => {})],
    ['was told to flow', (req) => req.resume()],
    ['is turned into text', (req) => req.setEncoding('utf8')],
    ['is piped away', (req) => req.pipe(new PassThrough())],
  ])('a body that %s before the gate: an error, whether it comes in one packet or later', async (_name, take) => {
    for (const gap of [0, 30]) {
      for (const mode of ['block', 'redact'] as const) {
        const reached = vi.fn();
        const app = make();
        app.use((req, _res, next) => {
          take(req);
          next();
        });
        app.use(portcullis(createGate({ guards: [pii({ mode })], stages: { pii: 'enforce' } })), reached);
        app.use(((error, _req, res, _next) => res.status(500).json({ code: error.code })) as ErrorRequestHandler);
        const body = '{"a":"jane@example.org"}';
        const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
        const answer = await rawRequest(await serve(app), ...(gap === 0 ? [head + body] : [head, body]));
        expect([answer.slice(0, 12), answer.split('\r\n\r\n')[1]]).toEqual(['HTTP/1.1 500', '{"code":"PTC_E010"}']);
        expect(reached).not.toHaveBeenCalled();
      }
    }
  });

  test('after redaction every view of the headers describes the new bytes', async () => {
    const app = make();
    app.use(portcullis(createGate({ guards: [redactor] })));
    app.post('/', (req, res) => void res.json([req.headers, req.headersDistinct, req.rawHeaders]));
    const body = gzipSync('{"a":"secret"}');
    const answer = await send(await serve(app), {
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip', 'content-length': String(body.byteLength), 'x-raw': 'A' },
      chunks: [body],
    });
    const [headers, distinct, raw] = JSON.parse(answer.body) as [
      Record<string, string>,
      Record<string, string[]>,
      string[],
    ];
    expect([headers['content-length'], distinct['content-length'], distinct['content-encoding']]).toEqual([
      '13',
      ['13'],
      ['identity'],
    ]);
    expect(raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())).toEqual(
      expect.arrayContaining(['content-type', 'x-raw', 'content-length']),
    );
    expect(raw).not.toContain('gzip');
    expect(raw.filter((name) => name.toLowerCase() === 'content-length').length).toBe(1);
  });

  test('two gates on one request: the second sees what the first left', async () => {
    const app = make();
    app.use(portcullis(createGate({ guards: [redactor] })));
    app.use(portcullis(createGate({ guards: [reader] })), make.json());
    app.post('/', (req, res) => void res.json({ body: req.body, facts: decisionOf(res)?.facts }));
    const answer = await send(await serve(app), { headers: JSON_TYPE, chunks: ['{"a":"secret"}'] });
    expect(JSON.parse(answer.body)).toEqual({ body: { a: '[***]' }, facts: { length: 13 } });
  });

  const refusals: readonly [Verdict, number, string][] = [
    [{ kind: 'deny', code: 'PTC_D411' }, 400, 'application/problem+json'],
    [{ kind: 'throttle', code: 'PTC_D601', retryAfterMs: 1_200 }, 429, 'application/problem+json'],
    [{ kind: 'escalate', code: 'PTC_D412' }, 202, 'application/json'],
    [{ kind: 'error', code: 'PTC_D801' }, 503, 'application/problem+json'],
    [
      {
        kind: 'answer',
        code: 'PTC_D701',
        response: { status: 200, headers: { 'content-type': 'text/x' }, body: 'known' },
      },
      200,
      'text/x',
    ],
  ];
  test.each(refusals)('%o', async (verdict, status, type) => {
    const port = await serve(echoApp([refuser(verdict)]));
    const answer = await send(port, { headers: JSON_TYPE, chunks: ['{}'] });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['retry-after']).toBe(status === 429 ? '2' : status === 503 ? '1' : undefined);
    const head = await send(port, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([status, '']);
  });

  test('headers of a guard in force reach an accepted answer; those of a report-only guard do not', async () => {
    const limits: Guard = { name: 'limits', inspect: () => ({ kind: 'pass', headers: { ratelimit: '"a";r=1' } }) };
    for (const [stage, expected] of [
      ['enforce', '"a";r=1'],
      ['report-only', undefined],
    ] as const) {
      const port = await serve(echoApp([limits], { stages: { limits: stage } }));
      expect((await send(port)).headers.ratelimit).toBe(expected);
    }
  });

  test('a client that goes away mid-body: one decision, no answer, the server lives', async () => {
    const recorder = createRecorder();
    const gate = createGate({ guards: [reader], sinks: [recorder] });
    let reached = 0;
    const app = make();
    app.use(portcullis(gate));
    app.post('/', (_req, res) => {
      reached++;
      res.end('ok');
    });
    const port = await serve(app);
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\npartial');
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('close', () => setTimeout(resolve, 100));
    });
    await gate.flush();
    expect(recorder.decisions.map(({ verdicts }) => verdicts.map(({ verdict }) => verdict))).toEqual([
      [{ kind: 'deny', code: 'PTC_D103' }],
    ]);
    expect(reached).toBe(0);
    expect((await send(port)).status).toBe(200);
  });

  test('the address is the socket’s unless the application trusts its proxy', async () => {
    const seen: (string | undefined)[] = [];
    const spy: Guard = {
      name: 'spy',
      inspect(exchange) {
        seen.push(exchange.address);
        return PASS;
      },
    };
    for (const trust of [false, 1]) {
      const app = make();
      app.set('trust proxy', trust);
      app.use(portcullis(createGate({ guards: [spy] })), (_req, res) => void res.end());
      await send(await serve(app), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    }
    expect(seen).toEqual(['127.0.0.1', '203.0.113.9']);
  });

  test('mounted on a path, a guard still sees the path that the client sent', async () => {
    let seen: Pick<Decision, 'path' | 'method'> | undefined;
    const app = make();
    app.use('/api', portcullis(createGate({ guards: [reader] })), (_req, res) => {
      seen = decisionOf(res);
      res.end();
    });
    await send(await serve(app), { method: 'PUT', path: '/api/x?token=1' });
    expect(seen).toMatchObject({ path: '/api/x', method: 'PUT' });
  });
});

test('options are checked when mounting', () => {
  const gate = createGate({ guards: [] });
  expect(() => portcullis(gate, { maxBodyBytes: 0 })).toThrow(
    'PTC_E003 An option is out of range: express.maxBodyBytes is the number 0; give a whole number from 1 to 1073741824',
  );
  expect(() => portcullis(gate, { maxBytes: 1 } as object)).toThrow(
    /PTC_E004 .*express\.maxBytes.*maxBodyBytes, address/,
  );
  expect(() => portcullis({} as never)).toThrow(/PTC_E001 .*express\.gate/);
});
