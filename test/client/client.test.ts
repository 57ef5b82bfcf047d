import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ClientOptions, createClient } from '../../client/client.ts';

type Step = { status: number; headers?: Record<string, string>; body?: string } | Error | 'hang';

interface Sent {
  url: string;
  headers: Headers;
  body: string;
}

/** A client whose gateway answers with one step after the other, and whose sleeps are recorded. */
function clientWith(steps: Step[], options: Partial<ClientOptions<object>> = {}) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const left = [...steps];
  const client = createClient<object>({
    url: 'http://gate.test/',
    sign: (pcs) => ({ ...pcs, sig: 'AQI=' }),
    backoffMs: 100,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
    },
    fetch: (async (url: string, init: RequestInit) => {
      sent.push({ url, headers: new Headers(init.headers), body: new TextDecoder().decode(init.body as Uint8Array) });
      const step = left.shift();
      if (step === undefined) throw new Error('one attempt too many');
      if (step instanceof Error) throw step;
      if (step === 'hang') {
        return new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        });
      }
      return new Response(step.body ?? '{}', { status: step.status, headers: step.headers ?? {} });
    }) as typeof fetch,
    ...options,
  });
  return { client, sent, slept };
}

describe('createClient', () => {
  it('signs and posts once where the first answer is final', async () => {
    const { client, sent, slept } = clientWith([{ status: 200, body: '{"accepted":true}' }], { tenant: 'acme' });
    const result = await client.submit({ epoch: 1 });
    expect(result).toMatchObject({ status: 200, body: { accepted: true }, attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(sent[0]!.url).toBe('http://gate.test/v1/pcs/submit');
    expect(sent[0]!.body).toBe('{"epoch":1,"sig":"AQI="}');
    expect(sent[0]!.headers.get('content-type')).toBe('application/json');
    expect(sent[0]!.headers.get('x-tenant-id')).toBe('acme');
    expect(slept).toEqual([]);
  });

  it.each([200, 202, 307, 400, 401, 405, 409, 413, 415, 500])('takes %d for final', async (status) => {
    const { client } = clientWith([{ status }]);
    expect(await client.submit({})).toMatchObject({ status, attempts: 1 });
  });

  it.each([
    ['429', { status: 429 }],
    ['503', { status: 503 }],
    ['a network failure', new TypeError('fetch failed')],
  ])('tries again after %s, with the same bytes', async (_name, step) => {
    const { client, sent, slept } = clientWith([step, step, { status: 202 }]);
    expect(await client.submit({ epoch: 1 })).toMatchObject({ status: 202, attempts: 3 });
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(slept).toEqual([50, 100]);
  });

  it('signs once, also where signatures differ each time', async () => {
    let signed = 0;
    const sign = async (): Promise<object> => ({ sig: String(signed++) });
    const { client, sent } = clientWith([{ status: 503 }, { status: 200 }], { sign });
    await client.submit({});
    expect(signed).toBe(1);
    expect(sent[0]!.body).toBe(sent[1]!.body);
  });

  it('waits as long as the server asks', async () => {
    const { client, slept } = clientWith([{ status: 429, headers: { 'retry-after': '2' } }, { status: 200 }]);
    await client.submit({});
    expect(slept).toEqual([2050]);
  });

  it('hands over the answer where the server asks for too much', async () => {
    const { client, slept } = clientWith([{ status: 429, headers: { 'retry-after': '40000' } }]);
    expect(await client.submit({})).toMatchObject({ status: 429, attempts: 1 });
    expect(slept).toEqual([]);
  });

  it('stops after the retries, with the last answer or the last failure', async () => {
    const busy = clientWith([{ status: 503 }, { status: 503 }, { status: 503 }], { retries: 2 });
    expect(await busy.client.submit({})).toMatchObject({ status: 503, attempts: 3 });
    const down = clientWith([new Error('a'), new Error('b')], { retries: 1 });
    await expect(down.client.submit({})).rejects.toMatchObject({
      message: 'no answer from the gateway in 2 attempts',
      cause: { message: 'b' },
    });
  });

  it('ends an attempt that takes too long, and tries again', async () => {
    const { client } = clientWith(['hang', { status: 200 }], { timeoutMs: 5 });
    expect(await client.submit({})).toMatchObject({ status: 200, attempts: 2 });
  });

  it('stops at once where the caller aborts', async () => {
    const { client, sent } = clientWith(['hang', { status: 200 }]);
    const abort = new AbortController();
    const submitted = client.submit({}, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 5);
    await expect(submitted).rejects.toThrow('enough');
    expect(sent).toHaveLength(1);
  });

  it('ends a wait where the caller aborts', async () => {
    const real = createClient<object>({
      url: 'http://gate.test',
      sign: (pcs) => pcs,
      fetch: (async () => new Response('{}', { status: 503, headers: { 'retry-after': '20' } })) as typeof fetch,
    });
    const abort = new AbortController();
    const submitted = real.submit({}, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 5);
    await expect(submitted).rejects.toThrow('enough');
  });

  it('gives no body where the answer is not JSON', async () => {
    const { client } = clientWith([{ status: 502, body: '<html>' }]);
    expect(await client.submit({})).toMatchObject({ status: 502, body: undefined });
  });

  it('speaks to a real server', async () => {
    const bodies: string[] = [];
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString();
      });
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(bodies.length === 1 ? 503 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ path: request.url }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const client = createClient<object>({ url: `http://127.0.0.1:${port}`, sign: (pcs) => pcs, backoffMs: 1 });
      const result = await client.submit({ epoch: 1 });
      expect(result).toMatchObject({ status: 200, body: { path: '/v1/pcs/submit' }, attempts: 2 });
      expect(bodies).toEqual(['{"epoch":1}', '{"epoch":1}']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each([
    ['no url', { url: undefined }, 'PTC_E001'],
    ['a url that is none', { url: 'gate.test' }, 'PTC_E003'],
    ['a file url', { url: 'file:///etc' }, 'PTC_E003'],
    ['no sign', { sign: undefined }, 'PTC_E001'],
    ['negative retries', { retries: -1 }, 'PTC_E003'],
    ['endless retries', { retries: Infinity }, 'PTC_E003'],
    ['no time', { timeoutMs: 0 }, 'PTC_E003'],
    ['an unknown option', { retry: 1 }, 'PTC_E004'],
  ])('refuses %s', (_name, options, code) => {
    expect(() => createClient({ url: 'http://gate.test', sign: (pcs: object) => pcs, ...options } as never)).toThrow(
      code,
    );
  });
});
