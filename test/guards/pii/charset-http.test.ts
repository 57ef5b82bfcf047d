import { Buffer } from 'node:buffer';
import type { Express } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { portcullis } from '../../../middleware/express.ts';
import { createGate } from '../../../src/gate.ts';
import { type PiiMode, pii } from '../../../src/pii.ts';
import { anyPath, EXPRESS_VERSIONS, EXPRESSES } from '../../helpers/expresses.ts';
import { listen, type Running, send } from '../../helpers/http.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

const EMAIL = 'bob@example.com';
const MODES: readonly PiiMode[] = ['block', 'redact'];
const AT_ONCE = 16;

/** Bodies by media type; each is long enough for heuristics that look at the first bytes. */
const TEXTS: Readonly<Record<string, string>> = {
  'application/json': `{"a":"${EMAIL}"}`,
  'text/plain': `Write to ${EMAIL} today`,
  'application/x-www-form-urlencoded': `a=${EMAIL}`,
  'application/octet-stream': `Write to ${EMAIL} today`,
};

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function utf32(text: string, order: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.alloc(text.length * 4);
  for (let i = 0; i < text.length; i++) bytes[`writeUInt32${order}`](text.charCodeAt(i), i * 4);
  return bytes;
}

const ENCODINGS: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  utf16be,
  (text) => utf16be(`\ufeff${text}`),
  (text) => utf32(text, 'LE'),
  (text) => utf32(`\ufeff${text}`, 'BE'),
  // RFC 2152: the bytes 00 40 in modified base64.
  (text) => Buffer.from(text.replace('@', '+AEA-')),
  (text) => Buffer.from(text.replace('a', '\u00e9a'), 'latin1'),
  (text) => Buffer.from(Buffer.from(text).toString('base64')),
  (text) => Buffer.from(Buffer.from(text).toString('hex')),
];

const CHARSETS = ['UTF-8', 'utf-16', 'UTF-16LE', 'utf-16be', 'utf-7', 'utf-32', 'ucs-2', 'iso-8859-1', 'base64', 'hex'];
const PARAMETERS: readonly string[] = [
  '',
  ...CHARSETS.map((charset) => `; charset=${charset}`),
  ...['utf-16', 'utf-7'].flatMap((charset) => [
    `;CHARSET="${charset.toUpperCase()}"`,
    `; x=";charset=utf-8"; charset=${charset}`,
    `; x="\\";charset=utf-8;\\""; charset=${charset}`,
    `; charset=utf-8; charset=${charset}`,
    `; charset=${charset}; charset=utf-8`,
    `; charset = ${charset}`,
    `;\tcharset=${charset}\t`,
    `;;charset=${charset};`,
    `; charset='${charset}'`,
    `; charset="${charset} "`,
    `; charset=${charset}:2000`,
    `; charset=utf-8, x/y; charset=${charset}`,
    `, x/y; charset=${charset}`,
    `; charset=utf-8; charset*=${charset}`,
    `; x="; charset=${charset}`,
  ]),
  '; charset="iso-8859-1"; x="charset=utf-16"',
  '; charset=',
  '; charset=""',
];

interface Sent {
  readonly type: string;
  readonly body: Buffer;
}

const TRICKS: readonly Sent[] = Object.entries(TEXTS).flatMap(([media, text]) =>
  // Parsers of forms take no charset that hides anything, and raw ones no charset at all.
  (media.includes('/x-') || media.includes('octet') ? PARAMETERS.slice(0, 3) : PARAMETERS).flatMap((parameters) =>
    ENCODINGS.map((encode) => ({ type: media + parameters, body: encode(text) })),
  ),
);

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  const make = EXPRESSES[version];

  async function serve(mode: PiiMode | undefined): Promise<(sent: Sent) => Promise<{ status: number; seen: string }>> {
    const app: Express = make();
    if (mode) app.use(portcullis(createGate({ guards: [pii({ mode })], stages: { pii: 'enforce' } })));
    app.use(make.json(), make.text(), make.urlencoded({ extended: true }), make.raw());
    app.all(anyPath(version), (req, res) => {
      const body: unknown = Buffer.isBuffer(req.body) ? req.body.toString('latin1') : req.body;
      res.json({ body: body ?? null });
    });
    app.use(((_error, _req, res, _next) => void res.status(400).end()) as import('express').ErrorRequestHandler);
    const server = await listen(app);
    running.push(server);
    return async ({ type, body }) => {
      const answer = await send(server.port, { headers: { 'content-type': type }, chunks: [body] });
      return { status: answer.status, seen: answer.status === 200 ? JSON.stringify(JSON.parse(answer.body).body) : '' };
    };
  }

  /** Which of the requests show the address to the application. */
  async function reaching(mode: PiiMode | undefined): Promise<readonly string[]> {
    const ask = await serve(mode);
    const reached: string[] = [];
    for (let i = 0; i < TRICKS.length; i += AT_ONCE) {
      await Promise.all(
        TRICKS.slice(i, i + AT_ONCE).map(async (sent) => {
          const { seen } = await ask(sent);
          // Raw bytes are shown as Latin-1, where UTF-16 and UTF-32 leave NULs.
          if (seen.replaceAll('\\u0000', '').includes(EMAIL)) reached.push(`${sent.type} ${sent.body.toString('hex')}`);
        }),
      );
    }
    return reached;
  }

  test('the tricks work without a gate', async () => {
    const reached = await reaching(undefined);

    expect(reached.length).toBeGreaterThan(300);
    for (const [type, body] of [
      ['application/json; charset=utf-16', utf16be(TEXTS['application/json']!)],
      ['text/plain; charset=utf-16', utf16be(TEXTS['text/plain']!)],
      ['application/json; x=";charset=utf-8"; charset=utf-7', Buffer.from('{"a":"bob+AEA-example.com"}')],
    ] as const) {
      expect(reached).toContain(`${type} ${body.toString('hex')}`);
    }
  });

  test.each(MODES)('%s: none of them reaches the application', async (mode) => {
    expect(await reaching(mode)).toEqual([]);
  });

  test.each(MODES)('%s: requests without personal data pass unchanged', async (mode) => {
    const ask = await serve(mode);
    const benign: readonly [string, string | Buffer, unknown][] = [
      ['application/json', '{"a":"b\u00e9"}', { a: 'b\u00e9' }],
      ['application/json; charset=utf-8', '{"a":"\ud83d\ude00"}', { a: '\ud83d\ude00' }],
      ['application/json;charset="UTF-8"', '{"a":1}', { a: 1 }],
      ['application/json; x=";charset=utf-7"; charset=utf-8', '{"a":1}', { a: 1 }],
      ['Application/JSON ; CHARSET=utf-8 ', '{}', {}],
      ['text/plain', 'at noon', 'at noon'],
      ['text/plain; format=flowed; charset=utf-8', 'caf\u00e9', 'caf\u00e9'],
      ['text/plain; charset=iso-8859-1', Buffer.from('caf\u00e9', 'latin1'), 'caf\u00e9'],
      ['text/plain; charset=utf-16le', Buffer.from('caf\u00e9', 'utf16le'), 'caf\u00e9'],
      ['text/plain; charset=utf-16be', utf16be('caf\u00e9'), 'caf\u00e9'],
      ['application/x-www-form-urlencoded', 'a=b%C3%A9', { a: 'b\u00e9' }],
      ['application/x-www-form-urlencoded; charset=utf-8', 'a=1', { a: '1' }],
      ['application/octet-stream', Buffer.from([0, 1, 2, 0xff]), '\u0000\u0001\u0002\u00ff'],
    ];
    for (const [type, body, expected] of benign) {
      expect([type, await ask({ type, body: Buffer.from(body) })]).toEqual([
        type,
        { status: 200, seen: JSON.stringify(expected) },
      ]);
    }
  });

  test('redact still redacts UTF-8, in whatever way it is claimed', async () => {
    const ask = await serve('redact');
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;Charset="UTF-8"']) {
      const { seen } = await ask({ type, body: Buffer.from(TEXTS['application/json']!) });
      expect(seen).toBe('{"a":"[REDACTED_EMAIL]"}');
    }
  });
});
