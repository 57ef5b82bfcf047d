import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binary } from '../helpers/runtimes.ts';
import { ROOT } from '../package/tree.ts';

const MAIN = fileURLToPath(new URL('../../examples/comments-hono-deno/main.ts', import.meta.url));
const PERMISSIONS = ['--allow-net=127.0.0.1', '--allow-env=PORT'];
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  server = spawn(binary('deno'), ['run', '--no-prompt', '--no-remote', ...PERMISSIONS, MAIN], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: server.stdout! })) {
    url = /^comments on (\S+)$/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
}, 60_000);
afterAll(async () => {
  if (server.exitCode !== null) return;
  server.kill();
  await once(server, 'exit');
});

const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });

test('on Deno as on Express: personal data is taken out, the shape holds, and nobody posts too fast', async () => {
  const first = await post('{"text":"mail jane@example.org or call (415) 555-2671"}');
  expect([first.status, await first.json()]).toEqual([
    201,
    { id: 1, text: 'mail [REDACTED_EMAIL] or call [REDACTED_PHONE]', redacted: 2 },
  ]);
  expect(first.headers.get('ratelimit-policy')).toBe('"burst";q=10;w=2');
  const wrong = await post('{"text":1}');
  expect([wrong.status, (await wrong.json()).code]).toEqual([400, 'PTC_D411']);
  expect(await (await fetch(url)).json()).toEqual([{ id: 1, text: 'mail [REDACTED_EMAIL] or call [REDACTED_PHONE]' }]);
  const statuses = (await Promise.all(Array.from({ length: 40 }, () => post('{"text":"again"}')))).map((a) => a.status);
  expect(new Set(statuses)).toEqual(new Set([201, 429]));
});
