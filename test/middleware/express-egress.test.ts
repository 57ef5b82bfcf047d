import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Express, Response } from 'express';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { portcullis } from '../../middleware/express.ts';
import type { EgressOptions } from '../../middleware/node-egress.ts';
import { createGate, type GateOptions } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { type PiiMode, pii } from '../../src/guards/pii/guard.ts';
import type { Stage } from '../../src/stage.ts';
import { createRecorder } from '../../src/testing/recorder.ts';
import { EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen, type RawAnswer, type Running, send } from '../helpers/http.ts';
import { exchangeRaw, requestText } from '../helpers/raw.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

const SECRET = 'jane@portcullis.dev';
const recorder = createRecorder();
const inbound = createGate({ guards: [] });
const outbound = (mode: PiiMode, stage: Stage = 'enforce', more: Partial<GateOptions> = {}): EgressOptions['gate'] =>
  createGate({ guards: [pii({ mode })], stages: { pii: stage }, sinks: [recorder], ...more });

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  async function answer(
    respond: (res: Response) => unknown,
    egress: EgressOptions | undefined,
    method = 'POST',
  ): Promise<RawAnswer> {
    const app: Express = EXPRESSES[version]();
    app.disable('x-powered-by');
    app.use(portcullis(inbound, egress === undefined ? {} : { egress }));
    app.use((_req, res) => void respond(res));
    const server = await listen(app);
    running.push(server);
    const { date: _date, ...headers } = (await send(server.port, { method })).headers;
    const raw = await send(server.port, { method });
    return { ...raw, headers };
  }

  const RESPONSES: Readonly<Record<string, (res: Response) => unknown>> = {
    json: (res) => res.json({ mail: SECRET, other: [1, 'x'] }),
    text: (res) => res.send(`mail ${SECRET} and more`),
    bytes: (res) => res.send(Buffer.from(`mail ${SECRET}`)),
    'end with an encoding': (res) => res.end(Buffer.from(`mail ${SECRET}`).toString('base64'), 'base64'),
    'a head of its own': (res) => {
      res.writeHead(201, 'Made', { 'content-type': 'text/plain', 'x-own': 'yes' });
      res.end(`mail ${SECRET}`);
    },
    'a head as a list': (res) => {
      res.writeHead(200, ['Content-Type', 'text/plain', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      res.end(`mail ${SECRET}`);
    },
    gzip: (res) => {
      res.set({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
      res.end(gzipSync(JSON.stringify({ mail: SECRET })));
    },
    clean: (res) => res.json({ mail: 'none' }),
    empty: (res) => res.status(204).end(),
    'not modified': (res) => res.status(304).end(),
    redirect: (res) => res.redirect('/elsewhere'),
    binary: (res) => res.type('application/octet-stream').end(Buffer.from([0, 255, 1, 254])),
  };

  test.each(Object.keys(RESPONSES))('%s: a reporting gate changes nothing, whatever it would do', async (name) => {
    const respond = RESPONSES[name]!;
    for (const method of ['POST', 'HEAD']) {
      const bare = await answer(respond, undefined, method);
      for (const mode of ['detect', 'block', 'redact'] as const) {
        for (const streams of ['pass', 'hold'] as const) {
          const watched = await answer(respond, { gate: outbound(mode, 'report-only'), streams }, method);
          expect(watched).toEqual(bare);
        }
      }
    }
  });

  test.each(['json', 'text', 'bytes', 'end with an encoding', 'a head of its own', 'a head as a list', 'gzip'])(
    '%s: blocked is a 500 without a word of it, redacted goes out valid',
    async (name) => {
      const respond = RESPONSES[name]!;
      const blocked = await answer(respond, { gate: outbound('block') });
      expect([blocked.status, blocked.headers['content-type']]).toEqual([500, 'application/problem+json']);
      expect(JSON.parse(blocked.body)).toMatchObject({ code: 'PTC_D202', guard: 'pii' });
      expect(blocked.headers).not.toHaveProperty('etag');
      expect(blocked.headers).not.toHaveProperty('content-encoding');

      const redacted = await answer(respond, { gate: outbound('redact') });
      expect(redacted.body).toContain('[REDACTED_EMAIL]');
      const length = redacted.headers['content-length'] ?? Buffer.byteLength(redacted.body);
      expect(Number(length)).toBe(Buffer.byteLength(redacted.body));
      for (const { body } of [blocked, redacted]) expect(body).not.toContain('jane');
      if (name === 'json') expect(JSON.parse(redacted.body)).toEqual({ mail: '[REDACTED_EMAIL]', other: [1, 'x'] });
      if (name === 'a head of its own') expect([redacted.status, redacted.headers['x-own']]).toEqual([201, 'yes']);
      if (name === 'a head as a list') expect(redacted.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    },
  );

  const stream = (res: Response): void => {
    res.type('text/plain');
    res.write('mail jane@');
    setTimeout(() => {
      res.write('portcullis.dev');
      res.end(' and more');
    }, 10);
  };

  test('a stream passes unseen and unbuffered unless it is to be held', async () => {
    const early: string[] = [];
    const passing = await answer(stream, { gate: outbound('block') });
    expect([passing.status, passing.body]).toEqual([200, `mail ${SECRET} and more`]);
    expect(passing.headers['transfer-encoding']).toBe('chunked');
    // Its first part is out before the second is written.
    const app = EXPRESSES[version]();
    app.use(portcullis(inbound, { egress: { gate: outbound('block') } }));
    let finish: () => void = () => {};
    app.use((_req, res) => {
      res.write('first');
      finish = () => res.end('second');
    });
    const server = await listen(app);
    running.push(server);
    const response = await fetch(server.url);
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      early.push(new TextDecoder().decode(part));
      finish();
    }
    expect(early).toEqual(['first', 'second']);
  });

  test('a stream that is held is whole when it is looked at, and goes out chunked as it would have', async () => {
    const redacted = await answer(stream, { gate: outbound('redact'), streams: 'hold' });
    expect([redacted.status, redacted.body]).toEqual([200, 'mail [REDACTED_EMAIL] and more']);
    expect((await answer(stream, { gate: outbound('block'), streams: 'hold' })).status).toBe(500);
    const reported = await answer(stream, { gate: outbound('block', 'report-only'), streams: 'hold' });
    expect([reported.body, reported.headers['transfer-encoding']]).toEqual([`mail ${SECRET} and more`, 'chunked']);
  });

  test('a response over the cap is refused by an enforcing gate, and goes out whole under a reporting one', async () => {
    const large = (res: Response): void => {
      for (let i = 0; i < 10; i++) res.write('x'.repeat(100));
      res.end('the end');
    };
    for (const respond of [large, (res: Response) => res.send(`${'x'.repeat(1_000)}the end`)]) {
      const options = { streams: 'hold', maxBodyBytes: 250 } as const;
      const refused = await answer(respond, { gate: outbound('block'), ...options });
      expect([refused.status, JSON.parse(refused.body).code]).toEqual([500, 'PTC_D202']);
      const reported = await answer(respond, { gate: outbound('block', 'report-only'), ...options });
      expect([reported.status, reported.body]).toEqual([200, `${'x'.repeat(1_000)}the end`]);
    }
  });

  describe('a part of a whole', () => {
    const folder = mkdtempSync(join(tmpdir(), 'egress-'));
    const file = join(folder, 'people.txt');
    writeFileSync(file, `mail ${SECRET} and more`);
    afterAll(() => rmSync(folder, { recursive: true }));

    async function part(
      range: string,
      egress: EgressOptions,
      more: Readonly<Record<string, string>> = {},
      acceptRanges = true,
      method = 'GET',
    ): Promise<RawAnswer> {
      const app = EXPRESSES[version]();
      app.use(portcullis(inbound, { egress }));
      app.use((_req, res) => res.sendFile(file, { acceptRanges }));
      const server = await listen(app);
      running.push(server);
      return send(server.port, { method, headers: { range, ...more } });
    }

    test.each(['bytes=0-9', 'bytes=10-', 'bytes=5-23'])(
      '%s is refused by an enforcing gate: a value may be cut by it, and no length can be kept',
      async (range) => {
        for (const mode of ['block', 'redact'] as const) {
          const answer = await part(range, { gate: outbound(mode), streams: 'hold' });
          expect([answer.status, JSON.parse(answer.body).code]).toEqual([500, 'PTC_D202']);
          expect(answer.headers).not.toHaveProperty('content-range');
        }
      },
    );

    test('whatever says that it is a part, is one', async () => {
      for (const headers of [
        { 'content-range': 'bytes 0-9/99' },
        { 'content-type': 'Multipart/ByteRanges; boundary=x' },
      ] as const) {
        const refused = await answer((res) => res.writeHead(200, headers).end('mail jane@'), {
          gate: outbound('redact'),
        });
        expect(refused.status).toBe(500);
      }
      const status = await answer((res) => res.status(206).send('mail jane@'), { gate: outbound('redact') });
      expect(status.status).toBe(500);
    });

    test('a range that is not met, ignored or asked for without a body is no part', async () => {
      const egress = { gate: outbound('redact'), streams: 'hold' } as const;
      const whole = 'mail [REDACTED_EMAIL] and more';
      const unmet = await part('bytes=999-', egress);
      expect([unmet.status, unmet.headers['content-range']]).toEqual([416, 'bytes */33']);
      expect((await part('bytes=0-9', egress, {}, true, 'HEAD')).status).toBe(206);
      const outdated = await part('bytes=0-9', egress, { 'if-range': '"another"' });
      expect([outdated.status, outdated.body]).toEqual([200, whole]);
      const ignored = await part('bytes=0-9', egress, {}, false);
      expect([ignored.status, ignored.body, ignored.headers['accept-ranges']]).toEqual([200, whole, undefined]);
    });

    test('a gate that does not look at bodies lets it through', async () => {
      const head: Guard = { name: 'head', defaultStage: 'enforce', inspect: () => ({ kind: 'pass' }) };
      const answer = await part('bytes=0-3', { gate: createGate({ guards: [head] }), streams: 'hold' });
      expect([answer.status, answer.body]).toEqual([206, 'mail']);
    });
  });

  test("an enforcing gate sends the phrase that belongs to the status, a reporting one the application's", async () => {
    const phrase = (egress: EgressOptions | undefined, respond: (res: Response) => unknown): Promise<string> =>
      phraseOf(version, egress, respond);
    const ways: readonly ((res: Response, body: string) => unknown)[] = [
      (res, body) => {
        res.statusMessage = SECRET;
        res.send(body);
      },
      (res, body) => res.writeHead(200, SECRET, { 'x-own': '1' }).end(body),
      (res, body) => res.writeHead(200, SECRET).end(body),
      (res, body) => {
        res.setHeader('x-own', '1');
        res.writeHead(200, SECRET, ['x-other', '2']);
        res.write(body);
        res.end();
      },
    ];
    for (const respond of ways) {
      for (const mode of ['detect', 'block', 'redact'] as const) {
        const streams = 'hold';
        const clean = (res: Response): unknown => respond(res, 'clean');
        const found = (res: Response): unknown => respond(res, `mail ${SECRET}`);
        expect(await phrase({ gate: outbound(mode), streams }, clean)).toBe('OK');
        const status = mode === 'block' ? 'Internal Server Error' : 'OK';
        expect(await phrase({ gate: outbound(mode), streams }, found)).toBe(status);
        expect(await phrase({ gate: outbound(mode, 'report-only'), streams }, found)).toBe(SECRET);
      }
    }
    const mixed = createGate({
      guards: [{ name: 'head', defaultStage: 'enforce', inspect: () => ({ kind: 'pass' }) }, pii()],
    });
    expect(await phrase({ gate: mixed }, (res) => ways[0]!(res, 'clean'))).toBe('OK');
    expect(await phrase({ gate: createGate({ guards: [] }) }, (res) => ways[0]!(res, 'clean'))).toBe(SECRET);
    expect(await phrase({ gate: outbound('redact') }, (res) => res.writeHead(299, SECRET).end('x'))).toBe('unknown');
  });

  test('a body that is never sent is not looked at', async () => {
    for (const status of [204, 304]) {
      for (const mode of ['block', 'redact'] as const) {
        const bare = await answer((res) => res.status(status).end(SECRET), undefined);
        expect(await answer((res) => res.status(status).end(SECRET), { gate: outbound(mode) })).toEqual(bare);
      }
    }
  });

  test('a guard that fails holds back, or lets through, as its onError says', async () => {
    for (const [onError, status] of [
      ['closed', 500],
      ['open', 200],
    ] as const) {
      const failing: Guard = {
        name: 'failing',
        reads: 'body',
        defaultStage: 'enforce',
        onError,
        inspect: () => {
          throw new Error(SECRET);
        },
      };
      const response = await answer(RESPONSES.clean!, { gate: createGate({ guards: [failing] }) });
      expect(response.status).toBe(status);
      expect(response.body).not.toContain('jane');
    }
  });

  test('the gate sees status, headers and body of the response, and the request that it answers', async () => {
    const seen: unknown[] = [];
    const watcher: Guard = {
      name: 'watcher',
      reads: 'body',
      inspect(exchange) {
        seen.push([exchange.method, exchange.path, exchange.query, exchange.header('x-own'), exchange.text()]);
        seen.push([exchange.request?.header('x-asked'), exchange.request?.request]);
        return { kind: 'pass' };
      },
    };
    const app = EXPRESSES[version]();
    app.use(portcullis(inbound, { egress: { gate: createGate({ guards: [watcher] }) } }));
    app.use((_req, res) => void res.set('x-own', 'yes').send('hello'));
    const server = await listen(app);
    running.push(server);
    await send(server.port, { path: '/a?b=c', headers: { 'x-asked': 'me' } });
    expect(seen).toEqual([
      ['POST', '/a', 'b=c', 'yes', 'hello'],
      ['me', undefined],
    ]);
  });

  test('a refusal keeps no header that may hold what was found', async () => {
    const gate = createGate({ guards: [pii({ mode: 'block', headers: ['x-pii'] })], stages: { pii: 'enforce' } });
    for (const body of ['ok', SECRET]) {
      const refused = await answer(
        (res) => res.set({ 'x-pii': SECRET, 'x-user': SECRET, 'set-cookie': SECRET, vary: 'a' }).send(body),
        { gate },
      );
      expect([refused.status, JSON.stringify(refused).includes('jane'), refused.headers.vary]).toEqual([
        500,
        false,
        'a',
      ]);
    }
  });

  describe('headers', () => {
    const WAYS: Readonly<Record<string, (res: Response, name: string, value: string) => unknown>> = {
      setHeader: (res, name, value) => res.setHeader(name, value),
      'setHeader with a list': (res, name, value) => res.setHeader(name, ['first', value]),
      appendHeader: (res, name, value) => res.setHeader(name, 'first').appendHeader(name, value),
      'a head': (res, name, value) => res.writeHead(200, { [name]: value }),
      'a head with a list': (res, name, value) => res.writeHead(200, 'OK', { [name]: ['first', value] }),
      'a list': (res, name, value) => res.writeHead(200, ['x-other', '1', name, value]),
      pairs: (res, name, value) => {
        res.writeHead(200, [
          ['x-other', '1'],
          [name, value],
        ] as never);
      },
      'a head over another': (res, name, value) => res.setHeader(name, 'first').writeHead(200, { [name]: value }),
      trailers: (res, name, value) => {
        res.setHeader('trailer', name);
        res.addTrailers({ [name]: value });
      },
    };

    test.each(Object.keys(WAYS))(
      'by %s: those that are named are looked at and refuse, others are not',
      async (way) => {
        for (const name of ['Location', 'Set-Cookie', 'X-Custom']) {
          const respond = (res: Response): void => {
            WAYS[way]!(res, name, `/u/${SECRET}`);
            res.end('ok');
          };
          for (const mode of ['block', 'redact'] as const) {
            const named = createGate({
              guards: [pii({ mode, headers: ['location', 'set-cookie', 'x-custom'] })],
              stages: { pii: 'enforce' },
            });
            const refused = await answer(respond, { gate: named });
            expect([refused.status, JSON.stringify(refused).includes('jane')]).toEqual([500, false]);
            const passed = await answer(respond, { gate: outbound(mode) });
            expect([passed.status, passed.body]).toEqual([200, 'ok']);
            // Of several locations and of trailers, a client shows nothing.
            if (way !== 'trailers' && name !== 'Location')
              expect(JSON.stringify(passed.headers[name.toLowerCase()])).toContain(SECRET);
          }
        }
      },
    );

    test('a refusal keeps none of the headers that it would where one of them held something, whoever found it', async () => {
      for (const mode of ['detect', 'block'] as const) {
        const refuser: Guard = {
          name: 'refuser',
          defaultStage: 'enforce',
          inspect: () => ({ kind: 'deny', code: 'PTC_D411' }),
        };
        const gate = createGate({
          guards: [pii({ mode, headers: ['vary', 'access-control-allow-origin'] }), refuser],
          stages: { pii: 'enforce' },
        });
        const respond = (res: Response): unknown =>
          res
            .set({ vary: SECRET, 'access-control-allow-origin': `https://${SECRET}`, 'access-control-max-age': '1' })
            .end();
        const refused = await answer(respond, { gate });
        expect([refused.status, JSON.stringify(refused).includes('jane')]).toEqual([500, false]);
        expect(refused.headers).not.toHaveProperty('access-control-max-age');
      }
    });

    test('a redacted response has no trailers: they speak of its old bytes', async () => {
      const respond = (res: Response): void => {
        res.setHeader('Trailer', 'Content-Digest');
        res.write(`mail ${SECRET}`);
        res.addTrailers({ 'Content-Digest': 'sha-256=:AAAA:' });
        res.end();
      };
      const app = EXPRESSES[version]();
      app.use(portcullis(inbound, { egress: { gate: outbound('redact'), streams: 'hold' } }));
      app.use((_req, res) => respond(res));
      const server = await listen(app);
      running.push(server);
      const raw = await exchangeRaw(server.port, requestText());
      expect(raw).toMatch(/\r\n\r\n15\r\nmail \[REDACTED_EMAIL\]\r\n0\r\n\r\n$/);
      expect(raw).not.toMatch(/digest/i);
    });
  });

  test('what an application does after it has ended a response changes nothing', async () => {
    const slow: Guard = {
      name: 'slow',
      defaultStage: 'enforce',
      inspect: () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'pass' }), 20)),
    };
    const after: readonly ((res: Response) => unknown)[] = [
      (res) => res.flushHeaders(),
      (res) => res.write('more'),
      (res) => res.end('more'),
      (res) => res.headersSent || res.json({ second: 1 }),
      (res) => res.status(500),
      (res) => res.writableEnded || res.end('again'),
      (res) => res.setHeader('content-length', '1'),
      (res) => res.writeHead(500),
    ];
    for (const more of after) {
      const respond =
        (text: string) =>
        (res: Response): void => {
          res.on('error', () => {});
          res.send(text);
          try {
            more(res);
          } catch {}
        };
      for (const streams of ['pass', 'hold'] as const) {
        const blocked = await answer(respond(`mail ${SECRET}`), {
          gate: createGate({ guards: [slow, pii({ mode: 'block' })], stages: { pii: 'enforce' } }),
          streams,
        });
        expect([blocked.status, blocked.body.includes('jane')]).toEqual([500, false]);
        const clean = await answer(respond('hello'), { gate: createGate({ guards: [slow] }), streams });
        expect([clean.status, clean.body, clean.headers['content-length']]).toEqual([200, 'hello', '5']);
      }
    }
  });

  test('what the gate itself refuses is not looked at again', async () => {
    const refuser: Guard = {
      name: 'refuser',
      defaultStage: 'enforce',
      inspect: () => ({ kind: 'deny', code: 'PTC_D411' }),
    };
    const app = EXPRESSES[version]();
    const before = recorder.decisions.length;
    app.use(portcullis(createGate({ guards: [refuser] }), { egress: { gate: outbound('block') } }));
    const server = await listen(app);
    running.push(server);
    expect((await send(server.port)).status).toBe(400);
    expect(recorder.decisions.length).toBe(before);
  });
});

/** The reason phrase as it is on the wire. */
async function phraseOf(
  version: 4 | 5,
  egress: EgressOptions | undefined,
  respond: (res: Response) => unknown,
): Promise<string> {
  const app = EXPRESSES[version]();
  app.use(portcullis(inbound, egress === undefined ? {} : { egress }));
  app.use((_req, res) => void respond(res));
  const server = await listen(app);
  running.push(server);
  return /^HTTP\/1\.1 \d+ (.*)\r$/m.exec(await exchangeRaw(server.port, requestText()))?.[1] ?? '';
}

test.each<[unknown, RegExp]>([
  [null, /PTC_E002 .*express\.egress/],
  [{}, /PTC_E001 .*express\.egress\.gate/],
  [{ gate: inbound, streams: 'buffer' }, /PTC_E003 .*express\.egress\.streams .*pass, hold/],
  [{ gate: inbound, maxBodyBytes: 0 }, /PTC_E003 .*express\.egress\.maxBodyBytes/],
  [{ gate: inbound, types: [] }, /PTC_E004 .*express\.egress\.types/],
])('egress %j is refused', (egress, message) => {
  expect(() => portcullis(inbound, { egress: egress as never })).toThrow(message);
});
