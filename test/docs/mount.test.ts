import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveWorker } from '../../examples/worker/serve.ts';
import { binary } from '../helpers/runtimes.ts';
import { filesIn, ROOT, readFrom } from '../package/tree.ts';
import { blocks } from './markdown.ts';

const PAGES = filesIn('docs/mount', '.md').filter((path) => !path.endsWith('README.md'));
/** What starts a program of TypeScript there. */
const STARTED_BY: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  deno: [binary('deno'), 'run', '--quiet', '--no-prompt', '--no-remote', '--allow-net'],
  bun: [binary('bun'), 'run', '--no-install'],
};
const ON_NODE = [process.execPath, '--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs')] as const;
/** A page whose example only exports what others call. */
const CALLERS: Readonly<Record<string, string>> = {
  fetch: "\nimport { serve } from '@hono/node-server';\nserve({ fetch: POST, port: 3000 });\n",
};

const POSTED = '{"text":"mail me: jane@example.org"}';
const ENCODINGS = {
  identity: (text: string) => new Uint8Array(Buffer.from(text)),
  gzip: (text: string) => new Uint8Array(gzipSync(text)),
  deflate: (text: string) => new Uint8Array(deflateSync(text)),
  br: (text: string) => new Uint8Array(brotliCompressSync(text)),
};

let folder: string;

beforeAll(async () => {
  // Installed as it would be anywhere, with what was built.
  folder = await mkdtemp(join(tmpdir(), 'portcullis-mount-'));
  await mkdir(join(folder, 'node_modules/@hono'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(ROOT, join(folder, 'node_modules/portcullis'), 'dir');
  for (const name of ['express', 'fastify', 'hono', '@hono/node-server']) {
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'dir');
  }
});
afterAll(() => rm(folder, { recursive: true }));

const nameOf = (page: string): string => page.replace(/.*\//, '').replace('.md', '');

/** Runs the page's first example on a free port; gives its URL and what ends it. */
async function start(page: string): Promise<{ readonly url: string; stop(): Promise<unknown> }> {
  const name = nameOf(page);
  const [code = ''] = blocks(readFrom(page), 'ts');
  if (name === 'workers') {
    const miniflare = await serveWorker({
      env: {},
      entry: { contents: code, resolveDir: ROOT },
      adjust: withoutObjects,
    });
    return { url: String(await miniflare.ready), stop: () => miniflare.dispose() };
  }
  const port = await freePort();
  const file = join(folder, `${name}.ts`);
  await writeFile(file, (code + (CALLERS[name] ?? '')).replaceAll('3000', String(port)));
  const [program, ...args] = STARTED_BY[name] ?? ON_NODE;
  const child = spawn(program, [...args, file], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://localhost:${port}/`;
  await listening(child, port);
  return {
    url,
    stop() {
      child.kill('SIGKILL');
      return once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    if (child.exitCode !== null) throw new Error(`the example ended with ${child.exitCode}`);
    const socket = connect(port, 'localhost');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

/** The example on the page has no bindings. */
const withoutObjects: NonNullable<Parameters<typeof serveWorker>[0]['adjust']> = (worker) => ({
  ...worker,
  durableObjects: {},
  queueProducers: {},
});

test('there is a page for each way to mount it, and the table names it', () => {
  expect(PAGES.map(nameOf).sort()).toEqual(['bun', 'deno', 'express', 'fastify', 'fetch', 'hono', 'node', 'workers']);
  for (const page of PAGES) expect(readFrom('docs/mount/README.md')).toContain(`](${nameOf(page)}.md)`);
});

describe.each(PAGES)('%s', (page) => {
  test('its example redacts what is posted, compressed or not, and has the decision', async () => {
    const { url, stop } = await start(page);
    const post = (body: string | Uint8Array<ArrayBuffer>, encoding = 'identity') =>
      fetch(`${url}comments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body,
      });
    try {
      for (const [encoding, encode] of Object.entries(ENCODINGS)) {
        const response = await post(encode(POSTED), encoding);
        const { code, saved, decision } = (await response.json()) as Record<string, unknown>;
        if (encoding === 'br' && nameOf(page) === 'workers') {
          expect([response.status, code]).toEqual([415, 'PTC_D102']);
          continue;
        }
        expect([response.status, saved], encoding).toEqual([200, { text: 'mail me: [REDACTED_EMAIL]' }]);
        expect(decision).toMatch(/^[0-9a-f-]{36}$/);
      }
    } finally {
      await stop();
    }
  }, 60_000);

  test('its first table lists every option, and no other', () => {
    const [, table = ''] = /^## Options[^\n]*\n\n(.*?)\n\n/ms.exec(readFrom(page)) ?? [];
    expect(rows(table)).toEqual(OPTIONS_OF[nameOf(page)]?.() ?? []);
  });
});

/** Options that an adapter knows, from its source; pages that send to another one's have no table. */
const OPTIONS_OF: Readonly<Record<string, () => readonly string[]>> = Object.fromEntries(
  ['express', 'fastify', 'fetch', 'hono', 'node', 'workers'].map((name) => [
    name,
    () => known(`middleware/${name}.ts`),
  ]),
);

function known(path: string): readonly string[] {
  const [, list = ''] = /knownOptions\([^,]+, \w+, \[([^\]]*)\]\)/.exec(readFrom(path)) ?? [];
  const names = [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(0);
  return names.sort();
}

function rows(table: string): readonly string[] {
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name).sort();
}

test('the table of egress lists every option, and no other', () => {
  const [, table = ''] = /^\| option of `egress`[^\n]*\n(.*?)\n\n/ms.exec(readFrom('docs/mount/README.md')) ?? [];
  expect(rows(table)).toEqual(known('middleware/node-egress.ts'));
});
