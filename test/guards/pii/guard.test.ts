import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../src/exchange.ts';
import type { Guard, GuardContext, Verdict } from '../../../src/guard.ts';
import { applyPatches } from '../../../src/patch.ts';
import { MAX_FINDINGS, PII_TYPES, type PiiOptions, type PiiPolicy, pii } from '../../../src/pii.ts';
import { buildExchange, type ExchangeParts } from '../../../src/testing.ts';

const CONTEXT: GuardContext = {
  tenant: undefined,
  now: 0,
  decisionId: 'test',
  facts: {},
  currentBody: () => new Uint8Array(),
};

async function loaded(parts: ExchangeParts): Promise<Exchange> {
  const exchange = buildExchange(parts);
  await exchange.loadBody();
  return exchange;
}

async function inspect(guard: Guard, parts: ExchangeParts, tenant?: string): Promise<Verdict> {
  return guard.inspect(await loaded(parts), { ...CONTEXT, tenant });
}

/** The body after the verdict of a guard in `redact` mode. */
async function redacted(options: PiiOptions, parts: ExchangeParts): Promise<string> {
  const exchange = await loaded(parts);
  const verdict = await pii({ mode: 'redact', ...options }).inspect(exchange, CONTEXT);
  if (verdict.kind !== 'redact') throw new Error(`verdict is ${verdict.kind}`);
  return applyPatches(exchange.text() ?? '', verdict.patches);
}

const EMAIL = { comment: 'Mail alice@example.com please' };
const FOUND = [{ rule: 'pii/email', place: { in: 'body', pointer: '/comment', start: 5, end: 22 }, score: 0.2 }];

test('numbers but some: whole numbers however they are written, at the pointers that are not excepted', async () => {
  const guard = pii({ mode: 'block', numbers: { except: ['/seed'] } });
  const card = async (body: string): Promise<string> => (await inspect(guard, { body })).kind;
  for (const body of [
    '{"a":4111111111111111}',
    '{"a":-4111111111111111}',
    '{"a":4111111111111111.0}',
    '{"a":4.111111111111111e15}',
    '{"a":[[4.111111111111111E+15]]}',
    '{"a":4777777777777777775.0}',
    '{"a":4777777777777777775e0}',
    '{"a":62212677777777771E-0}',
    '{"a":41111111111111110e-1}',
    '{"a":4111111111111110.99999999}',
    '{"seed":"4111111111111111"}',
    // Not strict, but a laxer parser takes it.
    '{"card":4.111111111111111e15,"a":1,"a":2}',
    '{"card":4111111111111111.0,"a":1,"a":2}',
    '\ufeff{"card":4111111111111111.0}',
    `${'['.repeat(40)}41.11111111111111e14${']'.repeat(40)}`,
    '{"x":{"seed":4111111111111111}}',
    '{"a":4.111111111111111e+00015}',
    `{"a":0.${'0'.repeat(10_000)}4111111111111111e10016}`,
    `{"a":1,"a":4111111111111111.${'0'.repeat(25)}}`,
    '{"a":1,"a":4.111111111111111e+0015}',
  ]) {
    expect([body, await card(body)]).toEqual([body, 'deny']);
  }
  for (const body of [
    '{"seed":4111111111111111}',
    '{"a":0.4111111111111111}',
    '{"a":411111111111111e-3}',
    '{"a":1e400}',
  ]) {
    expect([body, await card(body)]).toEqual([body, 'pass']);
  }
});

test('what is labelled a form may be read as JSON: escapes are decoded too', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const body of [
    '{"a":"bob\\u0040example.com"}',
    'a=bob%40example.com',
    '{"a":"+14155552671"}',
    'a=bob@example.com',
  ]) {
    expect([body, (await inspect(pii({ mode: 'block' }), { body, headers: form })).kind]).toEqual([body, 'deny']);
  }
  expect(await redacted({}, { body: 'a=bob%40example.com&b={"c":"eve\\u0040example.com"}', headers: form })).toBe(
    'a=[REDACTED_EMAIL]&b={"c":"[REDACTED_EMAIL]"}',
  );
});

describe('modes', () => {
  test('detect flags and is the default', async () => {
    expect(await inspect(pii(), { body: EMAIL })).toEqual({ kind: 'flag', findings: FOUND });
  });

  test('block denies', async () => {
    expect(await inspect(pii({ mode: 'block' }), { body: EMAIL })).toEqual({
      kind: 'deny',
      code: 'PTC_D201',
      findings: FOUND,
    });
  });

  test('redact replaces the value and nothing else', async () => {
    const verdict = await inspect(pii({ mode: 'redact' }), { body: EMAIL });
    expect(verdict).toEqual({
      kind: 'redact',
      findings: FOUND,
      patches: [{ start: 17, end: 34, text: '[REDACTED_EMAIL]' }],
    });
    const body = '{ "a" : "alice@example.com" ,\n\t"b":[1.0, 2e3, "x"] }\n';
    expect(await redacted({}, { body })).toBe('{ "a" : "[REDACTED_EMAIL]" ,\n\t"b":[1.0, 2e3, "x"] }\n');
  });

  test.each(['detect', 'block', 'redact'] as const)('%s passes what holds nothing', async (mode) => {
    for (const body of ['', '{}', '[]', '{"a":"b"}', '{', 'plain', '"x"', 'null', '4111111111111111']) {
      expect(await inspect(pii({ mode }), { body })).toEqual({ kind: 'pass' });
    }
  });

  test('types choose what counts', async () => {
    expect(await inspect(pii({ types: ['ssn'] }), { body: EMAIL })).toEqual({ kind: 'pass' });
    expect((await inspect(pii({ types: ['ip_address'] }), { body: { a: '10.1.2.30' } })).kind).toBe('flag');
  });

  test('allowed values and domains pass', async () => {
    expect(await inspect(pii({ mode: 'block', allow: { domains: ['example.com'] } }), { body: EMAIL })).toEqual({
      kind: 'pass',
    });
  });
});

describe('JSON', () => {
  test('escapes hide nothing, and only the value is replaced', async () => {
    const body = String.raw`{"a":"\tx\u0061lice\u0040example.com\n\ud83d\ude00","b":"\u0034\u00311-1"}`;
    expect(await redacted({}, { body })).toBe(
      String.raw`{"a":"\t[REDACTED_EMAIL]\n\ud83d\ude00","b":"\u0034\u00311-1"}`,
    );
    const verdict = await inspect(pii(), { body });
    expect(verdict.findings?.[0]?.place).toEqual({ in: 'body', pointer: '/a', start: 1, end: 19 });
  });

  test('an escaped line end separates', async () => {
    expect(await redacted({}, { body: String.raw`{"a":"x\n415-555-2671\n"}` })).toBe(
      String.raw`{"a":"x\n[REDACTED_PHONE]\n"}`,
    );
  });

  test('keys and numbers are left alone unless asked for, and then cannot be rewritten', async () => {
    const body = '{"alice@example.com":1,"b":4111111111111111}';
    expect(await inspect(pii({ mode: 'redact' }), { body })).toEqual({ kind: 'pass' });
    expect(await inspect(pii({ mode: 'redact', keys: true }), { body })).toEqual({
      kind: 'deny',
      code: 'PTC_D201',
      findings: [{ rule: 'pii/email', place: { in: 'body', pointer: '/[REDACTED_EMAIL]' }, score: 0.2 }],
    });
    expect(await inspect(pii({ mode: 'redact', numbers: true }), { body })).toEqual({
      kind: 'deny',
      code: 'PTC_D201',
      findings: [{ rule: 'pii/credit-card', place: { in: 'body', pointer: '/b' }, score: 0.2 }],
    });
  });

  test('stays JSON and equal outside the redacted strings', async () => {
    const piece = fc.constantFrom(
      'alice@example.com',
      '415-555-2671',
      '4111 1111 1111 1111',
      ' ',
      '"',
      '\\',
      '\n',
      '😀',
      'x',
      '\u0001',
      '/',
    );
    const string = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(''));
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        string,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 6 }), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    const clean = (node: unknown): unknown => {
      if (typeof node === 'string') return scanner.redact(node).text;
      if (Array.isArray(node)) return node.map(clean);
      if (typeof node !== 'object' || node === null) return node;
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, clean(inner)]));
    };
    const { createScanner } = await import('../../../src/pii.ts');
    const scanner = createScanner();
    const guard = pii({ mode: 'redact' });
    await fc.assert(
      fc.asyncProperty(value, fc.boolean(), async (document, spaced) => {
        const exchange = await loaded({ body: JSON.stringify(document, null, spaced ? 2 : 0) });
        const verdict = await guard.inspect(exchange, CONTEXT);
        const text = exchange.text() ?? '';
        const after = verdict.kind === 'redact' ? applyPatches(text, verdict.patches) : text;
        const parsed = JSON.parse(text);
        expect(JSON.parse(after)).toEqual(clean(parsed));
        const again = await guard.inspect(await loaded({ body: after }), CONTEXT);
        expect(again.kind).toBe('pass');
      }),
      { numRuns: 300 },
    );
  });

  test('top-level strings are scanned too', async () => {
    expect(await redacted({}, { body: '"alice@example.com"' })).toBe('"[REDACTED_EMAIL]"');
  });
});

describe('fields', () => {
  const options: PiiOptions = {
    mode: 'redact',
    ignore: ['/contact', '/a~1b', '/list/1', '/deep/x'],
    identifiers: ['/id'],
    protect: ['/signed'],
  };
  const guard = pii(options);

  test('an ignored value is exempt at that very place only', async () => {
    const value = 'alice@example.com';
    for (const [body, kind] of [
      [{ contact: value }, 'pass'],
      [{ 'a/b': value }, 'pass'],
      [{ list: ['', value] }, 'pass'],
      [{ list: { 1: value } }, 'pass'],
      [{ deep: { x: value } }, 'pass'],
      [{ contact: [value] }, 'redact'],
      [{ contact: { contact: value } }, 'redact'],
      [{ x: { contact: value } }, 'redact'],
      [[{ contact: value }], 'redact'],
      [{ contact2: value }, 'redact'],
      [{ a: { b: value } }, 'redact'],
      [{ list: [value, ''] }, 'redact'],
      [{ list: { '01': value } }, 'redact'],
    ] as const) {
      expect([body, (await inspect(guard, { body })).kind]).toEqual([body, kind]);
    }
    expect((await inspect(guard, { body: String.raw`{"cont\u0061ct":"alice@example.com"}` })).kind).toBe('pass');
    expect((await inspect(pii({ mode: 'block', ignore: [''] }), { body: '"alice@example.com"' })).kind).toBe('pass');
  });

  test('an identifier is exempt while it looks like one', async () => {
    expect((await inspect(guard, { body: { id: '4111111111111111' } })).kind).toBe('pass');
    expect((await inspect(guard, { body: { id: 'alice@example.com' } })).kind).toBe('redact');
    expect((await inspect(guard, { body: { other: '4111111111111111' } })).kind).toBe('redact');
  });

  test('a protected value blocks, and only there', async () => {
    expect(await inspect(guard, { body: { signed: '415-555-2671' } })).toMatchObject({
      kind: 'deny',
      code: 'PTC_D201',
    });
    expect((await inspect(guard, { body: { signed: ['415-555-2671'] } })).kind).toBe('redact');
    expect((await inspect(guard, { body: { signed: 'x', other: '415-555-2671' } })).kind).toBe('redact');
    const detect = pii({ ...options, mode: 'detect' });
    expect((await inspect(detect, { body: { signed: '415-555-2671' } })).kind).toBe('flag');
  });
});

describe('places', () => {
  const pointerOf = async (body: object | string) => (await inspect(pii(), { body })).findings?.[0]?.place;

  test('are RFC 6901 pointers', async () => {
    expect(await pointerOf({ 'a/b': { 'm~n': ['', { '': 'alice@example.com' }] } })).toMatchObject({
      pointer: '/a~1b/m~0n/1/',
    });
  });

  test('show no personal data from keys, of any type', async () => {
    expect(await pointerOf({ 'to bob@example.org': { '10.1.2.30': ['alice@example.com'] } })).toMatchObject({
      pointer: '/to [REDACTED_EMAIL]/[REDACTED_IP_ADDRESS]/0',
    });
    expect(await pointerOf(String.raw`{"bob\u0040example.org":"alice@example.com"}`)).toMatchObject({
      pointer: '/[REDACTED_EMAIL]',
    });
  });

  test('show no long keys', async () => {
    expect(await pointerOf({ ['k'.repeat(64)]: 'alice@example.com' })).toMatchObject({ pointer: `/${'k'.repeat(64)}` });
    expect(await pointerOf({ ['k'.repeat(65)]: 'alice@example.com' })).toMatchObject({ pointer: '/[LONG_KEY]' });
    expect(await pointerOf({ ['k'.repeat(100_000)]: 'alice@example.com' })).toMatchObject({ pointer: '/[LONG_KEY]' });
  });

  test('are listed up to a limit, and redacted without one', async () => {
    const body = Array.from({ length: 3 * MAX_FINDINGS }, () => 'alice@example.com');
    const verdict = await inspect(pii({ mode: 'redact' }), { body });
    expect(verdict.findings).toHaveLength(MAX_FINDINGS);
    expect(verdict.kind === 'redact' && verdict.patches).toHaveLength(3 * MAX_FINDINGS);
    for (const mode of ['detect', 'block'] as const) {
      expect((await inspect(pii({ mode }), { body })).findings).toHaveLength(MAX_FINDINGS);
    }
    const last = [...body, { signed: '415-555-2671' }];
    const protecting = pii({ mode: 'redact', protect: [`/${body.length}/signed`] });
    expect((await inspect(protecting, { body: last })).kind).toBe('deny');
  });
});

describe('other bodies', () => {
  test('text is scanned as a whole', async () => {
    const parts = { headers: { 'content-type': 'text/plain' }, body: 'call 415-555-2671 😀 alice@example.com' };
    expect(await redacted({}, parts)).toBe('call [REDACTED_PHONE] 😀 [REDACTED_EMAIL]');
    expect((await inspect(pii(), parts)).findings?.[1]).toEqual({
      rule: 'pii/email',
      place: { in: 'body', pointer: '', start: 21, end: 38 },
      score: 0.2,
    });
  });

  test.each([
    ['duplicate keys', String.raw`{"a":1,"a":"alice\u0040example.com"}`],
    ['too deep', `${'['.repeat(40)}"alice\\u0040example.com"${']'.repeat(40)}`],
    ['a byte order mark', '\ufeff{"a":"alice\\u0040example.com"}'],
    ['a trailing comma', String.raw`{"a":"alice\u0040example.com",}`],
    ['several documents', '{"a":1}\n{"a":"alice\\u0040example.com"}'],
  ])('what a lax parser accepts is read as it reads it: %s', async (_name, body) => {
    expect((await inspect(pii({ mode: 'block' }), { body })).kind).toBe('deny');
    expect(await redacted({}, { body })).toBe(body.replace('alice\\u0040example.com', '[REDACTED_EMAIL]'));
  });

  test.each([
    ['{"m":{"a":1,"a":2},"t":"x\\njane@acme.io"}', '{"m":{"a":1,"a":2},"t":"x\\n[REDACTED_EMAIL]"}'],
    ['{"a":1,"a":"\\\\njane@acme.io"}', '{"a":1,"a":"\\\\[REDACTED_EMAIL]"}'],
    ['{"a":1,"a":"\\" jane@acme.io \\\\"}', '{"a":1,"a":"\\" [REDACTED_EMAIL] \\\\"}'],
  ])('redacting leaves JSON that is not strict as a lax parser takes it: %s', async (body, expected) => {
    expect(await redacted({}, { body })).toBe(expected);
    expect(() => JSON.parse(expected)).not.toThrow();
  });

  test.each([
    ['a number', '{"a":1,"a":4111111111111111}', 'application/json'],
    ['a number in a line', '{"a":4111111111111111}\n{"a":1}', 'application/x-ndjson'],
    ['between strings', '{"a":1,"a":jane@acme.io}', 'application/json'],
  ])('outside the strings of JSON that is not strict, nothing can be rewritten: %s', async (_name, body, type) => {
    const parts = { body, headers: { 'content-type': type } };
    expect((await inspect(pii({ mode: 'redact', numbers: true }), parts)).kind).toBe('deny');
  });

  test.each(['application/json', 'text/plain'])(
    'what protects a value protects JSON that is not strict: %s',
    async (type) => {
      const parts = { body: '{"s":"jane@acme.io","x":{"k":1,"k":2}}', headers: { 'content-type': type } };
      expect((await inspect(pii({ mode: 'redact', protect: ['/s'] }), parts)).kind).toBe('deny');
      expect((await inspect(pii({ mode: 'redact' }), parts)).kind).toBe('redact');
    },
  );

  test('a value found in both readings is listed once', async () => {
    const verdict = await inspect(pii(), { body: String.raw`{"a":"\n alice@example.com bob\u0040example.com"` });
    expect(verdict.findings?.map(({ place }) => place)).toEqual([
      { in: 'body', pointer: '', start: 9, end: 26 },
      { in: 'body', pointer: '', start: 27, end: 47 },
    ]);
  });

  test('forms are percent-decoded', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await redacted({}, { headers, body: 'a=1&mail=alice%40example.com&tel=%2B1+415+555+2671' })).toBe(
      'a=1&mail=[REDACTED_EMAIL]&tel=[REDACTED_PHONE]',
    );
  });

  test('without a content type, JSON is recognized', async () => {
    const parts = { headers: { 'content-type': '' }, body: String.raw`{"a":"alice\u0040example.com"}` };
    expect((await inspect(pii(), parts)).findings?.[0]?.place).toMatchObject({ pointer: '/a' });
  });

  test('bytes that are no UTF-8 are scanned and cannot be rewritten', async () => {
    const body = new Uint8Array([0xff, 0xfe, ...new TextEncoder().encode(' alice@example.com '), 0xc3]);
    expect((await inspect(pii(), { body })).kind).toBe('flag');
    expect(await inspect(pii({ mode: 'redact' }), { body })).toMatchObject({ kind: 'deny', code: 'PTC_D201' });
    expect((await inspect(pii({ mode: 'redact' }), { body: new Uint8Array([0xff, 0xfe]) })).kind).toBe('pass');
  });

  test('a charset other than UTF-8 is read as it claims', async () => {
    const body = new Uint8Array([...'{"a":"alice@example.com"}'].flatMap((char) => [char.charCodeAt(0), 0]));
    const headers = { 'content-type': 'application/json; charset=UTF-16LE' };
    expect(await inspect(pii({ mode: 'redact' }), { headers, body })).toMatchObject({ kind: 'deny', code: 'PTC_D201' });
    expect((await inspect(pii(), { headers, body })).kind).toBe('flag');
  });

  test('a charset that cannot be read is refused, unless nothing is refused', async () => {
    const parts = { headers: { 'content-type': 'application/json; charset="utf-7"' }, body: 'alice+AEA-example.com' };
    for (const mode of ['block', 'redact'] as const) {
      expect(await inspect(pii({ mode }), parts)).toEqual({ kind: 'deny', code: 'PTC_D104' });
    }
    expect(await inspect(pii(), parts)).toEqual({ kind: 'pass' });
    expect(await inspect(pii({ mode: 'block' }), { ...parts, body: '' })).toEqual({ kind: 'pass' });
  });

  test.each(['utf-8', 'UTF8', '"utf-8"', 'us-ascii'])('charset %s changes nothing', async (charset) => {
    const headers = { 'content-type': `application/json;charset=${charset}` };
    expect(await redacted({}, { headers, body: '{"a":"alice@example.com"}' })).toBe('{"a":"[REDACTED_EMAIL]"}');
  });
});

describe('head', () => {
  test('headers are scanned by name, and block', async () => {
    const headers = { 'x-user': 'alice@example.com', 'x-other': 'bob@example.com' };
    expect(await inspect(pii(), { headers })).toEqual({ kind: 'pass' });
    expect(await inspect(pii({ mode: 'redact', headers: ['X-User', 'x-missing'] }), { headers })).toEqual({
      kind: 'deny',
      code: 'PTC_D201',
      findings: [{ rule: 'pii/email', place: { in: 'header', name: 'x-user', start: 0, end: 17 }, score: 0.2 }],
    });
  });

  test('the query is decoded, and blocks', async () => {
    const url = '/x?mail=alice%40example.com&b=+';
    expect(await inspect(pii(), { url })).toEqual({ kind: 'pass' });
    expect(await inspect(pii({ mode: 'redact', query: true }), { url })).toMatchObject({
      kind: 'deny',
      code: 'PTC_D201',
    });
    expect((await inspect(pii({ query: true }), { url })).findings?.[0]?.place).toEqual({
      in: 'query',
      start: 5,
      end: 22,
    });
  });
});

test.each([
  ['/x?phone=+14155552671', 6, 18],
  ['/x?phone=%2B14155552671', 6, 18],
  ['/x?phone=(415)+555-2671', 6, 20],
])('a plus sign in a query may be itself or a blank: %s', async (url, start, end) => {
  expect((await inspect(pii({ query: true, types: ['phone'] }), { url })).findings?.map(({ place }) => place)).toEqual([
    { in: 'query', start, end },
  ]);
});

test('a key of AWS is told by the key of its value', async () => {
  const secret = `a1B2c3D4e5F6g7H8i9J0/k1L2m3N4o5P6q7R8s9T`;
  const guard = pii({ types: ['secret'] });
  const rules = async (body: string) => (await inspect(guard, { body })).findings?.map(({ rule }) => rule);
  expect(await rules(JSON.stringify({ SecretAccessKey: secret }))).toEqual(['pii/secret']);
  expect(await rules(JSON.stringify({ nonce: secret }))).toBeUndefined();
});

describe('policies by tenant', () => {
  const policies: Record<string, PiiPolicy> = {
    strict: { mode: 'block' },
    open: { types: ['ssn'] },
    known: { mode: 'block', allow: { domains: ['example.com'] } },
  };
  const guard = pii({ mode: 'redact', policy: (tenant) => policies[tenant ?? ''] });

  test('go over the guard’s own', async () => {
    expect((await inspect(guard, { body: EMAIL })).kind).toBe('redact');
    expect((await inspect(guard, { body: EMAIL }, 'unknown')).kind).toBe('redact');
    expect((await inspect(guard, { body: EMAIL }, 'strict')).kind).toBe('deny');
    expect((await inspect(guard, { body: EMAIL }, 'open')).kind).toBe('pass');
    expect((await inspect(guard, { body: { a: '123-45-6789' } }, 'open')).kind).toBe('redact');
    expect((await inspect(guard, { body: EMAIL }, 'known')).kind).toBe('pass');
    expect((await inspect(guard, { body: { a: 'a@example.org' } }, 'known')).kind).toBe('deny');
  });

  test('are checked when they are first asked for', async () => {
    const wrong = pii({ policy: () => ({ mode: 'warn' }) as unknown as PiiPolicy });
    await expect(inspect(wrong, { body: EMAIL })).rejects.toMatchObject({
      code: 'PTC_E003',
      option: 'pii.policy().mode',
    });
    const unknown = pii({ policy: () => ({ ignore: [] }) as unknown as PiiPolicy });
    await expect(inspect(unknown, { body: EMAIL })).rejects.toMatchObject({ code: 'PTC_E004' });
    const none = pii({ policy: () => null as unknown as PiiPolicy });
    await expect(inspect(none, { body: EMAIL })).rejects.toMatchObject({ code: 'PTC_E002' });
  });
});

test('nothing found is ever shown', async () => {
  const values = ['alice@example.com', '415-555-2671', '123-45-6789', '4111111111111111', '10.1.2.30'];
  const body = { [values[0]!]: values, nested: { [values[1]!]: { [`${values[2]} ${values[4]}`]: values } } };
  for (const mode of ['detect', 'block', 'redact'] as const) {
    const guard = pii({ mode, types: PII_TYPES, keys: true, numbers: true, query: true, headers: ['x-a'] });
    const shown = JSON.stringify(await inspect(guard, { body, headers: { 'x-a': values[0]! }, url: `/?${values[1]}` }));
    expect(shown).toContain('pii/email');
    for (const value of values) expect(shown).not.toContain(value);
  }
});

test('no body makes it throw', async () => {
  const guard = pii({ mode: 'redact', types: PII_TYPES, keys: true, numbers: true, ignore: ['/a'], protect: ['/b/0'] });
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.json({ maxDepth: 3 }),
    fc.constantFrom(
      '{"__proto__":"a@b.co"}',
      '[1e999,-0]',
      '"\\ud800a@b.co"',
      '{"constructor":{"prototype":"a@b.co"}}',
    ),
  );
  const type = fc.constantFrom(
    '',
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'x; charset=utf-16be',
  );
  await fc.assert(
    fc.asyncProperty(body, type, async (value, contentType) => {
      const verdict = await inspect(guard, { body: value, headers: { 'content-type': contentType } });
      expect(['pass', 'deny', 'redact']).toContain(verdict.kind);
    }),
    { numRuns: 500 },
  );
});

test.each([
  [null, 'PTC_E002', 'pii'],
  [{ mode: 'warn' }, 'PTC_E003', 'pii.mode'],
  [{ types: ['name'] }, 'PTC_E003', 'pii.types'],
  [{ fields: [] }, 'PTC_E004', 'pii.fields'],
  [{ utf8Only: 'yes' }, 'PTC_E002', 'pii.utf8Only'],
  [{ ignore: 'a' }, 'PTC_E002', 'pii.ignore'],
  [{ ignore: ['a'] }, 'PTC_E002', 'pii.ignore[0]'],
  [{ protect: ['/a', '/~2'] }, 'PTC_E002', 'pii.protect[1]'],
  [{ identifiers: [1] }, 'PTC_E002', 'pii.identifiers[0]'],
  [{ headers: ['x y'] }, 'PTC_E002', 'pii.headers'],
  [{ headers: 'x' }, 'PTC_E002', 'pii.headers'],
  [{ query: 'yes' }, 'PTC_E002', 'pii.query'],
  [{ keys: 1 }, 'PTC_E002', 'pii.keys'],
  [{ numbers: null }, 'PTC_E002', 'pii.numbers'],
  [{ numbers: { but: [] } }, 'PTC_E004', 'pii.numbers.but'],
  [{ numbers: { except: 'x' } }, 'PTC_E002', 'pii.numbers.except'],
  [{ policy: 'x' }, 'PTC_E002', 'pii.policy'],
  [{ allow: { values: 'x' } }, 'PTC_E002', 'pii.allow.values'],
])('options %j are refused', (options, code, option) => {
  expect(() => pii(options as PiiOptions)).toThrow(expect.objectContaining({ name: 'ConfigError', code, option }));
});

test('a card number is found with what a dump writes behind it', async () => {
  for (const text of ['4111111111111111:12:27:123', '4111 1111 1111 1111:12', 'card=4111111111111111:12:27']) {
    expect([text, (await inspect(pii({ mode: 'block' }), { body: { text } })).kind]).toEqual([text, 'deny']);
  }
  expect((await inspect(pii({ mode: 'block' }), { body: { text: '123-45-6789:1' } })).kind).toBe('deny');
});
