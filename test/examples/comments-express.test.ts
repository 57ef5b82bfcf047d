import { expect, test } from 'vitest';
import { createCommentsApp } from '../../examples/comments-express/app.ts';
import { listen, send } from '../helpers/http.ts';

test('personal data never reaches the application, the shape holds, and nobody posts too fast', async () => {
  const { port, close } = await listen(createCommentsApp());
  const post = (body: string, type = 'application/json'): ReturnType<typeof send> =>
    send(port, { path: '/comments', headers: { 'content-type': type }, chunks: [body] });
  try {
    const first = await post('{"text":"mail jane@example.org or call (415) 555-2671"}');
    expect([first.status, JSON.parse(first.body)]).toEqual([
      201,
      { id: 1, text: 'mail [REDACTED_EMAIL] or call [REDACTED_PHONE]', redacted: 2 },
    ]);
    expect(JSON.parse((await post('{"text":"nothing to hide"}')).body)).toMatchObject({ id: 2, redacted: 0 });
    for (const body of ['{}', `{"text":"${'x'.repeat(2_001)}"}`, '{"text":1}', 'no json', '[]']) {
      const answer = await post(body);
      expect(answer.status, body.slice(0, 20)).toBe(400);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
    expect((await post('{"text":"labelled otherwise: joe@example.org"}', 'text/plain')).body).toContain(
      '[REDACTED_EMAIL]',
    );
    const list = await send(port, { method: 'GET', path: '/comments' });
    expect(list.body).not.toContain('jane');
    expect(JSON.parse(list.body).length).toBe(3);

    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) statuses.push((await post('{"text":"again"}')).status);
    expect(statuses).toContain(429);
  } finally {
    await close();
  }
});
