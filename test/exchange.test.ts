import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { createExchange, redactedBytes } from '../src/exchange.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';

test('path and query are split at the first question mark', () => {
  expect(buildExchange({ url: '/a/b?c=d?e' })).toMatchObject({ path: '/a/b', query: 'c=d?e' });
  expect(buildExchange({ url: '/a' })).toMatchObject({ path: '/a', query: '' });
});

test('the body is read once, however often and in whatever order it is asked for', async () => {
  for (const isAsync of [true, false]) {
    const result = { ok: true as const, bytes: new TextEncoder().encode('{"a":1}') };
    const readBody = vi.fn(() => (isAsync ? Promise.resolve(result) : result));
    const exchange = createExchange({ method: 'POST', url: '/', header: () => undefined, readBody });
    expect(() => exchange.bytes()).toThrow(/^PTC_E014/);
    await Promise.all([exchange.loadBody(), exchange.loadBody()]);
    await exchange.loadBody();
    expect(readBody).toHaveBeenCalledTimes(1);
    const json = exchange.json();
    expect(json).toMatchObject({ ok: true, document: { value: { a: 1 } } });
    expect(exchange.json()).toBe(json);
    expect(exchange.digest()).toBe(exchange.digest());
  }
});

test('it says whether the body has been read', async () => {
  for (const [parts, isRead] of [
    [{ body: '' }, true],
    [{ bodyFault: 'PTC_D103' }, false],
  ] as const) {
    const exchange = buildExchange(parts);
    expect(exchange.isRead).toBe(false);
    await exchange.loadBody();
    expect(exchange.isRead).toBe(isRead);
  }
});

test('the digest is SHA-256 in hex', async () => {
  // FIPS 180-4 example: SHA-256("abc").
  const exchange = buildExchange({ body: 'abc' });
  await exchange.loadBody();
  expect(await exchange.digest()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const bytes = new Uint8Array(100_000).fill(7);
  const big = buildExchange({ body: bytes });
  await big.loadBody();
  expect(await big.digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test.each([
  ['a lone continuation byte', [0x80]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a cut-off sequence', [0xe2, 0x82]],
])('%s is not UTF-8', async (_name, bytes) => {
  const exchange = buildExchange({ body: Uint8Array.from(bytes) });
  await exchange.loadBody();
  expect(exchange.text()).toBeUndefined();
  expect(exchange.json()).toEqual({ ok: false, code: 'PTC_D106' });
});

test('a byte order mark is kept as a character, so offsets hold, and is no JSON', async () => {
  const exchange = buildExchange({ body: Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]) });
  await exchange.loadBody();
  expect(exchange.text()).toBe('\ufeff{}');
  expect(exchange.json()).toEqual({ ok: false, code: 'PTC_D105' });
});

test('redacted bytes are the same object where nothing is redacted', async () => {
  const exchange = buildExchange({ body: 'aé🙂' });
  await exchange.loadBody();
  expect(redactedBytes(exchange, [])).toBe(exchange.bytes());
  const out = redactedBytes(exchange, [{ start: 1, end: 2, text: '[x]' }]);
  expect(new TextDecoder().decode(out)).toBe('a[x]🙂');
});

test.each([
  ['/a?b=c', '/a', 'b=c'],
  ['/a?b#c?d', '/a', 'b'],
  ['/a#b', '/a', ''],
  ['http://host/a?b', '/a', 'b'],
  ['HTTPS://user:pw@host:8443/a/b#c', '/a/b', ''],
  ['http://host', '/', ''],
  ['http://host?a=b', '/', 'a=b'],
  ['//host/a', '//host/a', ''],
  ['*', '*', ''],
  ['', '/', ''],
])('%s: path %s and query %j', (url, path, query) => {
  const exchange = createExchange({
    method: 'GET',
    url,
    header: () => undefined,
    readBody: () => ({ ok: false, code: 'PTC_D103' }),
  });
  expect([exchange.path, exchange.query]).toEqual([path, query]);
});
