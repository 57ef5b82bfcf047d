import { expect, test } from 'vitest';
import { POST } from '../../examples/contact-route/app/api/contact/route.ts';
import { serveRoute } from '../../examples/contact-route/serve.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MESSAGE = { reply_to: 'jane@example.org', message: 'or call (415) 555-2671' };

test('the address to answer to goes through, others are taken out, and nobody writes too often', async () => {
  const { port, close } = await serveRoute(0);
  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/api/contact`, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });
  try {
    const first = await post(JSON.stringify(MESSAGE));
    expect([first.status, await first.json()]).toEqual([
      201,
      { reply_to: 'jane@example.org', message: 'or call [REDACTED_PHONE]', decision: expect.any(String) },
    ]);
    const wrong = await post('{"reply_to":"jane"}');
    expect([wrong.status, (await wrong.json()).code]).toEqual([400, 'PTC_D411']);
    expect((await post(JSON.stringify(MESSAGE))).status).toBe(201);
    // What the client says of itself, the platform overwrites.
    const fourth = await post(JSON.stringify(MESSAGE), { 'x-real-ip': '192.0.2.99' });
    expect([fourth.status, (await fourth.json()).code]).toEqual([429, 'PTC_D601']);
    expect(fourth.headers.get('retry-after')).toMatch(/^\d+$/);
  } finally {
    close();
  }
});

test.each([
  ['what says that it is JSON', JSON_TYPE, 'jane@example.org'],
  ['anything else', {}, '[REDACTED_EMAIL]'],
])('it needs no server; the exception is for %s', async (_name, type, kept) => {
  const request = new Request('https://example.org/api/contact', {
    method: 'POST',
    headers: { 'x-real-ip': '2001:db8::1', ...type },
    body: JSON.stringify({ ...MESSAGE, message: 'no more than this' }),
  });
  expect(await (await POST(request)).json()).toMatchObject({ reply_to: kept, message: 'no more than this' });
});
