import { expect, test } from 'vitest';
import type { GuardContext, Verdict } from '../../../src/guard.ts';
import { type PiiMode, type PiiOptions, pii } from '../../../src/pii.ts';
import { buildExchange } from '../../../src/testing.ts';

const CONTEXT: GuardContext = {
  tenant: undefined,
  now: 0,
  decisionId: 'test',
  facts: {},
  currentBody: () => new Uint8Array(),
};

async function inspect(options: PiiOptions, type: string, body: string | Uint8Array): Promise<Verdict> {
  const exchange = buildExchange({ headers: { 'content-type': type }, body });
  await exchange.loadBody();
  return pii(options).inspect(exchange, CONTEXT);
}

/** Code of the refusal, or the kind of any other verdict, in `detect`, `block` and `redact`. */
async function outcomes(type: string, body: string | Uint8Array, more: PiiOptions = {}): Promise<string> {
  const modes: readonly PiiMode[] = ['detect', 'block', 'redact'];
  const verdicts = await Promise.all(modes.map((mode) => inspect({ ...more, mode }, type, body)));
  return verdicts.map((verdict) => (verdict.kind === 'deny' ? verdict.code : verdict.kind)).join(' ');
}

const PASSES = 'pass pass pass';
const FOUND = 'flag PTC_D201 PTC_D201';
const UNREAD = 'pass PTC_D104 PTC_D104';
const FOUND_AND_REDACTED = 'flag PTC_D201 redact';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string, order: 'le' | 'be'): Uint8Array =>
  Uint8Array.from(
    [...text]
      .flatMap((char) => [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8])
      .map((_, i, all) => all[order === 'le' ? i : i ^ 1]!),
  );
const utf32 = (text: string): Uint8Array => Uint8Array.from([...text].flatMap((char) => [0, 0, 0, char.charCodeAt(0)]));

const JSON_EMAIL = '{"a":"bob@example.com"}';
const JSON_NONE = '{"a":"b"}';

test.each([
  'utf-16',
  'UTF-16',
  '"utf-16"',
  'ucs-2',
  'unicode',
  'utf-32',
  'utf-7',
  'utf-8:2000',
  '""',
  "'utf-8'",
  'utf_16le',
])('charset=%s is not read alike everywhere', async (charset) => {
  for (const type of ['application/json', 'text/plain']) {
    const claim = `${type}; charset=${charset}`;
    for (const body of [utf16(JSON_EMAIL, 'le'), utf16(JSON_EMAIL, 'be'), utf32(JSON_EMAIL), JSON_EMAIL]) {
      expect(await outcomes(claim, body)).toBe(FOUND);
    }
    for (const body of [utf16(JSON_NONE, 'be'), JSON_NONE]) expect(await outcomes(claim, body)).toBe(UNREAD);
    expect(await outcomes(claim, '')).toBe(PASSES);
  }
});

test.each(['utf-16le', 'utf-16be', 'UTF-16LE', '"utf-16be"'])(
  'charset=%s is read, and as UTF-8 too',
  async (charset) => {
    const type = `application/json; charset=${charset}`;
    for (const order of ['le', 'be'] as const) {
      expect(await outcomes(type, utf16(JSON_EMAIL, order))).toBe(FOUND);
      expect(await outcomes(type, utf16(`\ufeff${JSON_EMAIL}`, order))).toBe(FOUND);
      expect(await outcomes(type, utf16('{"a":"bob\\u0040example.com"}', order))).toBe(FOUND);
      expect(await outcomes(type, utf16(JSON_NONE, order))).toBe(PASSES);
    }
    // Applications that never look at the charset.
    expect(await outcomes(type, JSON_EMAIL)).toBe(FOUND);
    expect(await outcomes(type, JSON_NONE)).toBe(PASSES);
  },
);

test.each(['us-ascii', 'latin1', 'ISO-8859-1', '"iso-8859-15"', 'windows-1251', 'koi8-r'])(
  'charset=%s is read, and redacted while it is UTF-8 all the same',
  async (charset) => {
    const type = `text/plain; charset=${charset}`;
    expect(await outcomes(type, 'to bob@example.com')).toBe(FOUND_AND_REDACTED);
    expect(await outcomes(type, Uint8Array.from([0xe9, 0x20, ...ascii('bob@example.com')]))).toBe(FOUND);
    expect(await outcomes(type, Uint8Array.from([0xe9, 0x20]))).toBe(PASSES);
  },
);

test('an en dash of windows-1252 separates digits, whatever the runtime takes it for', async () => {
  const body = Uint8Array.from([...ascii('415'), 0x96, ...ascii('555'), 0x96, ...ascii('2671')]);
  expect(await outcomes('text/plain; charset=windows-1252', body)).toBe(FOUND);
});

test.each(['shift_jis', 'big5', 'gb18030', 'euc-kr', 'iso-2022-jp', 'ibm866', 'base64', 'hex', 'x'])(
  'charset=%s is refused: decoders differ about ASCII bytes, or nothing decodes it',
  async (charset) => {
    expect(await outcomes(`text/plain; charset=${charset}`, 'b')).toBe(UNREAD);
  },
);

test.each([
  'x=";charset=utf-8"; charset=utf-7',
  'charset=utf-8; charset=utf-7',
  'charset=utf-7; charset=utf-8',
  'charset=utf-8; charset=utf-8',
  "charset=utf-8; charset*=us-ascii''utf-7",
  'charset = utf-8',
  'charset=utf-8, text/plain; charset=utf-7',
  'x="; charset=utf-8',
  'charset=',
])('parameters %s are refused', async (parameters) => {
  expect(await outcomes(`application/json; ${parameters}`, JSON_NONE)).toBe(UNREAD);
  expect(await outcomes(`application/json; ${parameters}`, JSON_EMAIL)).toBe(FOUND);
});

test.each(['x=";charset=utf-7"; charset=utf-8', 'x=";charset=utf-7"', 'CHARSET="UTF-8";', 'charset=utf8', ' ; x=1'])(
  'parameters %s say UTF-8',
  async (parameters) => {
    expect(await outcomes(`application/json; ${parameters}`, JSON_NONE)).toBe(PASSES);
    expect(await outcomes(`application/json; ${parameters}`, JSON_EMAIL)).toBe(FOUND_AND_REDACTED);
  },
);

test.each(['application/octet-stream', 'application/json', 'text/plain', 'application/json; charset=utf-8', ''])(
  'text with NULs in %j is read as UTF-16 and UTF-32 too',
  async (type) => {
    for (const encoded of [utf16(JSON_EMAIL, 'le'), utf16(JSON_EMAIL, 'be'), utf32(JSON_EMAIL)]) {
      expect(await outcomes(type, encoded)).toBe(FOUND);
      // At an odd offset, behind text of another kind, and behind bytes that are no UTF-8.
      expect(await outcomes(type, Uint8Array.from([0x2e, ...encoded]))).toBe(FOUND);
      expect(await outcomes(type, Uint8Array.from([0xff, ...encoded]))).toBe(FOUND);
    }
    // What could be rewritten does not let through what could not.
    expect(
      await outcomes(type, Uint8Array.from([...ascii('alice@example.com '), ...utf16('bob@example.com', 'be')])),
    ).toBe(FOUND);
    expect(await outcomes(type, 'alice@example.com \0')).toBe(FOUND);
    expect(await outcomes(type, 'alice \0 example.com')).toBe(PASSES);
  },
);

test('an address in letters of two bytes is found in UTF-16', async () => {
  expect(await outcomes('application/octet-stream', utf16('\u7528\u6237@example.com', 'be'))).toBe(FOUND);
});

test('a NUL that is escaped in JSON is no NUL', async () => {
  expect(await outcomes('application/json', '{"a":"\\u0000 bob@example.com"}')).toBe(FOUND_AND_REDACTED);
});

test('findings of the head do not end the reading of the body', async () => {
  const exchange = buildExchange({ headers: { 'x-a': 'alice@example.com' }, body: utf16('bob@example.com', 'be') });
  await exchange.loadBody();
  const verdict = await pii({ headers: ['x-a'] }).inspect(exchange, CONTEXT);
  expect(verdict.findings?.map(({ place }) => place.in)).toEqual(['header', 'body']);
});

test('a value is found in one reading only, and its place is in that', async () => {
  const verdict = await inspect({}, 'text/plain; charset=utf-16', utf16('bob@example.com', 'be'));
  expect(verdict.findings).toEqual([
    { rule: 'pii/email', place: { in: 'body', pointer: '', start: 0, end: 15 }, score: 0.2 },
  ]);
});

test('utf8Only refuses every other charset, and bytes that are not UTF-8', async () => {
  const only = { utf8Only: true };
  for (const charset of ['utf-16le', 'latin1', 'us-ascii', 'utf-16', 'x']) {
    const type = `application/json; charset=${charset}`;
    expect(await outcomes(type, JSON_NONE, only)).toBe(UNREAD);
    expect(await outcomes(type, JSON_EMAIL, only)).toBe(FOUND);
    expect(await outcomes(type, '', only)).toBe(PASSES);
  }
  expect(await outcomes('application/json', Uint8Array.from([0xff]), only)).toBe('pass PTC_D106 PTC_D106');
  for (const type of ['', 'application/json', 'application/json; charset="UTF-8"', 'text/plain;charset=utf8']) {
    expect(await outcomes(type, JSON_NONE, only)).toBe(PASSES);
    expect(await outcomes(type, JSON_EMAIL, only)).toBe(FOUND_AND_REDACTED);
  }
});
