import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openInboxLog, readInboxLog } from '../../gateway/inbox-log.ts';
import { metric } from '../helpers/gateway.ts';
import { send } from '../helpers/http.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { type Ran, runCli, type Served, serveProcess } from '../helpers/process.ts';
import { type OwnRedis, startOwnRedis } from '../helpers/redis.ts';
import { tempDirectory } from '../helpers/temp.ts';

let redis: OwnRedis;
beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.stop());

async function environment(): Promise<Record<string, string>> {
  const directory = await tempDirectory();
  return {
    PCS_SIGN_ALG: 'hmac',
    PCS_HMAC_KEY: 'testsecret',
    TOKEN_RATE: '100000',
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
    LEDGER_KEY_FILE: `${directory}/ledger.key`,
    REDIS_ADDR: `127.0.0.1:${redis.port}`,
    REDIS_PREFIX: `${directory.replace(/[^\w-]/g, '.').slice(-40)}:`,
  };
}

async function serve(env: Record<string, string>): Promise<Served> {
  const served = await serveProcess(env);
  onTestFinished(() => void served.child.kill('SIGKILL'));
  return served;
}

const post = async (port: number, body: string): Promise<number> =>
  (await send(port, { path: '/v1/pcs/submit', headers: { 'content-type': 'application/json' }, chunks: [body] }))
    .status;

async function ready(port: number): Promise<void> {
  const isReady = async (): Promise<void> =>
    expect((await send(port, { method: 'GET', path: '/ready' })).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 40_000, interval: 20 });
}

const replayInbox = (env: Record<string, string>, port: number): Promise<Ran> =>
  runCli(['replay-inbox', '--older-than', '0', '--url', `http://127.0.0.1:${port}`], env);

async function counted(port: number, series: string): Promise<number> {
  return metric((await send(port, { method: 'GET', path: '/metrics' })).body, series) || 0;
}

async function inboxSize(env: Record<string, string>): Promise<number> {
  let records = 0;
  for await (const _ of readInboxLog(env.WAL_DIR ?? '')) records++;
  return records;
}

test('an outage is made good once: what was refused is accepted, what was answered is let be', {
  timeout: 60_000,
}, async () => {
  const env = await environment();
  const { port } = await serve(env);
  const bodies = await Promise.all(Array.from({ length: 30 }, () => signedBody(wireRecord())));
  const forged = await signedBody(wireRecord(), 'another secret');
  const implausible = await signedBody(wireRecord({ D_hat: 3 }));
  const [before, during, retried] = [bodies.slice(0, 10), bodies.slice(10, 25), bodies.slice(25)];
  for (const body of before) expect(await post(port, body)).toBe(200);
  expect(await post(port, forged)).toBe(401);

  await redis.kill();
  for (const body of [...during, ...retried, implausible]) expect(await post(port, body)).toBe(503);
  // Clients try again, in vain.
  for (const body of during.slice(0, 5)) expect(await post(port, body)).toBe(503);
  const early = await replayInbox(env, port);
  expect([early.code, early.stdout]).toEqual([1, '']);
  // Tenants may be shared over the same Redis.
  expect(early.stderr).toMatch(
    /^portcullis: the gateway is not ready \((tenants, )?redis\): run this again when it is\n$/,
  );

  await redis.start();
  await ready(port);
  for (const body of retried) expect(await post(port, body)).toBe(200);
  const first = await replayInbox(env, port);
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).toMatch(
    /: 42 requests, of which 20 were accepted, 1 refused, 5 sent more than once; to submit: 16\n/,
  );
  expect(first.stdout).toMatch(/submitted: 15 accepted, 1 escalated, 0 refused, 0 left\n$/);
  expect(await counted(port, 'flk_accepted')).toBe(30);

  // A second run finds nothing to do, and leaves no trace.
  const size = await inboxSize(env);
  const second = await replayInbox(env, port);
  expect([second.code, second.stderr]).toEqual([0, '']);
  expect(second.stdout).toMatch(/to submit: 0\n$/);
  expect(await inboxSize(env)).toBe(size);
  expect(await counted(port, 'flk_accepted')).toBe(30);
  // The clients get the answers that were given meanwhile; of those before, this Redis kept nothing over its death.
  for (const body of [...during, ...retried]) expect(await post(port, body)).toBe(200);
  expect(await counted(port, 'flk_accepted')).toBe(30);
});

test('what a crash left without a decision is submitted after it', { timeout: 60_000 }, async () => {
  const env = await environment();
  const served = await serve(env);
  const bodies = await Promise.all(Array.from({ length: 64 }, () => signedBody(wireRecord())));
  // Whether a ledger without a decision is the right one, nobody can tell.
  expect(await post(served.port, await signedBody(wireRecord()))).toBe(200);
  redis.hang();
  onTestFinished(() => redis.resume());
  // Taken in, and waiting for Redis when the process dies.
  const lost = bodies.map((body) => post(served.port, body).catch(() => undefined));
  await vi.waitFor(async () => expect(await inboxSize(env)).toBe(65), { timeout: 10_000, interval: 10 });
  served.child.kill('SIGKILL');
  await served.ended;
  await Promise.all(lost);
  redis.resume();

  const again = await serve(env);
  await ready(again.port);
  const other = await replayInbox({ ...env, WORM_BASE_DIR: await tempDirectory() }, again.port);
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringMatching(/^portcullis: 65 requests came before the oldest /),
  ]);
  const { code, stdout } = await replayInbox(env, again.port);
  expect(stdout).toMatch(/to submit: 64\n/);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/submitted: 64 accepted, /)]);
  expect((await replayInbox(env, again.port)).stdout).toMatch(/to submit: 0\n$/);
});

test('what strangers put among it is refused once, and neither delays the rest nor locks its address out', {
  timeout: 60_000,
}, async () => {
  const env = await environment();
  const first = await serve(env);
  expect(await post(first.port, await signedBody(wireRecord()))).toBe(200);
  first.child.kill('SIGTERM');
  await first.ended;
  // As an outage leaves it that is over before a signature was looked at.
  const junk = await Promise.all(Array.from({ length: 60 }, () => signedBody(wireRecord(), 'another secret')));
  const honest = await Promise.all(Array.from({ length: 4 }, () => signedBody(wireRecord())));
  const inbox = await openInboxLog(env.WAL_DIR ?? '');
  for (const [at, body] of [...junk, 'not json', ...honest].entries()) {
    const head = { at: Date.now(), decision_id: `taken in ${at}`, tenant: 'default' };
    await inbox.append({ head, body: Buffer.from(body) });
  }
  await inbox.close();

  const { port } = await serve(env);
  await ready(port);
  expect((await stat(`${env.WAL_DIR}/replay-pass`)).mode & 0o777).toBe(0o600);
  const { code, stdout } = await replayInbox(env, port);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/submitted: 4 accepted, 0 escalated, 61 refused, 0 left\n$/),
  ]);
  const again = await replayInbox(env, port);
  expect(again.stdout).toMatch(/of which 9 were accepted, 122 refused, .* to submit: 0\n$/);

  // Who comes from that address without the pass is counted as ever, from the first failure on.
  const [wrong = ''] = junk;
  const attempts: number[] = [];
  for (let at = 0; at < 25; at++) attempts.push(await post(port, wrong));
  expect(attempts.slice(0, 20)).toEqual(Array(20).fill(401));
  expect(attempts.at(-1)).toBe(429);
  const pass = (await readFile(`${env.WAL_DIR}/replay-pass`, 'utf8')).trim();
  const withPass = async (text: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-portcullis-replay': text };
    return (await send(port, { path: '/v1/pcs/submit', headers, chunks: [wrong] })).status;
  };
  expect(await withPass(pass)).toBe(401);
  for (const text of ['', pass.slice(1), `${pass}, ${pass}`, pass.toUpperCase()])
    expect(await withPass(text)).toBe(429);
});

test('a gateway that goes on refusing is not flooded, and the exit code tells', async () => {
  const env = await environment();
  const { port } = await serve(env);
  await redis.kill();
  for (let i = 0; i < 40; i++) expect(await post(port, await signedBody(wireRecord()))).toBe(503);
  await redis.start();
  let posts = 0;
  const refusing = createServer((req, res) => {
    if (req.url === '/ready') return void res.end('{"ready":true}');
    posts++;
    // No answer within the time that the command is ready to wait for.
    res.writeHead(503, { 'retry-after': '3600' }).end();
  }).listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  onTestFinished(() => void refusing.close());
  const { code, stdout } = await replayInbox(env, (refusing.address() as AddressInfo).port);
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/submitted: 0 accepted, 0 escalated, 0 refused, 40 left\n$/),
  ]);
  expect(posts).toBeLessThan(16);
});

test.each([
  [['--url', 'canary'], /PTC_E002 .*--url/],
  [['--older-than', 'canary'], /PTC_E003 An option is out of range: --older-than .*from 0/],
  [['--older-than', ''], /PTC_E003 .*--older-than /],
  [['--days', '14'], /PTC_E003 .*: --days .*from 1 to 13/],
  [['--url', 'http://127.0.0.1:9'], /^portcullis: no gateway answers there/],
])('%j ends with 1 and one line', async (args, message) => {
  const [WAL_DIR, WORM_BASE_DIR] = [await tempDirectory(), await tempDirectory()];
  const { code, stdout, stderr } = await runCli(['replay-inbox', ...args], { WAL_DIR, WORM_BASE_DIR });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/canary/);
});

test.each(['WAL_DIR', 'WORM_BASE_DIR'])('a %s that is not there is refused', async (name) => {
  const env = { WAL_DIR: await tempDirectory(), WORM_BASE_DIR: await tempDirectory(), [name]: '/canary' };
  const { code, stdout, stderr } = await runCli(['replay-inbox'], env);
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    expect.stringMatching(new RegExp(`^portcullis: PTC_E013 [^\\n]*${name}[^\\n]*\\n$`)),
  ]);
  expect(stderr).not.toContain('canary');
});
