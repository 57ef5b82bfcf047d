import type { Response } from 'express';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portcullis } from '../../middleware/express.ts';
import type { EgressOptions } from '../../middleware/node-egress.ts';
import { createGate } from '../../src/gate.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { createScanner } from '../../src/pii.ts';
import type { Stage } from '../../src/stage.ts';
import { EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen } from '../helpers/http.ts';
import { exchangeRaw, requestText, undated } from '../helpers/raw.ts';

const SECRET = 'jane@portcullis.dev';
const scanner = createScanner();

/** One thing that an application does to its response. */
type Step = readonly ['pause'] | readonly [method: string, ...args: unknown[]];

const chunk = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(SECRET, 'jane@', 'portcullis.dev', ' and more ', '') },
  { weight: 1, arbitrary: fc.constantFrom(SECRET, 'x\u00e9', '').map((text) => Buffer.from(text)) },
  // Not of odd length: as hexadecimal that ends the process, with a gate and without.
  { weight: 1, arbitrary: fc.constantFrom('6d61696c', Buffer.from(SECRET).toString('hex')) },
  { weight: 1, arbitrary: fc.constantFrom(5, null, undefined, {}, false) },
);
const encoding = fc.constantFrom(undefined, undefined, 'utf8', 'latin1', 'base64', 'utf16le', null);
const name = fc.constantFrom('X-A', 'x-b', 'Set-Cookie', 'Content-Length', 'content-type', 'Trailer', 'x bad');
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('1', '5', 'text/plain', 'X-Sum') },
  fc.constantFrom(3, ['1', '2'], undefined, 'a\nb', ''),
);
const fields = fc.oneof(
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((pairs) => pairs.flat()),
  fc.array(name, { maxLength: 3 }),
);
const status = fc.constantFrom(200, 200, 201, 204, 206, 304, 404, 500, 99, 99_999, 'x', undefined);
const phrase = fc.constantFrom('Fine', SECRET, 'a\nb', '');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('setHeader'), name, value) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('removeHeader'), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('appendHeader'), name, value) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('set statusCode'), status) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('set statusMessage'), phrase) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('set strictContentLength'), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('writeHead'), status) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('writeHead'), status, fields) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('writeHead'), status, phrase, fields) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('write'), chunk, encoding) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('flushHeaders')) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('cork', 'uncork')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('addTrailers'), fields) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('end'), chunk, encoding) },
  { weight: 2, arbitrary: fc.constant(['pause'] as const) },
);

/** Does the steps one by one; says after each what it returned or threw, and how the response looks then. */
async function run(res: Response, steps: readonly Step[], log: unknown[]): Promise<void> {
  const methods = res as unknown as Record<string, unknown>;
  const act = ([method, ...args]: readonly [string, ...unknown[]]): unknown => {
    const [, property] = /^set (.*)$/.exec(method) ?? [];
    if (property !== undefined) {
      methods[property] = args[0];
      return undefined;
    }
    const given = args.map((arg) => (Array.isArray(arg) ? structuredClone(arg) : arg));
    const result = (methods[method] as (...all: unknown[]) => unknown).apply(res, given);
    return result === res ? 'res' : result;
  };
  res.on('error', () => {});
  let isRefused = false;
  for (const one of [...steps, ['end'] as const]) {
    // Of a head or an end that it refuses, Node remembers the length, for whatever is written next.
    if (isRefused && !(one[0] === 'end' && one.length === 1)) continue;
    if (one[0] === 'pause') {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const seen: unknown[] = [one];
    try {
      seen.push(act(one));
    } catch (error) {
      const { name: kind, code } = error as NodeJS.ErrnoException;
      seen.push([kind, code]);
    }
    isRefused ||= (one[0] === 'end' || one[0] === 'writeHead') && Array.isArray(seen.at(-1));
    const { headersSent, writableEnded, finished, statusCode, statusMessage } = res;
    log.push([...seen, headersSent, writableEnded, finished, statusCode, statusMessage, res.getHeaders()]);
  }
  if (res.writableEnded) return;
  // A head that Node never takes. How much went out before is a matter of time.
  log.push('destroyed');
  res.destroy();
}

async function harness(version: 4 | 5, egress: EgressOptions | undefined) {
  const app = EXPRESSES[version]();
  app.disable('x-powered-by');
  app.use(portcullis(createGate({ guards: [] }), egress === undefined ? {} : { egress }));
  let steps: readonly Step[] = [];
  let log: unknown[] = [];
  app.use((_req, res) => void run(res, steps, log));
  const server = await listen(app);
  return {
    async play(program: readonly Step[], method: string, http: string): Promise<{ wire: string; log: unknown[] }> {
      steps = program;
      log = [];
      const wire = undated(await exchangeRaw(server.port, requestText(method, '/', [], http)));
      return { wire: log.at(-1) === 'destroyed' ? '' : wire, log };
    },
    close: server.close,
  };
}

const gateAt = (mode: 'block' | 'redact', stage: Stage): EgressOptions['gate'] =>
  createGate({ guards: [pii({ mode })], stages: { pii: stage } });

/** The body without the frames of its chunks, as far as they hold. */
function bodyOf(wire: string): string {
  const at = wire.indexOf('\r\n\r\n');
  const body = at < 0 ? '' : wire.slice(at + 4);
  if (!/transfer-encoding: *chunked/i.test(wire.slice(0, at))) return body;
  let text = '';
  for (let rest = body; rest !== ''; ) {
    const size = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (size === null || size[1] === '0') break;
    const begin = size[0].length;
    const end = begin + Number.parseInt(size[1]!, 16);
    text += rest.slice(begin, end);
    rest = rest.slice(end + 2);
  }
  return text;
}

const program = fc.tuple(
  fc.array(step, { maxLength: 9 }),
  fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
);

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  test.each(['pass', 'hold'] as const)(
    'a reporting gate changes no byte of a response and nothing that its application sees, whatever it does (%s)',
    async (streams) => {
      const bare = await harness(version, undefined);
      const watched = await harness(version, { gate: gateAt('block', 'report-only'), streams });
      try {
        await fc.assert(
          fc.asyncProperty(program, async ([steps, method, http]) => {
            const [expected, actual] = await Promise.all([
              bare.play(steps, method, http),
              watched.play(steps, method, http),
            ]);
            expect(actual).toEqual(expected);
          }),
          { numRuns: 400, endOnFailure: false },
        );
      } finally {
        await bare.close();
        await watched.close();
      }
    },
  );

  test.each([
    ['block', 'hold'],
    ['redact', 'hold'],
    ['block', 'pass'],
    ['redact', 'pass'],
  ] as const)('an enforcing gate lets no value out, whatever its application does (%s, %s)', async (mode, streams) => {
    const watched = await harness(version, { gate: gateAt(mode, 'enforce'), streams });
    const isSeen = ([method]: Step): boolean => streams === 'hold' || !['write', 'flushHeaders'].includes(method);
    try {
      await fc.assert(
        fc.asyncProperty(program, async ([steps, method, http]) => {
          const { wire } = await watched.play(steps.filter(isSeen), method, http);
          expect(wire.split('\r\n', 1)[0]).not.toContain(SECRET);
          const body = bodyOf(wire);
          expect(scanner.scan(Buffer.from(body, 'latin1').toString('utf8'))).toEqual([]);
          if (!body.includes('[REDACTED')) return;
          const length = /^content-length: (\d+)\r$/im.exec(wire)?.[1];
          if (length !== undefined) expect(body).toHaveLength(Number(length));
          else if (/^transfer-encoding/im.test(wire)) expect(wire.endsWith('\r\n0\r\n\r\n')).toBe(true);
        }),
        { numRuns: 300 },
      );
    } finally {
      await watched.close();
    }
  });
});
