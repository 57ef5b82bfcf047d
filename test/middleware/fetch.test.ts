import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { decisionOf, inspect, portcullis } from '../../middleware/fetch.ts';
import { createGate } from '../../src/gate.ts';
import { brokenGate, labels, origin, reader, recorded, redactor, refuser } from '../helpers/guards.ts';

const URL_ = 'https://api.example/comments?x=1';
const post = (body: RequestInit['body'], headers: Record<string, string> = {}): Request =>
  new Request(URL_, { method: 'POST', body: body as never, headers, duplex: 'half' } as RequestInit);

/** A body of unknown length, in parts. */
function streamOf(...parts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
}

describe('the request that is handed on', () => {
  const echo = portcullis(createGate({ guards: [redactor, reader] }), async (request) => {
    const { length } = decisionOf(request)?.facts ?? {};
    const { method, url, headers } = request;
    return Response.json({ method, url, body: await request.text(), length, headers: Object.fromEntries(headers) });
  });
  const ask = async (request: Request): Promise<Record<string, unknown>> => (await echo(request)).json();

  test.each<[string, () => Request]>([
    ['a text', () => post('plain')],
    ['a declared length', () => post('plain', { 'content-length': '5' })],
    ['a stream', () => post(streamOf('pl', '', 'ain'))],
  ])('of %s has the same body', async (_name, make) => {
    expect(await ask(make())).toMatchObject({ method: 'POST', url: URL_, body: 'plain', length: 5 });
  });

  test.each<[string, () => Request]>([
    ['a text', () => post('my secret', { 'x-own': '1' })],
    ['a stream', () => post(streamOf('my sec', 'ret'), { 'x-own': '1' })],
    ['gzip', () => post(gzipSync('my secret'), { 'content-encoding': 'gzip', 'x-own': '1' })],
  ])('of %s has the redacted one, and headers that fit', async (_name, make) => {
    const { body, headers } = await ask(make());
    expect(body).toBe('my [***]');
    expect(headers).toMatchObject({ 'content-length': '8', 'x-own': '1' });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  test('is the very same where nothing was read', async () => {
    const seen: Request[] = [];
    const handler = portcullis(createGate({ guards: [labels] }), (request) => {
      seen.push(request);
      return new Response(request.body);
    });
    const request = post(streamOf('untouched'));
    expect(await (await handler(request)).text()).toBe('untouched');
    expect(seen).toEqual([request]);
  });

  test('of a GET has no body, and none is looked for', async () => {
    expect(await ask(new Request(URL_))).toMatchObject({ method: 'GET', body: '', length: 0 });
  });

  test('keeps its signal', async () => {
    const abort = new AbortController();
    const handler = portcullis(createGate({ guards: [redactor] }), ({ signal }) => {
      abort.abort();
      return Response.json(signal.aborted);
    });
    const request = new Request(URL_, { method: 'POST', body: 'secret', signal: abort.signal });
    expect(await (await handler(request)).json()).toBe(true);
  });

  test('has every byte of what is over the cap, where that is only reported', async () => {
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    const handler = portcullis(gate, (request) => new Response(request.body), { maxBodyBytes: 4 });
    for (const body of ['12345', streamOf('123', '45', '6'), streamOf('123456789')]) {
      const sent = typeof body === 'string' ? body : await new Response(body.tee()[0]).text();
      const request = typeof body === 'string' ? post(body) : post(streamOf(...sent.match(/.{1,3}/g)!));
      expect(await (await handler(request)).text()).toBe(sent);
    }
  });
});

describe('refusals', () => {
  test('of a body that somebody has read, or is reading', async () => {
    const { gate, recorder } = recorded(reader);
    const handler = portcullis(gate, () => new Response('reached'));
    const used = post('x');
    await used.text();
    const locked = post(streamOf('x'));
    locked.body?.getReader();
    for (const request of [used, locked]) expect((await handler(request)).status).toBe(400);
    await gate.flush();
    expect(recorder.decisions.map(({ code }) => code)).toEqual(['PTC_D103', 'PTC_D103']);
  });

  test('of neither, where that is only reported: the handler fails as without a gate', async () => {
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    const handler = async (request: Request): Promise<Response> => new Response(await request.text());
    const locked = (): Request => {
      const request = post(streamOf('x'));
      request.body?.getReader();
      return request;
    };
    const bare = await handler(locked()).catch(String);
    expect(bare).toMatch(/^TypeError: /);
    expect(await portcullis(gate, handler)(locked()).catch(String)).toBe(bare);
  });

  test('of a stream of anything but bytes, which no length is known of', async () => {
    const texts = (): ReadableStream =>
      new ReadableStream({
        start(controller) {
          controller.enqueue('text');
          controller.close();
        },
      });
    const reached = vi.fn();
    const answer = await portcullis(createGate({ guards: [reader] }), reached)(post(texts()));
    expect([answer.status, (await answer.json()).code]).toEqual([400, 'PTC_D103']);
    const reporting = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    const handler = async (request: Request): Promise<Response> => new Response(await request.text());
    await expect(portcullis(reporting, handler)(post(texts()))).rejects.toThrow(TypeError);
    expect(reached).not.toHaveBeenCalled();
  });

  test('of a stream that breaks; the handler gets one that breaks too, where that is only reported', async () => {
    const broken = () =>
      new ReadableStream({
        pull(controller) {
          controller.error(new Error('gone'));
        },
      });
    const enforced = portcullis(createGate({ guards: [reader] }), () => new Response('reached'));
    expect((await enforced(post(broken()))).status).toBe(400);
    const gate = createGate({ guards: [reader], stages: { reader: 'report-only' } });
    await expect(
      portcullis(gate, async (request) => new Response(await request.text()))(post(broken())),
    ).rejects.toThrow();
  });

  test('stop before the handler, as problems', async () => {
    const handler = portcullis(createGate({ guards: [labels, refuser()] }), () => Promise.reject(new Error('reached')));
    const response = await handler(post('x'));
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-label')]).toEqual([
      400,
      'application/problem+json',
      'gate',
    ]);
    expect(await response.json()).toMatchObject({ code: 'PTC_D411' });
  });

  test('known answers go out as they are, without a content type of their own making', async () => {
    const known = { status: 200, headers: { etag: '"1"' }, body: 'é' };
    const gate = createGate({ guards: [refuser({ kind: 'answer', code: 'PTC_D701', response: known })] });
    const handler = portcullis(gate, () => new Response());
    const response = await handler(new Request(URL_));
    expect([await response.text(), ...response.headers]).toEqual(['é', ['etag', '"1"']]);
    const head = await handler(new Request(URL_, { method: 'HEAD' }));
    expect(head.body).toBe(null);
  });
});

describe('what the handler answers', () => {
  const gate = createGate({ guards: [labels] });
  const headersOf = async (response: () => Response): Promise<string | null> =>
    (await portcullis(gate, response)(new Request(URL_))).headers.get('x-label');

  test('gets the headers of guards, also where its own cannot be changed', async () => {
    expect(await headersOf(() => new Response('ok'))).toBe('gate');
    expect(await headersOf(() => Response.redirect('https://example.com/'))).toBe('gate');
    const redirect = await portcullis(gate, () => Response.redirect('https://example.com/'))(new Request(URL_));
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'https://example.com/']);
  });

  test('keeps its own of the same name', async () => {
    expect(await headersOf(() => new Response('ok', { headers: { 'x-label': 'own' } }))).toBe('own');
  });

  test('or throws goes through', async () => {
    const failing = portcullis(gate, () => {
      throw new RangeError('own');
    });
    await expect(failing(new Request(URL_))).rejects.toThrow(new RangeError('own'));
    await expect(portcullis(brokenGate(), () => new Response())(new Request(URL_))).rejects.toThrow('no time');
  });
});

describe('the exchange', () => {
  test('has the address that the runtime tells, from what it hands over', async () => {
    const { gate, recorder } = recorded(origin);
    const peer = (_request: Request, info: { hostname: string }) => info.hostname;
    const behindProxy = { peer, trust: { proxies: ['10.0.0.0/8'] } };
    const forwarded = () => new Request(URL_, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    await portcullis(gate, () => new Response(), { peer })(forwarded(), { hostname: '10.0.0.1' });
    await portcullis(gate, () => new Response(), behindProxy)(forwarded(), { hostname: '10.0.0.1' });
    await portcullis(gate, () => new Response(), behindProxy)(forwarded(), { hostname: '192.0.2.1' });
    await portcullis(gate, () => new Response())(forwarded());
    await gate.flush();
    expect(recorder.decisions.map(({ facts }) => facts.address)).toEqual([
      '10.0.0.1',
      '203.0.113.9',
      '192.0.2.1',
      undefined,
    ]);
  });

  test('has the path that handlers route by, also where the server has left it as it came', async () => {
    const { gate, recorder } = recorded(origin);
    const handler = portcullis(gate, () => new Response());
    for (const path of ['/a/../b', '/a/%2e%2E/b', '/a\\..\\b', '/"x"', '/plain?q=/../']) {
      const request = new Request('http://h.example/');
      await handler(Object.defineProperty(request, 'url', { value: `http://h.example${path}` }));
    }
    await gate.flush();
    expect(recorder.decisions.map(({ path }) => path)).toEqual(['/b', '/b', '/b', '/%22x%22', '/plain']);
  });
});

test('inspect() tells what to do', async () => {
  const gate = createGate({ guards: [redactor, origin] });
  const allowed = await inspect(gate, post('my secret'), { peer: '192.0.2.1' });
  expect([allowed.response, await allowed.request.text()]).toEqual([undefined, 'my [***]']);
  expect(allowed.decision.facts.address).toBe('192.0.2.1');
  const refused = await inspect(createGate({ guards: [refuser()] }), post('x'));
  expect([refused.response?.status, refused.decision.code]).toEqual([400, 'PTC_D411']);
  expect(decisionOf(post('x'))).toBe(undefined);
});

test('options are checked when mounting', async () => {
  const gate = createGate({ guards: [] });
  const handler = () => new Response();
  const make = (options: object) => () => portcullis(gate, handler, options);
  expect(make({ maxBodyBytes: 0 })).toThrow(/^PTC_E003 .*fetch\.maxBodyBytes is the number 0/);
  expect(make({ address: () => '' })).toThrow(/^PTC_E004 .*fetch\.address/);
  expect(make({ trust: { hops: 1, header: 'x' } })).toThrow(
    /^PTC_E003 .*fetch\.trust .*one of hops, proxies and header/,
  );
  expect(make({ trust: { header: 'not a name' } })).toThrow(/^PTC_E003 .*fetch\.trust\.header/);
  expect(make({ peer: '192.0.2.1' })).toThrow(/^PTC_E002 .*fetch\.peer/);
  expect(() => portcullis({} as never, handler)).toThrow(/^PTC_E001 .*fetch\.gate/);
  expect(() => portcullis(gate, undefined as never)).toThrow(/^PTC_E001 .*fetch\.handler/);
  await expect(inspect(gate, post('x'), { maxBodyBytes: -1 })).rejects.toThrow(/^PTC_E003 .*inspect\.maxBodyBytes/);
});
