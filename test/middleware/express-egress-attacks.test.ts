import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Express, RequestHandler, Response } from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { portcullis } from '../../middleware/express.ts';
import type { EgressOptions } from '../../middleware/node-egress.ts';
import { createGate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { type PiiMode, pii } from '../../src/guards/pii/guard.ts';
import type { Stage } from '../../src/stage.ts';
import { EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen, type Running } from '../helpers/http.ts';
import { exchangeRaw, requestText, undated } from '../helpers/raw.ts';

const running: Running[] = [];
const strays: unknown[] = [];
const onStray = (error: unknown): void => void strays.push(error);
process.on('unhandledRejection', onStray);
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  expect(strays.splice(0)).toEqual([]);
});

const SECRET = 'jane@portcullis.dev';
const inbound = createGate({ guards: [] });
const outbound = (mode: PiiMode, stage: Stage = 'enforce', ms?: number): EgressOptions['gate'] =>
  createGate({ guards: [...(ms === undefined ? [] : [slow(ms)]), pii({ mode })], stages: { pii: stage } });
const slow = (ms: number): Guard => ({
  name: 'slow',
  inspect: () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'pass' }), ms)),
});
const until = (condition: () => boolean): Promise<void> => vi.waitFor(() => expect(condition()).toBe(true));

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  async function serve(
    egress: EgressOptions | undefined,
    respond: (res: Response) => unknown,
    before: readonly RequestHandler[] = [],
  ): Promise<Running> {
    const app: Express = EXPRESSES[version]();
    app.use(...before, portcullis(inbound, egress === undefined ? {} : { egress }));
    app.use((_req, res) => void respond(res));
    const server = await listen(app);
    running.push(server);
    return server;
  }

  test.each(['pass', 'hold'] as const)(
    'a wrapper before the gate that fails leaks nothing and hangs nobody (%s)',
    async (streams) => {
      for (const method of ['writeHead', 'end'] as const) {
        const broken: RequestHandler = (_req, res, next) => {
          const original = res[method] as (...args: unknown[]) => unknown;
          let calls = 0;
          Object.assign(res, {
            [method](...args: unknown[]) {
              if (calls++ === 0) {
                if (method === 'end') res.flushHeaders();
                throw new Error(SECRET);
              }
              return original.apply(res, args);
            },
          });
          next();
        };
        for (const mode of ['block', 'redact'] as const) {
          for (const stage of ['enforce', 'report-only'] as const) {
            const { port } = await serve(
              { gate: outbound(mode, stage), streams },
              (res) => res.json({ mail: SECRET }),
              [broken],
            );
            const answer = await exchangeRaw(port, requestText());
            expect(answer).not.toContain('jane');
            expect(answer.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThan(2);
          }
        }
      }
    },
  );

  const found = (res: Response): unknown => res.json({ mail: SECRET });
  const fetchOf = async (server: Running, method = 'GET'): Promise<[status: number, body: string]> => {
    const answer = await fetch(server.url, { method });
    return [answer.status, await answer.text()];
  };

  test('pipelined requests are answered in their order, each by its own decision', async () => {
    const respond = (res: Response): unknown => {
      const at = Number(res.req.url.slice(1));
      if (at === 1) return res.send('clean');
      if (at === 2) {
        res.write(`part ${SECRET}`);
        return res.end('end');
      }
      return res.json({ at, mail: SECRET });
    };
    // The later the request, the sooner its decision.
    const hasty: Guard = {
      name: 'hasty',
      inspect: ({ path }) =>
        new Promise((resolve) => setTimeout(() => resolve({ kind: 'pass' }), 40 - 10 * Number(path[1]))),
    };
    const requests = [0, 1, 2, 3].map(
      (at) => `GET /${at} HTTP/1.1\r\nHost: h\r\n${at === 3 ? 'Connection: close\r\n' : ''}\r\n`,
    );
    const gate = (mode: PiiMode, stage: Stage): EgressOptions['gate'] =>
      createGate({ guards: [hasty, pii({ mode })], stages: { pii: stage } });
    const bare = undated(await exchangeRaw((await serve(undefined, respond)).port, requests.join('')));
    for (const streams of ['pass', 'hold'] as const) {
      const reported = await serve({ gate: gate('block', 'report-only'), streams }, respond);
      expect(undated(await exchangeRaw(reported.port, requests.join('')))).toBe(bare);
    }
    const blocked = await exchangeRaw(
      (await serve({ gate: gate('block', 'enforce'), streams: 'hold' }, respond)).port,
      requests.join(''),
    );
    expect(blocked.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 500', 'HTTP/1.1 200', 'HTTP/1.1 500', 'HTTP/1.1 500']);
    expect(blocked).not.toContain('jane');
  });

  test('a client that goes away while the gate decides, or before, leaves nothing behind', async () => {
    for (const mode of ['block', 'redact', 'detect'] as const) {
      for (const streams of ['pass', 'hold'] as const) {
        const events: string[] = [];
        const server = await serve({ gate: outbound(mode, 'enforce', 200), streams }, (res) => {
          res.on('error', () => events.push('error'));
          res.on('finish', () => events.push('finish'));
          res.on('close', () => setTimeout(() => events.push('close'), 300));
          found(res);
        });
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write(requestText(), () => setTimeout(() => socket.destroy(), 10));
        await until(() => events.length > 0);
        expect(events).toEqual(['close']);
      }
    }
  });

  test('what was written by then has its callback called', async () => {
    for (const maxBodyBytes of [1, 1_000]) {
      const called: unknown[] = [];
      const egress = { gate: outbound('redact', 'enforce', 30), streams: 'hold', maxBodyBytes } as const;
      const server = await serve(egress, (res) => {
        res.write('first', (error) => called.push(error?.message));
        setTimeout(() => res.destroy(), 5);
        setTimeout(() => res.write('second', (error) => called.push(error?.message)), 10);
      });
      await exchangeRaw(server.port, requestText());
      await until(() => called.length === 2);
      expect(called).toContain('Cannot call write after a stream was destroyed');
    }
  });

  test('a stream past the cap waits for the decision, then flows to its end or is cut', async () => {
    const chunk = Buffer.alloc(10_000, 'x');
    for (const stage of ['report-only', 'enforce'] as const) {
      let ahead = 0;
      let most = 0;
      let settled: unknown;
      const source = async function* (): AsyncGenerator<Buffer> {
        for (let i = 0; i < 300; i++) {
          ahead += chunk.length;
          most = Math.max(most, ahead);
          yield chunk;
        }
      };
      const egress = { gate: outbound('block', stage, 50), streams: 'hold', maxBodyBytes: 50_000 } as const;
      const server = await serve(egress, (res) => {
        res.on('drain', () => {
          ahead = -Infinity;
        });
        pipeline(Readable.from(source(), { highWaterMark: 1 }), res).then(
          () => {
            settled = 'whole';
          },
          (error: Error) => {
            settled = error;
          },
        );
      });
      const [status, body] = await fetchOf(server);
      expect([status, body.length]).toEqual(stage === 'enforce' ? [500, expect.any(Number)] : [200, 3_000_000]);
      await until(() => settled !== undefined);
      expect(most).toBeLessThan(100_000);
    }
  });

  test('an application that waits for drain, or for a callback, after a refusal does not wait for ever', async () => {
    const steps: string[] = [];
    const egress = { gate: outbound('block', 'enforce', 10), streams: 'hold', maxBodyBytes: 5 } as const;
    const server = await serve(egress, async (res) => {
      const drained = new Promise<void>((resolve) => res.once('drain', resolve));
      if (!res.write('more than five')) await drained;
      steps.push('drained');
      await new Promise<void>((resolve) => res.write(SECRET, () => resolve()));
      steps.push('written');
      await new Promise<void>((resolve) => res.end('end', () => resolve()));
      steps.push('ended');
    });
    expect((await fetchOf(server))[0]).toBe(500);
    await until(() => steps.length === 3);
  });

  test('what is compressed is looked at, and what cannot be is refused', async () => {
    const json = JSON.stringify({ mail: SECRET });
    const bodies: readonly [encoding: string, body: Buffer, isReadable: boolean][] = [
      ['gzip', gzipSync(json), true],
      ['X-GZip', gzipSync(json), true],
      ['br', brotliCompressSync(json), true],
      ['deflate', deflateSync(json), true],
      ['deflate', deflateRawSync(json), false],
      ['gzip', Buffer.concat([gzipSync('{"a":1'), gzipSync(`,"mail":"${SECRET}"}`)]), true],
      ['gzip', gzipSync(json).subarray(0, -9), false],
      ['gzip, br', brotliCompressSync(gzipSync(json)), false],
      ['zstd', Buffer.from(json), false],
      ['gzip', gzipSync(Buffer.alloc(2 ** 24, '1')), false],
      ['br', brotliCompressSync(Buffer.alloc(2 ** 24, '1')), false],
    ];
    for (const [encoding, body, isReadable] of bodies) {
      const respond = (res: Response): unknown => {
        res.setHeader('content-type', 'application/json');
        return res.writeHead(200, { 'content-encoding': encoding }).end(body);
      };
      const [bare, reported] = await Promise.all(
        [undefined, { gate: outbound('redact', 'report-only') }].map(async (egress) =>
          undated(await exchangeRaw((await serve(egress, respond)).port, requestText())),
        ),
      );
      expect(reported).toBe(bare);
      const refused = await exchangeRaw((await serve({ gate: outbound('block') }, respond)).port, requestText());
      expect(refused).toMatch(/^HTTP\/1\.1 500 /);
      expect(refused).not.toMatch(/content-encoding/i);
      const redacted = await exchangeRaw((await serve({ gate: outbound('redact') }, respond)).port, requestText());
      expect(redacted.includes('[REDACTED_EMAIL]'), encoding).toBe(isReadable);
      if (!isReadable) expect(redacted).toMatch(/^HTTP\/1\.1 500 /);
    }
  });

  test('a body that is coded for its transfer is refused, but for chunks', async () => {
    for (const [coding, status] of [
      ['gzip, chunked', 500],
      ['deflate', 500],
      [['gzip', 'chunked'], 500],
      ['chunked', 200],
      ['Chunked ', 200],
    ] as const) {
      const respond = (res: Response): unknown => {
        res.setHeader('transfer-encoding', coding as string);
        return res.end(status === 200 ? `mail ${SECRET}` : gzipSync(`mail ${SECRET}`));
      };
      for (const mode of ['block', 'redact'] as const) {
        const server = await serve({ gate: outbound(mode) }, respond);
        const answer = await exchangeRaw(server.port, requestText());
        const expected = mode === 'redact' ? status : 500;
        expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${expected} `));
        // Never both: what counts the body is the one or the other.
        expect(/content-length/i.test(answer)).toBe(!/transfer-encoding/i.test(answer));
        if (expected === 200) expect(answer).toContain('\r\n15\r\nmail [REDACTED_EMAIL]\r\n0\r\n\r\n');
      }
    }
  });

  test('a redaction counts its bytes anew, however the old ones were counted', async () => {
    const text = `mail ${SECRET}`;
    const ways: readonly ((res: Response) => unknown)[] = [
      (res) => res.set('content-length', String(text.length)).end(text),
      (res) => res.writeHead(200, { 'content-length': text.length }).end(text),
      (res) => {
        res.set('content-length', String(text.length));
        res.write(text);
        res.end();
      },
      (res) => {
        res.removeHeader('content-length');
        res.end(text);
      },
      (res) => {
        res.set({ 'content-length': '7', 'transfer-encoding': 'chunked' });
        res.write(text);
        res.end();
      },
      (res) => {
        res.flushHeaders();
        res.end(text);
      },
      (res) => {
        res.sendDate = false;
        res.shouldKeepAlive = false;
        res.end(text);
      },
    ];
    for (const [at, respond] of ways.entries()) {
      const server = await serve({ gate: outbound('redact'), streams: 'hold' }, respond);
      const raw = await exchangeRaw(server.port, requestText());
      expect(/content-length/i.test(raw), `${at}`).toBe(!/transfer-encoding/i.test(raw));
      // A client that keeps the connection would wait for more, or take a rest for the next answer.
      const answer = await fetch(server.url);
      expect(await answer.text()).toBe('mail [REDACTED_EMAIL]');
      expect((await fetch(server.url)).status).toBe(200);
    }
  });

  test('whatever encoding a text is written in, its bytes are looked at', async () => {
    const text = `mail ${SECRET}`;
    const written: readonly ((res: Response) => unknown)[] = [
      (res) => res.end(text, 'latin1'),
      (res) => res.end(text, 'ascii'),
      (res) => res.end(text, 'binary'),
      (res) => res.end(Buffer.from(text).toString('hex'), 'hex'),
      (res) => res.end(Buffer.from(text).toString('base64'), 'base64'),
      (res) => res.end(Buffer.from(text).toString('base64url'), 'base64url'),
      (res) => res.type('text/plain; charset=utf-16le').end(text, 'utf16le'),
      (res) => res.type('application/octet-stream').end(text, 'ucs2'),
      (res) => res.end(new Uint8Array(new SharedArrayBuffer(64)).fill(32).map((_, at) => text.charCodeAt(at) || 32)),
      (res) => res.end(new (class Own extends Uint8Array {})(Buffer.from(text))),
      (res) => {
        res.write(text.slice(0, 9));
        res.write(Buffer.from(text.slice(9, 12)).toString('hex'), 'hex');
        res.end(text.slice(12), 'latin1');
      },
      (res) => {
        const bytes = Buffer.from(text.replace('@', ' '));
        res.end(bytes);
        bytes.write(text);
      },
    ];
    for (const [at, respond] of written.entries()) {
      for (const mode of ['block', 'redact'] as const) {
        const server = await serve({ gate: outbound(mode), streams: 'hold' }, respond);
        const answer = (await exchangeRaw(server.port, requestText()))
          .replaceAll('\0', '')
          .replaceAll(/\r\n\w+\r\n/g, '');
        expect(answer, `${at}`).not.toContain(SECRET);
      }
    }
  });

  test('files and scripts are looked at where they are held', async () => {
    for (const [respond, type] of [
      [(res: Response) => res.jsonp({ mail: SECRET }), 'text/javascript'],
      [(res: Response) => Readable.from(['jane@', 'portcullis.dev']).pipe(res), undefined],
    ] as const) {
      const server = await serve({ gate: outbound('redact'), streams: 'hold' }, respond);
      const answer = await fetch(`${server.url}/?callback=f`);
      expect([answer.headers.get('content-type')?.split(';')[0], await answer.text()]).toEqual([
        type,
        expect.stringContaining('[REDACTED_EMAIL]'),
      ]);
    }
  });

  test('HTTP/1.0: a redaction is framed as that version frames', async () => {
    const inParts = (res: Response): void => {
      res.write('mail ');
      res.end(SECRET);
    };
    for (const respond of [found, inParts]) {
      const server = await serve({ gate: outbound('redact'), streams: 'hold' }, respond);
      const answer = await exchangeRaw(server.port, 'GET / HTTP/1.0\r\nHost: h\r\n\r\n');
      const [head, body] = answer.split('\r\n\r\n');
      expect(body).toContain('[REDACTED_EMAIL]');
      expect(head).not.toMatch(/transfer-encoding/i);
      const length = /content-length: (\d+)/i.exec(head!)?.[1];
      if (length !== undefined) expect(body).toHaveLength(Number(length));
    }
  });

  test('two gates, one behind the other: each has its say', async () => {
    for (const [outer, inner, status, body] of [
      ['redact', 'detect', 200, '{"mail":"[REDACTED_EMAIL]"}'],
      ['detect', 'redact', 200, '{"mail":"[REDACTED_EMAIL]"}'],
      ['block', 'detect', 500, 'PTC_D202'],
      ['detect', 'block', 500, 'PTC_D202'],
      ['redact', 'redact', 200, '{"mail":"[REDACTED_EMAIL]"}'],
    ] as const) {
      for (const streams of ['pass', 'hold'] as const) {
        const first = portcullis(inbound, { egress: { gate: outbound(outer, 'enforce', 5), streams } });
        const server = await serve({ gate: outbound(inner, 'enforce', 5), streams }, found, [first]);
        const answer = await fetchOf(server);
        expect(answer).toEqual([status, expect.stringContaining(body)]);
      }
    }
  });

  test('a server that allows no body where there is none says so to the application', async () => {
    for (const stage of ['enforce', 'report-only'] as const) {
      const app: Express = EXPRESSES[version]();
      let code: unknown;
      app.use(portcullis(inbound, { egress: { gate: outbound('redact', stage), streams: 'hold' } }));
      app.use((_req, res) => {
        try {
          res.end(SECRET);
        } catch (error) {
          ({ code } = error as NodeJS.ErrnoException);
          res.end();
        }
      });
      const server = createServer({ rejectNonStandardBodyWrites: true }, app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const answer = await exchangeRaw((server.address() as AddressInfo).port, requestText('HEAD'));
      expect([answer.slice(0, 12), code]).toEqual(['HTTP/1.1 200', 'ERR_HTTP_BODY_NOT_ALLOWED']);
      server.close();
    }
  });
});
