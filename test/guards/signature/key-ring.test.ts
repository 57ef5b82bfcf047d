import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { createKeyRing, isActive, type KeySpec, MAX_RING_KEYS } from '../../../src/guards/signature/key-ring.ts';

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const hmac = (id: string, more: Partial<KeySpec> = {}): KeySpec => ({ id, alg: 'hmac', key: 'a secret', ...more });
const ed25519 = (hex: string): KeySpec => ({ id: 'k1', alg: 'ed25519', key: base64(hex) });

/** The message of the error that a call throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).code).toBe('PTC_E008');
    return (error as Error).message;
  }
  throw new Error('did not throw');
}

test('takes secrets, public keys and times, and shows no material', () => {
  const ring = createKeyRing([
    hmac('2030-01', { notAfter: '2030-02-07T00:00:00Z' }),
    hmac('2030-02', { key: 'another', notBefore: Date.UTC(2030, 1, 1) }),
    // RFC 8032 section 7.1, TEST 1.
    { ...ed25519('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), id: 'ed' },
  ]);
  expect(ring.keys.map(({ id }) => id)).toEqual(['2030-01', '2030-02', 'ed']);
  expect(ring.keys[0]).toMatchObject({ notBefore: -Infinity, notAfter: Date.UTC(2030, 1, 7) });
  expect(JSON.stringify(ring)).not.toContain('secret');
  expect(JSON.stringify(ring)).not.toContain('11qYAYKxCrfVS');
  expect(Object.isFrozen(ring) && Object.isFrozen(ring.keys) && ring.keys.every(Object.isFrozen)).toBe(true);
});

test('a key counts from its first moment to its last, both included', () => {
  const [key] = createKeyRing([hmac('k', { notBefore: 1_000, notAfter: 2_000 })]).keys;
  expect([999, 1_000, 2_000, 2_001].map((now) => isActive(key!, now))).toEqual([false, true, true, false]);
  const [open] = createKeyRing([hmac('k')]).keys;
  expect(isActive(open!, -1e15) && isActive(open!, 1e15)).toBe(true);
});

test.each([
  // RFC 3339 section 5.8.
  ['1985-04-12T23:20:50.52Z', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
  ['1996-12-19t16:39:57-08:00', Date.UTC(1996, 11, 20, 0, 39, 57)],
  ['2024-02-29T00:00:00z', Date.UTC(2024, 1, 29)],
  ['2030-01-01T00:00:00.123999999Z', Date.UTC(2030, 0, 1, 0, 0, 0, 123)],
])('reads the time %s', (notBefore, ms) => {
  expect(createKeyRing([hmac('k', { notBefore })]).keys[0]?.notBefore).toBe(ms);
});

test.each([
  ['not an array', 'secret'],
  ['no keys', []],
  ['too many keys', Array.from({ length: MAX_RING_KEYS + 1 }, (_, at) => hmac(`k${at}`))],
  ['nothing', [undefined]],
  ['no id', [{ alg: 'hmac', key: 'secret' }]],
  ['an id with spaces', [hmac('k 1')]],
  ['an id of 65 characters', [hmac('k'.repeat(65))]],
  ['an id that means no key', [hmac('none')]],
  ['two keys with one id', [hmac('k'), hmac('k', { key: 'other' })]],
  ['an unknown algorithm', [hmac('k', { alg: 'hs512' as never })]],
  ['no secret', [{ id: 'k', alg: 'hmac' }]],
  ['an empty secret', [hmac('k', { key: '' })]],
  ['a secret that is a number', [hmac('k', { key: 123456 as never })]],
  ['a secret with a lone surrogate', [hmac('k', { key: 'abc\ud800' })]],
  ['a time that is none', [hmac('k', { notBefore: '2030-02-30T00:00:00Z' })]],
  ['a time without an offset', [hmac('k', { notBefore: '2030-02-01T00:00:00' })]],
  ['a date alone', [hmac('k', { notBefore: '2030-02-01' })]],
  ['a leap second', [hmac('k', { notBefore: '2016-12-31T23:59:60Z' })]],
  ['a time that is not finite', [hmac('k', { notAfter: Number.NaN })]],
  ['an end before the start', [hmac('k', { notBefore: 2, notAfter: 1 })]],
])('refuses %s', (_what, specs) => {
  expect(refusal(() => createKeyRing(specs as never))).toMatch(/^PTC_E008 /);
});

test('refuses an option it does not know', () => {
  expect(() => createKeyRing([{ ...hmac('k'), expires: 1 } as never])).toThrow('PTC_E004');
});

test.each([
  ['nothing', ''],
  ['31 bytes', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751'],
  ['33 bytes', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a00'],
  ['y = 2, which is on no point', '0200000000000000000000000000000000000000000000000000000000000000'],
  ['y = p, which is 0 written again', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['x = 0 with a sign', '0100000000000000000000000000000000000000000000000000000000000080'],
  // The points of small order: 1, 2, 4, 4, 8 and 8.
  ['the identity', '0100000000000000000000000000000000000000000000000000000000000000'],
  ['order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['order 4', '0000000000000000000000000000000000000000000000000000000000000000'],
  ['order 4, other sign', '0000000000000000000000000000000000000000000000000000000000000080'],
  ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['order 8, other', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
])('refuses as a public key: %s', (_what, hex) => {
  refusal(() => createKeyRing([ed25519(hex)]));
});

test.each([
  ['the URL alphabet', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo='],
  ['no padding', '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
  ['hex', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'],
])('refuses a public key in %s', (_what, key) => {
  refusal(() => createKeyRing([{ id: 'k', alg: 'ed25519', key }]));
  expect(
    createKeyRing([{ id: 'k', alg: 'ed25519', key: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' }]),
  ).toBeDefined();
});

test('an error names the id of the key and never the key', () => {
  const secret = fc.oneof(
    fc.string({ minLength: 8 }).map((text) => `S3CR3T ${text}`),
    fc.integer({ min: 10_000_000 }),
    fc.constantFrom('S3CR3T\ud800', ['S3CR3T'], { S3CR3T: 1 }),
  );
  const broken = fc.constantFrom('key', 'alg', 'id', 'notAfter', 'spec');
  fc.assert(
    fc.property(secret, broken, (value, where) => {
      const spec: Record<string, unknown> = { id: 'k-17', alg: 'ed25519', key: value, [where]: value };
      const message = refusal(() => createKeyRing([(where === 'spec' ? value : spec) as never]));
      expect(message).not.toContain('S3CR3T');
      // A time is no secret; everything else may be one in the wrong place.
      if (where !== 'notAfter') expect(message).not.toMatch(/[1-9]\d{7}/);
      if (where === 'key') expect(message).toContain('k-17');
    }),
  );
});

describe('HMAC-SHA256', () => {
  // RFC 4231, test cases 1 and 2.
  test.each([
    ['\x0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  ])('RFC 4231, key %j', async (key, text, mac) => {
    const [ringKey] = createKeyRing([{ id: 'k', alg: 'hmac', key }]).keys;
    const message = new TextEncoder().encode(text);
    expect(await ringKey?.verify(Buffer.from(mac, 'hex'), message)).toBe(true);
    expect(await ringKey?.verify(Buffer.from(mac, 'hex').subarray(1), message)).toBe(false);
    expect(await ringKey?.verify(new Uint8Array(32), message)).toBe(false);
  });

  test.each([0, 1, 55, 64, 4_095, 4_096, 4_097, 100_000])(
    '%i bytes: as OpenSSL, for keys of any length',
    async (length) => {
      const message = Buffer.alloc(length, 'portcullis');
      for (const key of ['k', 'k'.repeat(64), 'k'.repeat(65), 'schlüssel 🔑'.repeat(20)]) {
        const [ringKey] = createKeyRing([{ id: 'k', alg: 'hmac', key }]).keys;
        const mac = createHmac('sha256', key).update(message).digest();
        for (let again = 0; again < 2; again++) expect(await ringKey?.verify(mac, message)).toBe(true);
        for (const at of [0, 15, 31]) {
          const wrong = Buffer.from(mac);
          wrong[at]! ^= 1;
          expect(await ringKey?.verify(wrong, message)).toBe(false);
        }
      }
    },
  );
});
