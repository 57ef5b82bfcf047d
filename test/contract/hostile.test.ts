import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exchangeRaw } from '../helpers/raw.ts';
import { control, decidedOf, request, talk } from './client.ts';
import { NODE_TARGETS, RUNTIME_TARGETS } from './targets/all.ts';
import type { Server } from './targets/target.ts';

const PATH = '/bytes/x';
const HEAD = `POST ${PATH} HTTP/1.1\r\nHost: h.example\r\n`;
/** Bytes that a bomb is decompressed to. */
const BOMB_BYTES = 64 * 1_048_576;
const AT_ONCE = 50;
/** Files that a runtime may open for itself meanwhile. */
const OWN_FILES = 4;

/** Framings that are no framing: of chunks that begin well, of chunks that do not, and of heads. */
const MALFORMED: readonly string[] = [
  ...[
    'zz\r\nabc\r\n0\r\n\r\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '-1\r\nabc\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n',
    'fffffffffffffffff\r\nabc',
    '3\nabc\n0\n\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    '\r\nabc\r\n0\r\n\r\n',
    '3\r\nabc\r\n0\r\nno colon\r\n\r\n',
    `3;${'x'.repeat(100_000)}\r\nabc\r\n0\r\n\r\n`,
    '3\r\nabc\r\n3\r\nab',
    '\0\0\0\0',
  ].map((body) => `${HEAD}Transfer-Encoding: chunked\r\n\r\n${body}`),
  `${HEAD}Transfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: identity\r\n\r\nabc`,
  `${HEAD}Transfer-Encoding: \x0bchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  `${HEAD}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde`,
  `${HEAD}Content-Length: 3, 5\r\n\r\nabcde`,
  `${HEAD}Content-Length: +3\r\n\r\nabc`,
  `${HEAD}Content-Length: 1e3\r\n\r\nabc`,
  `${HEAD}Content-Length: 99999999999999999999\r\n\r\nabc`,
  `${HEAD}Content-Length : 3\r\n\r\nabc`,
  `${HEAD}X: a\0b\r\nContent-Length: 3\r\n\r\nabc`,
  `${HEAD}X: a\rb\r\nContent-Length: 3\r\n\r\nabc`,
  `${HEAD}${'X: y\r\n'.repeat(20_000)}\r\n`,
];

/** Does something so many times, some at once. */
async function flood(times: number, act: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < times; at = next++) await act(at);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, times) }, work));
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Begins to upload, and goes away once the server has asked for the body; where it never asks, after a while. */
async function abort(port: number, at: number, asks: boolean): Promise<void> {
  const socket = await open(port);
  const framing = at % 2 === 0 ? 'Content-Length: 100000' : 'Transfer-Encoding: chunked';
  socket.write(`${HEAD}${asks ? 'Expect: 100-continue\r\n' : ''}${framing}\r\n\r\n`);
  await (asks ? once(socket, 'data') : new Promise((resolve) => setTimeout(resolve, 100)));
  const part = at % 2 === 0 ? 'x'.repeat(at % 7 === 0 ? 70_000 : 10) : 'ff\r\nabc';
  if (at % 5 !== 0) await new Promise((resolve) => socket.write(part, resolve));
  socket.destroy();
  if (!socket.closed) await once(socket, 'close');
}

async function answers(port: number): Promise<void> {
  const answer = await talk(port, { parts: request({ path: PATH, body: 'still there' }) });
  expect(answer?.status).toBe(200);
}

/** One decision for each request, each with an id of its own. */
function ids(decisions: readonly unknown[]): Set<unknown> {
  return new Set((decisions as { id: unknown }[]).map(({ id }) => id));
}

const codes = (decisions: readonly unknown[]): unknown[] => [
  ...new Set((decisions as { code: unknown }[]).map(({ code }) => code)),
];

/** Open files of a process; 0 where nobody tells. */
function openFiles(pid: number | undefined): number {
  const path = pid === undefined ? '/dev/fd' : `/proc/${pid}/fd`;
  return existsSync(path) ? readdirSync(path).length : 0;
}

/** Waits for the connections to be gone, for some seconds at most. */
async function expectClosed(pid: number | undefined, before: number): Promise<void> {
  const most = before + OWN_FILES;
  for (let looks = 0; openFiles(pid) > most && looks < 300; looks++) await new Promise((r) => setTimeout(r, 10));
  expect(openFiles(pid)).toBeLessThanOrEqual(most);
}

/** Clients that hold a connection as long as they can: some never end their head, some never end their body. */
async function slowloris(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let at = 0; at < count; at++) {
    const socket = await open(port);
    sockets.push(socket);
    socket.write(at % 2 === 0 ? HEAD : `${HEAD}Content-Length: 1000\r\n\r\n`);
  }
  for (let turn = 0; turn < 5; turn++) {
    for (const [at, socket] of sockets.entries()) socket.write(at % 2 === 0 ? `X-${turn}: y\r\n` : 'x');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return sockets;
}

const BOMBS: readonly [string, Buffer][] = [
  ['gzip', gzipSync(Buffer.alloc(BOMB_BYTES))],
  ['deflate', deflateSync(Buffer.alloc(BOMB_BYTES))],
  ['br', brotliCompressSync(Buffer.alloc(BOMB_BYTES))],
];

async function bomb(port: number, at: number): Promise<unknown> {
  const [coding, body] = BOMBS[at % BOMBS.length]!;
  const answer = await talk(port, { parts: request({ path: PATH, body, headers: [['Content-Encoding', coding]] }) });
  return answer?.status;
}

describe.each([...NODE_TARGETS, ...RUNTIME_TARGETS])('$name', ({ name, start }) => {
  const isNode = NODE_TARGETS.some((target) => target.name === name);
  let server: Server;
  let files: number;
  beforeAll(async () => {
    server = await start();
    await answers(server.port);
  }, 60_000);
  beforeEach(async () => {
    await control(server.port, 'DELETE');
    files = openFiles(server.pid);
  });
  afterAll(() => server.stop());

  test('uploads that are aborted', async () => {
    const { port, pid } = server;
    const times = isNode ? 1_000 : 100;
    await flood(times, (at) => abort(port, at, name !== 'workerd'));
    const { decisions, reached } = await decidedOf(port, times);
    expect([decisions.length, ids(decisions).size, codes(decisions), reached]).toEqual([times, times, ['PTC_D103'], 0]);
    await answers(port);
    await expectClosed(pid, files);
  });

  test('clients that never come to an end', async () => {
    const { port, pid } = server;
    const sockets = await slowloris(port, 100);
    await answers(port);
    for (const socket of sockets) socket.destroy();
    // Those whose head was whole, and the one that came in between.
    const { decisions, reached } = await decidedOf(port, 51);
    expect([decisions.length, ids(decisions).size, reached]).toEqual([51, 51, 1]);
    expect(codes(decisions)).toEqual([undefined, 'PTC_D103']);
    await answers(port);
    await expectClosed(pid, files);
  });

  test('framings that are none: no decision or one, and no way past it', async () => {
    const { port, pid } = server;
    for (const text of MALFORMED) {
      await control(port, 'DELETE');
      await talk(port, { parts: [text], end: true });
      const { decisions, reached } = await control(port, 'GET');
      const shown = JSON.stringify(text).slice(0, 150);
      expect(decisions.length, shown).toBeLessThanOrEqual(1);
      // Where a server is content with it, guards have seen what the application gets.
      const allowed = codes(decisions).filter((code) => code === undefined).length;
      expect(reached, shown).toBe(isNode ? 0 : allowed);
    }
    await answers(port);
    await expectClosed(pid, files);
  });

  test('a connection on which an upload was refused', async () => {
    const { port, pid } = server;
    const chunk = `80000\r\n${'x'.repeat(0x80000)}\r\n`;
    const upload = `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`;
    const next = 'GET /head HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n';
    const statuses = (await exchangeRaw(port, upload, next)).match(/(?<=HTTP\/1\.1 )\d+/g);
    // Some servers close it; where it stays open, the next request is served.
    expect(statuses?.join()).toMatch(isNode && name !== 'fetch' ? /^413,200$/ : /^413(?:,200)?$/);
    await answers(port);
    await expectClosed(pid, files);
  });

  test('bombs', async () => {
    const { port, pid } = server;
    const times = isNode ? 60 : 48;
    const statuses: unknown[] = [];
    await flood(times, async (at) => void statuses.push(await bomb(port, at)));
    const { decisions, reached } = await control(port, 'GET');
    expect([decisions.length, ids(decisions).size, reached]).toEqual([times, times, 0]);
    const expected = name === 'workerd' ? [413, 415] : [413];
    expect([...new Set(statuses)].sort()).toEqual(expected);
    await answers(port);
    await expectClosed(pid, files);
  });
});
