import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { ErrorRequestHandler, Response } from 'express';
import { afterAll, describe, expect, test } from 'vitest';
import { portcullis } from '../../middleware/express.ts';
import type { EgressOptions } from '../../middleware/node-egress.ts';
import { createGate } from '../../src/gate.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen } from '../helpers/http.ts';
import { exchangeRaw, requestText, undated } from '../helpers/raw.ts';

const SECRET = 'jane@portcullis.dev';
const inbound = createGate({ guards: [] });
const folder = mkdtempSync(join(tmpdir(), 'egress-'));
const file = join(folder, 'people.txt');
writeFileSync(file, `mail ${SECRET} and more`);
afterAll(() => rmSync(folder, { recursive: true }));

type Log = (...seen: readonly unknown[]) => void;
type Program = (res: Response, log: Log) => unknown;

/** What an error is to whoever catches it. */
function errorOf(error: unknown): unknown {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return [name, Object.getPrototypeOf(error).constructor.name, code, message];
}

function attempt(log: Log, act: () => unknown): void {
  try {
    act();
    log('done');
  } catch (error) {
    log(errorOf(error));
  }
}

interface Seen {
  readonly wire: string;
  readonly log: readonly unknown[];
  /** What came once the application had returned: in what order depends on when the bytes go out. */
  readonly later: readonly string[];
}

/** Runs a program as the application, and returns every byte on the wire and all that the application saw. */
async function observe(
  version: 4 | 5,
  program: Program,
  egress: EgressOptions | undefined,
  request: string,
  poweredBy = false,
): Promise<Seen> {
  const seen: unknown[] = [];
  const later: string[] = [];
  let isRunning = true;
  const log: Log = (...values) => (isRunning ? seen.push(values) : later.push(JSON.stringify(values)));
  const app = EXPRESSES[version]();
  if (!poweredBy) app.disable('x-powered-by');
  let closed: () => void = () => {};
  const close = new Promise<void>((resolve) => {
    closed = resolve;
  });
  app.use((_req, res, next) => {
    res.on('close', closed);
    next();
  });
  app.use(portcullis(inbound, egress === undefined ? {} : { egress }));
  app.use((_req, res) => {
    for (const event of ['finish', 'close'] as const) res.on(event, () => log(event));
    try {
      program(res, log);
    } finally {
      isRunning = false;
    }
  });
  const onError: ErrorRequestHandler = (error, _req, res, next) => {
    log('thrown', errorOf(error), res.headersSent);
    if (res.headersSent) next(error);
    else {
      res.statusMessage = '';
      res.removeHeader('trailer');
      res.status(500).type('text/plain').send('failed');
    }
  };
  app.use(onError);
  const server = await listen(app);
  try {
    const wire = undated(await exchangeRaw(server.port, request));
    await close;
    return { wire, log: seen, later: later.sort() };
  } finally {
    await server.close();
  }
}

const GET = requestText();
const HEAD = requestText('HEAD');
const OLD = requestText('GET', '/', [], '1.0');

const PROGRAMS: Readonly<Record<string, readonly [request: string, program: Program]>> = {
  'a status that there is not': [GET, (res) => res.writeHead(99_999).end(SECRET)],
  'a status that there is not, caught': [
    GET,
    (res, log) => {
      attempt(log, () => res.writeHead(99_999, { 'x-a': '1' }));
      log(res.headersSent, res.statusCode, res.getHeaders());
      res.end('after all');
    },
  ],
  'a status that there is not, set': [
    GET,
    (res) => {
      res.statusCode = 99_999;
      res.end('x');
    },
  ],
  'a number as the body': [GET, (res) => res.end(5 as never)],
  'a number as a part': [GET, (res) => res.write(5 as never)],
  'null as a part': [GET, (res) => res.write(null as never)],
  'an object as the body, caught': [
    GET,
    (res, log) => {
      attempt(log, () => res.end({} as never));
      log(res.headersSent, res.writableEnded);
      res.end('after all');
    },
  ],
  'nothing as the body': [GET, (res) => res.end(0 as never)],
  'a phrase that there is not': [
    GET,
    (res) => {
      res.statusMessage = 'a\nb';
      res.end('x');
    },
  ],
  'a header that there is not': [GET, (res) => res.writeHead(200, { 'x a': '1' }).end('x')],
  'a header without a value': [GET, (res) => res.writeHead(200, { 'x-b': '1', 'x-a': undefined }).end('x')],
  'half a pair of headers': [GET, (res) => res.writeHead(200, ['x-a', '1', 'x-b'] as never).end('x')],
  'headers twice in one list': [
    GET,
    (res) => res.writeHead(200, ['X-A', '1', 'X-B', '2', 'X-A', '3', 'Content-Type', 'text/plain']).end(SECRET),
  ],
  'two heads': [GET, (res) => res.writeHead(201).writeHead(202).end('x')],
  'a header after the head': [
    GET,
    (res, log) => {
      res.setHeader('x-a', '1');
      res.writeHead(201, 'Made', { 'x-b': ['2', '3'] });
      log(res.headersSent, res.statusCode, res.statusMessage, res.getHeaders());
      attempt(log, () => res.setHeader('x-c', '4'));
      attempt(log, () => res.removeHeader('x-a'));
      attempt(log, () => res.appendHeader('x-a', '4'));
      attempt(log, () => res.status(500).json({}));
      log(res.headersSent, res.writableEnded);
      res.end(SECRET);
    },
  ],
  'an error after the head': [
    GET,
    (res) => {
      res.writeHead(201);
      throw new TypeError('mine');
    },
  ],
  trailers: [
    GET,
    (res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      res.write(`mail ${SECRET}`);
      res.addTrailers({ 'x-sum': '1', 'x-two': ['2', '3'] as never });
      res.end('more');
    },
  ],
  'trailers of a whole body': [
    GET,
    (res) => {
      res.setHeader('trailer', 'x-sum');
      res.addTrailers({ 'x-sum': '1' });
      res.end(`mail ${SECRET}`);
    },
  ],
  'trailers for HEAD': [
    HEAD,
    (res) => {
      res.setHeader('trailer', 'x-sum');
      res.addTrailers({ 'x-sum': '1' });
      res.end('x');
    },
  ],
  'trailers for HEAD, not announced': [
    HEAD,
    (res) => {
      res.addTrailers({ 'x-sum': '1' });
      res.end('x');
    },
  ],
  'trailers beside a length': [
    GET,
    (res) => {
      res.set({ trailer: 'x-sum', 'content-length': '1' });
      res.end('x');
    },
  ],
  'trailers that there are not': [GET, (res) => res.addTrailers({ 'x sum': '1' })],
  'a strict length that does not hold': [
    GET,
    (res) => {
      res.strictContentLength = true;
      res.setHeader('content-length', '3');
      res.end('four');
    },
  ],
  'a strict length that does not hold, in parts': [
    GET,
    (res, log) => {
      res.strictContentLength = true;
      res.setHeader('content-length', '3');
      res.write('ab');
      attempt(log, () => res.write('cd'));
      res.end('c');
    },
  ],
  'a length that does not hold': [
    GET,
    (res) => {
      res.setHeader('content-length', '3');
      res.end('four');
    },
  ],
  'a length beside chunks': [
    GET,
    (res) => {
      res.set({ 'content-length': '10', 'transfer-encoding': 'chunked' });
      res.write('four');
      res.end('and');
    },
  ],
  'what is seen after the end': [
    GET,
    (res, log) => {
      log(res.headersSent, res.writableEnded, res.finished);
      log(res.end(SECRET) === res);
      log(res.headersSent, res.writableEnded, res.finished, res.statusCode, res.statusMessage);
      for (const act of [
        () => res.setHeader('x-a', '1'),
        () => res.removeHeader('x-a'),
        () => res.writeHead(500),
        () => res.flushHeaders(),
        () => res.addTrailers({ 'x-a': '1' }),
        () => res.cork(),
        () => res.end(),
        () => res.json({}),
      ]) {
        attempt(log, act);
      }
    },
  ],
  'a write after the end': [
    GET,
    (res, log) => {
      res.on('error', (error) => log('error event', errorOf(error)));
      res.end('x');
      log(res.write('y', (error) => log('write', error && errorOf(error))));
      log(res.end('z', () => log('second end')) === res);
      attempt(log, () => res.write(5 as never));
    },
  ],
  callbacks: [
    GET,
    (res, log) => {
      res.write('a', () => log('write'));
      res.write('b', 'latin1', () => log('encoded'));
      res.end('c', () => log('end'));
    },
  ],
  'a callback before the next part': [GET, (res) => res.write('a', () => res.write('b', 'utf8', () => res.end('c')))],
  'nothing at all': [GET, (res) => res.end()],
  'an empty part': [
    GET,
    (res) => {
      res.write('');
      res.end('x');
    },
  ],
  'parts that are chunks': [
    GET,
    (res) => {
      res.write(`mail ${SECRET}`);
      res.write(Buffer.from('bytes'));
      res.write('6d6f7265', 'hex');
      res.end('dGhlIGVuZA==', 'base64');
    },
  ],
  'corked parts': [
    GET,
    (res) => {
      res.cork();
      res.write('a');
      res.write('b');
      process.nextTick(() => {
        res.uncork();
        res.end('c');
      });
    },
  ],
  encodings: [
    GET,
    (res) => {
      res.write('é', 'latin1');
      res.write('é', 'utf16le');
      res.write('é', 'ascii');
      res.write('é', null as never);
      res.end('é', 'ucs2');
    },
  ],
  'base64 that is none': [
    GET,
    (res) => {
      res.writeHead(200);
      res.end('!!!!', 'base64');
    },
  ],
  'an encoding that there is not': [GET, (res) => res.end('x', 'utf-99' as never)],
  'a head that is flushed': [
    GET,
    (res) => {
      res.flushHeaders();
      res.end(SECRET);
    },
  ],
  'a head by its old name': [
    GET,
    (res) => {
      (res as unknown as { writeHeader: Response['writeHead'] }).writeHeader(201, { 'x-a': '1' });
      res.end(SECRET);
    },
  ],
  'HEAD with a body': [HEAD, (res) => res.send(`mail ${SECRET}`)],
  'HEAD in parts': [
    HEAD,
    (res) => {
      res.write(SECRET);
      res.end('more');
    },
  ],
  '204 with a body': [GET, (res) => res.status(204).end(`mail ${SECRET}`)],
  '304 with a body': [GET, (res) => res.status(304).end(`mail ${SECRET}`)],
  'HTTP/1.0 in parts': [
    OLD,
    (res) => {
      res.write(SECRET);
      res.end('more');
    },
  ],
  'HTTP/1.0': [OLD, (res) => res.json({ mail: SECRET })],
  'Expect: 100-continue': [
    requestText('POST', '/', ['Expect: 100-continue', 'Content-Length: 0']),
    (res) => res.json({ mail: SECRET }),
  ],
  'informational answers': [
    GET,
    (res) => {
      res.writeProcessing();
      res.writeContinue();
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      res.json({ mail: SECRET });
    },
  ],
  sendFile: [GET, (res) => res.sendFile(file, { lastModified: false })],
  'sendFile of a part': [
    requestText('GET', '/', ['Range: bytes=3-9']),
    (res) => res.sendFile(file, { lastModified: false }),
  ],
  'sendFile of two parts': [
    requestText('GET', '/', ['Range: bytes=3-9,12-14']),
    (res) => res.sendFile(file, { lastModified: false }),
  ],
  'sendFile of a part there is not': [
    requestText('GET', '/', ['Range: bytes=300-']),
    (res) => res.sendFile(file, { lastModified: false }),
  ],
  'sendFile for HEAD': [HEAD, (res) => res.sendFile(file, { lastModified: false })],
  download: [GET, (res) => res.download(file, 'é.txt', { lastModified: false } as never)],
  'sendFile of none': [GET, (res) => res.sendFile(join(folder, 'none'))],
  jsonp: [requestText('GET', '/?callback=f'), (res) => res.jsonp({ mail: SECRET })],
  'a pipe': [GET, (res) => Readable.from(['mail ', SECRET, ' and more']).pipe(res)],
  gzip: [
    GET,
    (res) => {
      res.set({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
      res.end(gzipSync(JSON.stringify({ mail: SECRET })));
    },
  ],
  'a phrase of its own': [
    GET,
    (res) => {
      res.statusMessage = SECRET;
      res.json({ mail: SECRET });
    },
  ],
  'a part of a whole': [
    GET,
    (res) => res.status(206).set('content-range', 'bytes 0-18/30').type('text/plain').send(SECRET),
  ],
  'headers that are made text': [
    GET,
    (res) => {
      res.setHeader('x-date', new Date(0) as never);
      res.setHeader('x-own', { toString: () => 'own' } as never);
      res.writeHead(200, { 'x-number': 5, 'x-other': { toString: () => 'other' } as never });
      res.end(SECRET);
    },
  ],
  'headers that are used again': [
    GET,
    (res) => {
      const cookies = ['a=1'];
      const headers: Record<string, string> = { 'content-length': '2' };
      res.setHeader('set-cookie', cookies);
      res.writeHead(200, headers);
      const bytes = Buffer.from('ok');
      res.end(bytes);
      cookies.push('b=2');
      headers['content-length'] = '3';
      bytes.fill('x');
    },
  ],
  'many headers': [
    GET,
    (res) => {
      res.setHeader('Set-Cookie', ['a=1', 'b=2']);
      res.setHeader('X-List', ['1', '2'] as never);
      res.set('Location', `/u/${SECRET}`);
      res.vary('Accept');
      res.json({ mail: SECRET });
    },
  ],
  'a wrapper of the head, as cookie sessions do': [
    GET,
    (res) => {
      const { writeHead } = res;
      res.writeHead = function wrapped(this: Response, ...args: unknown[]) {
        res.setHeader('set-cookie', 'session=1');
        return (writeHead as (...all: unknown[]) => Response).apply(this, args);
      } as never;
      res.json({ mail: SECRET });
    },
  ],
  'a wrapper of the end, as sessions do': [
    GET,
    (res, log) => {
      const { write, end } = res;
      res.end = function wrapped(this: Response, chunk: string) {
        log('wrapped');
        const inner = res as unknown as { _header: unknown; _implicitHeader(): void };
        if (!inner._header) inner._implicitHeader();
        write.call(res, chunk.slice(0, -1), 'utf8');
        if (!inner._header) inner._implicitHeader();
        setImmediate(() => (end as (text: string) => unknown).call(res, chunk.slice(-1)));
        return res;
      } as never;
      res.json({ mail: SECRET });
    },
  ],
  'a wrapper of parts, as compression does': [
    GET,
    (res) => {
      const { write, end } = res;
      res.write = ((text: string) => write.call(res, text.toUpperCase(), 'utf8')) as never;
      res.end = (() => (end as () => unknown).call(res)) as never;
      res.write('a');
      res.write('b');
      res.end();
    },
  ],
  'destroyed before it is written': [
    GET,
    (res, log) => {
      res.destroy();
      log(res.write('a', (error) => log('write', error && errorOf(error))));
      log(res.end(SECRET, () => log('unreachable')) === res);
      log(res.writableEnded);
    },
  ],
  'a socket destroyed at the end': [
    GET,
    (res, log) => {
      res.on('finish', () => log('unreachable'));
      res.socket?.destroy();
      res.json({ mail: SECRET });
    },
  ],
};

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  test.each(Object.keys(PROGRAMS))(
    '%s: a reporting gate changes no byte and nothing that the application sees',
    async (name) => {
      const [request, program] = PROGRAMS[name]!;
      for (const poweredBy of [false, true]) {
        const bare = await observe(version, program, undefined, request, poweredBy);
        for (const mode of ['block', 'redact'] as const) {
          for (const streams of ['pass', 'hold'] as const) {
            const gate = createGate({ guards: [pii({ mode })], stages: { pii: 'report-only' } });
            const watched = await observe(version, program, { gate, streams }, request, poweredBy);
            expect(watched, `${mode} ${streams} ${poweredBy}`).toEqual(bare);
          }
        }
      }
    },
  );
});
