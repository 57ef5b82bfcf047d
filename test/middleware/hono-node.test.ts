import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { type HonoOptions, portcullis } from '../../middleware/hono.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { redactor } from '../helpers/guards.ts';
import { exchangeRaw, requestText } from '../helpers/raw.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An application on Node that says what it was given; behind a gate, if there is one. */
async function started(overrideGlobalObjects: boolean, gate?: Gate, options?: HonoOptions): Promise<number> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (gate !== undefined) app.use(portcullis(gate, options));
  app.all('/form', async (c) => c.json(Object.fromEntries((await c.req.formData()) as never)));
  app.post('/beneath', async (c) => {
    const { incoming } = c.env;
    const { 'content-length': length } = incoming.headers;
    return c.json([await text(incoming), length, incoming.headersDistinct['content-length']?.join()]);
  });
  app.all('*', async (c) => c.json({ length: (await c.req.text()).length }));
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects });
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const chunked = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

// What is overridden stays so.
describe.each([false, true])('on Node, overrideGlobalObjects: %s', (override) => {
  test('a content type that came twice hides nothing: guards see what handlers see', async () => {
    const gate = createGate({ guards: [pii({ mode: 'block' })], stages: { pii: 'enforce' } });
    const port = await started(override, gate);
    const types = ['Content-Type: text/plain', 'Content-Type: application/x-www-form-urlencoded'];
    const body = 'card=4111+1111+1111+1111';
    const head = requestText('POST', '/form', [...types, `Content-Length: ${body.length}`]);
    expect(await exchangeRaw(port, head, body)).toMatch(/^HTTP\/1\.1 415 .*"PTC_D104"/s);
  });

  test.each([
    ['report-only', 'my secret', '9'],
    ['enforce', 'my [***]', '8'],
  ] as const)('%s: a handler that reads the request beneath gets what others get', async (stage, expected, length) => {
    const port = await started(override, createGate({ guards: [redactor], stages: { redactor: stage } }));
    const head = requestText('POST', '/beneath', ['Content-Length: 9']);
    const answer = await exchangeRaw(port, head, 'my sec', 'ret');
    expect(answer.split('\r\n\r\n')[1]).toBe(JSON.stringify([expected, length, length]));
  });

  test.each(['GET', 'POST'])(
    'a %s with a body that cannot be read goes on where the gate only reports',
    async (method) => {
      const gate = createGate({ guards: [pii()] });
      const bare = await started(override);
      const gated = await started(override, gate, { maxBodyBytes: 10 });
      for (const headers of [[], ['Content-Encoding: gzip']]) {
        const head = requestText(method, '/', ['Transfer-Encoding: chunked', ...headers]);
        const [expected, actual] = await Promise.all(
          [bare, gated].map((port) => exchangeRaw(port, head, chunked(headers.length === 0 ? 'x'.repeat(11) : 'zip'))),
        );
        expect(expected).toContain(method === 'GET' ? '{"length":0}' : '{"length":');
        expect(actual?.replace(/^Date.*$/m, '')).toBe(expected?.replace(/^Date.*$/m, ''));
      }
    },
  );
});
