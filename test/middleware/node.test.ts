import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { decisionOf, type NodeOptions, portcullis } from '../../middleware/node.ts';
import type { ProxyTrust } from '../../src/client-address.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { brokenGate, labels, origin, reader, recorded, redactor, refuser } from '../helpers/guards.ts';
import { listen, type Running, send } from '../helpers/http.ts';
import { exchangeRaw } from '../helpers/raw.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

const gateOf = (...guards: readonly Guard[]): Gate => createGate({ guards });

/** Answers with what it was given. */
async function echo(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  res.end(`${req.url} ${Buffer.concat(parts)} ${decisionOf(req)?.outcome}\n`);
}

async function serve(gate: Gate, options: NodeOptions = {}, listener = echo): Promise<number> {
  const server = await listen(portcullis(gate, (req, res) => void listener(req, res), options));
  running.push(server);
  return server.port;
}

describe('one connection', () => {
  const post = (path: string, body: string, more = ''): string =>
    `POST ${path} HTTP/1.1\r\nHost: h\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
  const chunked = (path: string, ...parts: readonly string[]): string => {
    const body = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
    return `POST ${path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`;
  };
  const last = post('/last', 'bye', 'Connection: close\r\n');
  /** Status and body of each answer, in order. */
  const answersIn = (text: string): string[] =>
    text
      .split(/(?=HTTP\/1\.1 \d)/)
      .map((answer) => `${answer.slice(9, 12)} ${/"code":"(\w+)"/.exec(answer)?.[1] ?? /^\/.*$/m.exec(answer)?.[0]}`);

  test('with pipelined requests: each its own body, in order', async () => {
    const port = await serve(gateOf(redactor, reader));
    const requests = [
      post('/1', 'my secret'),
      chunked('/2', 'my sec', 'ret'),
      'GET /3 HTTP/1.1\r\nHost: h\r\n\r\n',
      chunked('/4'),
      last,
    ];
    const expected = [
      '200 /1 my [***] allow',
      '200 /2 my [***] allow',
      '200 /3  allow',
      '200 /4  allow',
      '200 /last bye allow',
    ];
    expect(answersIn(await exchangeRaw(port, requests.join('')))).toEqual(expected);
    expect(answersIn(await exchangeRaw(port, ...requests.join('').match(/[\s\S]{1,7}/g)!))).toEqual(expected);
  });

  test('goes on after refusals, whatever was left unread', async () => {
    const { gate, recorder } = recorded({ ...reader });
    const port = await serve(gate, { maxBodyBytes: 1_000 });
    const big = 'x'.repeat(200_000);
    const requests = [post('/1', big), chunked('/2', big, big), post('/3', 'ok'), chunked('/4', big), last];
    const expected = ['413 PTC_D101', '413 PTC_D101', '200 /3 ok allow', '413 PTC_D101', '200 /last bye allow'];
    expect(answersIn(await exchangeRaw(port, requests.join('')))).toEqual(expected);
    expect(answersIn(await exchangeRaw(port, ...requests))).toEqual(expected);
    await gate.flush();
    expect(recorder.decisions.length).toBe(2 * expected.length);
  });

  test('goes on after answers of an application that reads no body, where too much is only reported', async () => {
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    const port = await serve(gate, { maxBodyBytes: 1_000 }, async (req, res) => void res.end(`${req.url}\n`));
    const big = 'x'.repeat(200_000);
    const requests = [post('/1', big), chunked('/2', big, big), post('/3', 'ok'), last];
    const expected = ['200 /1', '200 /2', '200 /3', '200 /last'];
    expect(answersIn(await exchangeRaw(port, requests.join('')))).toEqual(expected);
    expect(answersIn(await exchangeRaw(port, ...requests))).toEqual(expected);
  });

  test('goes on after refusals by a guard that reads no body', async () => {
    const port = await serve(gateOf(refuser()));
    const requests = [post('/1', 'x'.repeat(100_000)), chunked('/2', 'abc'), last];
    expect(answersIn(await exchangeRaw(port, requests.join('')))).toEqual([
      '400 PTC_D411',
      '400 PTC_D411',
      '400 PTC_D411',
    ]);
  });
});

test('the listener gets the body, or the redacted one with headers that fit', async () => {
  const seen: unknown[] = [];
  const port = await serve(gateOf(redactor, labels), {}, async (req, res) => {
    seen.push([req.headers['content-length'], req.headers['transfer-encoding']]);
    await echo(req, res);
  });
  const answer = await send(port, { path: '/a?b', chunks: ['my ', 'secret'] });
  expect([answer.body, answer.headers['x-label']]).toEqual(['/a?b my [***] allow\n', 'gate']);
  expect(seen).toEqual([['8', undefined]]);
  expect((await send(port, { path: '/a', headers: { 'content-length': '5' }, chunks: ['plain'] })).body).toBe(
    '/a plain allow\n',
  );
});

test('over the cap in report-only: the listener gets every byte', async () => {
  const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
  const port = await serve(gate, { maxBodyBytes: 1_000 }, async (req, res) => {
    const hash = createHash('sha256');
    for await (const part of req) hash.update(part as Buffer);
    res.end(hash.digest('hex'));
  });
  const big = 'abcdefgh'.repeat(50_000);
  for (const chunks of [[big], [big.slice(0, 900), big.slice(900)]]) {
    expect((await send(port, { chunks })).body).toBe(createHash('sha256').update(big).digest('hex'));
  }
});

test('a body that the listener before it has read is refused', async () => {
  const gated = portcullis(gateOf(reader), echo as never);
  const server = await listen(async (req, res) => {
    for await (const _part of req);
    gated(req, res);
  });
  running.push(server);
  expect(JSON.parse((await send(server.port, { chunks: ['x'] })).body)).toMatchObject({ code: 'PTC_D103' });
});

test('responses, where a gate is to look at them', async () => {
  const outbound = (mode: 'block' | 'redact') => createGate({ guards: [pii({ mode })], stages: { pii: 'enforce' } });
  const answers: unknown[] = [];
  for (const mode of ['redact', 'block'] as const) {
    const port = await serve(gateOf(), { egress: { gate: outbound(mode) } }, async (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' }).end('mail bob@example.com');
    });
    const { status, body } = await send(port);
    answers.push([status, mode === 'redact' ? body : JSON.parse(body).code]);
  }
  expect(answers).toEqual([
    [200, 'mail [REDACTED_EMAIL]'],
    [500, 'PTC_D202'],
  ]);
});

test.each<[string, ProxyTrust | undefined, string, string]>([
  ['nobody is believed', undefined, '203.0.113.9', '127.0.0.1'],
  ['one hop', { hops: 1 }, '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['two hops', { hops: 2 }, '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  ['two hops, one of which spoke', { hops: 2 }, '203.0.113.9', '203.0.113.9'],
  ['proxies', { proxies: ['127.0.0.1', '10.0.0.0/8'] }, '198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
  ['proxies that are not there', { proxies: ['10.0.0.0/8'] }, '203.0.113.9', '127.0.0.1'],
  ['a header', { header: 'X-Forwarded-For' }, '203.0.113.9', '203.0.113.9'],
  ['a header that is empty', { header: 'X-Forwarded-For' }, ' ', '127.0.0.1'],
])('the address over HTTP: %s', async (_name, trust, forwarded, expected) => {
  const { gate, recorder } = recorded(origin);
  await send(await serve(gate, trust === undefined ? {} : { trust }), { headers: { 'x-forwarded-for': forwarded } });
  await gate.flush();
  expect(recorder.decisions.map(({ facts }) => facts.address)).toEqual([expected]);
});

test('known answers without a body have no length; HEAD has the length of what is left out', async () => {
  const known = { status: 304, headers: { etag: '"1"' }, body: '' };
  const port = await serve(gateOf(refuser({ kind: 'answer', code: 'PTC_D701', response: known })));
  const answer = await send(port);
  expect([answer.status, answer.headers.etag, answer.headers['content-length']]).toEqual([304, '"1"', undefined]);
  const head = await send(await serve(gateOf(refuser())), { method: 'HEAD' });
  expect([head.status, head.body, Number(head.headers['content-length']) > 50]).toEqual([400, '', true]);
});

test('a gate that fails refuses, and the listener is not reached', async () => {
  const port = await serve(brokenGate(), {}, () => Promise.reject(new Error('reached')));
  const { status, headers, body } = await send(port);
  expect([status, headers['content-type'], JSON.parse(body).code]).toEqual([
    503,
    'application/problem+json',
    'PTC_D801',
  ]);
});

test('decisionOf() of a request that no gate has seen', () => {
  expect(decisionOf({} as IncomingMessage)).toBe(undefined);
});

test('options are checked when mounting', () => {
  const gate = createGate({ guards: [] });
  const make = (options: object) => () => portcullis(gate, () => {}, options);
  expect(make({ maxBodyBytes: '1mb' })).toThrow(/^PTC_E002 .*node\.maxBodyBytes/);
  expect(make({ address: () => '' })).toThrow(/^PTC_E004 .*node\.address/);
  expect(make({ trust: { proxies: [] } })).toThrow(/^PTC_E003 .*node\.trust\.proxies/);
  expect(make({ trust: { hop: 1 } })).toThrow(/^PTC_E004 .*node\.trust\.hop/);
  expect(make({ egress: { gate: {} } })).toThrow(/^PTC_E001 .*node\.egress\.gate/);
  expect(() => portcullis(undefined as never, () => {})).toThrow(/^PTC_E001 .*node\.gate/);
  expect(() => portcullis(gate, undefined as never)).toThrow(/^PTC_E001 .*node\.listener/);
});
