import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision } from '../../../src/decide.ts';
import { ConfigError } from '../../../src/errors.ts';
import { createGate } from '../../../src/gate.ts';
import { type SignatureOptions, signature } from '../../../src/guards/signature/guard.ts';
import { createKeyRing, type KeyRing, type KeySpec } from '../../../src/guards/signature/key-ring.ts';
import { buildExchange } from '../../../src/testing/build-exchange.ts';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';

const START = Date.UTC(2030, 0, 1);
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const mac = (key: string, body: string | Uint8Array): string => createHmac('sha256', key).update(body).digest('base64');

function setup(keys: readonly KeySpec[] | 'none' | undefined, more: Partial<SignatureOptions> = {}) {
  const ring: KeyRing | 'none' | undefined = keys === undefined || keys === 'none' ? keys : createKeyRing(keys);
  const clock = createFakeClock(START);
  const gate = createGate({ guards: [signature({ keys: () => ring, ...more })], clock });
  const send = (body: string | Uint8Array, sig?: string): Promise<Decision> =>
    gate.inspect(buildExchange({ body, headers: sig === undefined ? {} : { 'x-signature': sig } }));
  return { send, clock };
}

const hmacKey = (key: string, more: Partial<KeySpec> = {}): KeySpec => ({ id: 'k1', alg: 'hmac', key, ...more });
const edKey = (hex: string): KeySpec => ({ id: 'ed-1', alg: 'ed25519', key: base64(hex) });

// RFC 4231 section 4: the cases whose keys are text.
test.each([
  ['1', '\x0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    '2',
    'Jefe',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '4',
    Array.from({ length: 25 }, (_, at) => String.fromCharCode(at + 1)).join(''),
    'cd'.repeat(50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
])('RFC 4231 test case %s', async (_case, key, data, expected) => {
  const { send } = setup([hmacKey(key)]);
  expect(await send(bytes(data), base64(expected))).toMatchObject({
    outcome: 'allow',
    facts: { key_id: 'k1', signature_profile: 'raw' },
  });
  const flipped = `${expected.slice(0, -1)}${expected.endsWith('b') ? 'a' : 'b'}`;
  expect(await send(bytes(data), base64(flipped))).toMatchObject({ status: 401, code: 'PTC_D303' });
  expect(await send(bytes(`${data}00`), base64(expected))).toMatchObject({ status: 401, code: 'PTC_D303' });
});

test('RFC 4231 test case 5: a truncated MAC is malformed here', async () => {
  const { send } = setup([hmacKey('\x0c'.repeat(20))]);
  const truncated = base64('a3b6167473100ee06e0c796c2955552b');
  expect(await send('Test With Truncation', truncated)).toMatchObject({ status: 401, code: 'PTC_D302' });
});

test('a secret is its UTF-8 bytes', async () => {
  const { send } = setup([hmacKey('ключ 🔑')]);
  // python3: base64.b64encode(hmac.new('ключ 🔑'.encode(), b'{"a":1}', 'sha256').digest())
  expect((await send('{"a":1}', 'C1bK/dEPT3INzCkWPBjpHqOSc/jCEn+wEl5gduHsKuY=')).outcome).toBe('allow');
});

// RFC 8032 section 7.1.
const ED25519_VECTORS = [
  [
    'TEST 1',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'TEST 2',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'TEST 3',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    'TEST SHA(abc)',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    createHash('sha512').update('abc').digest('hex'),
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  ],
] as const;

test.each(ED25519_VECTORS)('RFC 8032 %s', async (_name, publicKey, message, sig) => {
  const { send } = setup([edKey(publicKey)]);
  expect(await send(bytes(message), base64(sig))).toMatchObject({ outcome: 'allow', facts: { key_id: 'ed-1' } });
  expect((await send(bytes(`${message}00`), base64(sig))).code).toBe('PTC_D303');
  for (const at of [0, 31, 32, 63]) {
    const wrong = bytes(sig);
    wrong[at]! ^= 1;
    expect((await send(bytes(message), Buffer.from(wrong).toString('base64'))).code).toBe('PTC_D303');
  }
});

test('a second form of a valid Ed25519 signature, s + q, is refused', async () => {
  const [, publicKey, message, sig] = ED25519_VECTORS[1];
  const q = 2n ** 252n + 27742317777372353535851937790883648493n;
  const forged = bytes(sig);
  let s = forged.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + q;
  for (let at = 32; at < 64; at++, s >>= 8n) forged[at] = Number(s & 255n);
  const { send } = setup([edKey(publicKey)]);
  expect((await send(bytes(message), base64(sig))).outcome).toBe('allow');
  expect((await send(bytes(message), Buffer.from(forged).toString('base64'))).code).toBe('PTC_D303');
});

/** The same 32 bytes written with one of the two bits set that no byte needs. */
function bitsBehindTheEnd(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const changed = `${text.slice(0, -2)}${alphabet[alphabet.indexOf(text.at(-2) ?? '') + 1]}=`;
  expect(Buffer.from(changed, 'base64')).toEqual(Buffer.from(text, 'base64'));
  return changed;
}

test('missing, malformed and wrong are told apart', async () => {
  const { send } = setup([hmacKey('secret')]);
  const good = mac('secret', 'body');
  expect((await send('body', good)).outcome).toBe('allow');
  const cases: [string | undefined, string][] = [
    [undefined, 'PTC_D301'],
    ['', 'PTC_D301'],
    [' ', 'PTC_D302'],
    ['not base64!', 'PTC_D302'],
    [good.slice(0, -1), 'PTC_D302'],
    [good.slice(0, -4), 'PTC_D302'],
    [` ${good}`, 'PTC_D302'],
    [`${good}, ${good}`, 'PTC_D302'],
    [good.replaceAll('+', '-').replaceAll('/', '_').replace(/=$/, ''), 'PTC_D302'],
    [bitsBehindTheEnd(good), 'PTC_D302'],
    ['A'.repeat(10_000_000), 'PTC_D302'],
    ['\u0000'.repeat(44), 'PTC_D302'],
    ['\ud800'.repeat(44), 'PTC_D302'],
    [mac('wrong', 'body'), 'PTC_D303'],
    [mac('secret', 'Body'), 'PTC_D303'],
    [base64('00'.repeat(64)), 'PTC_D303'],
  ];
  for (const [sig, code] of cases) {
    const decision = await send('body', sig);
    expect(decision.code).toBe(code);
    expect(decision.status).toBe(401);
  }
});

test('refusals name the place and nothing else', async () => {
  const { send } = setup([hmacKey('hunter2-hunter2')]);
  const { response, verdicts } = await send('body', mac('guess', 'body'));
  expect(verdicts[0]?.verdict.findings).toEqual([
    { rule: 'signature/wrong', place: { in: 'header', name: 'x-signature' }, score: 1 },
  ]);
  expect(JSON.stringify(response)).not.toContain('hunter2');
  expect(JSON.stringify(response)).not.toContain(mac('guess', 'body'));
});

test('an unknown sender is refused like a wrong key; one that need not sign passes', async () => {
  expect(await setup(undefined).send('body', mac('x', 'body'))).toMatchObject({ status: 401, code: 'PTC_D303' });
  expect(await setup(undefined).send('body')).toMatchObject({ status: 401, code: 'PTC_D301' });
  const free = await setup('none').send('body', 'nonsense');
  expect(free).toMatchObject({ outcome: 'allow', facts: { key_id: 'none' } });
  expect(free.facts).not.toHaveProperty('signature_profile');
});

test('a rotation: both keys count where their times overlap, each only its own before and after', async () => {
  const from = START + 1_000;
  const until = START + 2_000;
  const { send, clock } = setup([
    hmacKey('old', { id: 'old', notAfter: until }),
    hmacKey('new', { id: 'new', notBefore: new Date(from).toISOString() }),
  ]);
  const codes = async (): Promise<unknown[]> =>
    Promise.all(['old', 'new'].map(async (key) => (await send('body', mac(key, 'body'))).facts.key_id ?? 'refused'));
  expect(await codes()).toEqual(['old', 'refused']);
  clock.advance(999);
  expect(await codes()).toEqual(['old', 'refused']);
  clock.advance(1);
  expect(await codes()).toEqual(['old', 'new']);
  clock.advance(1_000);
  expect(await codes()).toEqual(['old', 'new']);
  clock.advance(1);
  expect(await codes()).toEqual(['refused', 'new']);
});

test('without a key that counts now, everything is wrong', async () => {
  const { send } = setup([hmacKey('k', { notBefore: START + 1 })]);
  expect((await send('body', mac('k', 'body'))).code).toBe('PTC_D303');
});

test('a ring may mix algorithms', async () => {
  const [, publicKey, message, sig] = ED25519_VECTORS[1];
  const { send } = setup([edKey(publicKey), hmacKey('secret')]);
  expect((await send(bytes(message), base64(sig))).facts.key_id).toBe('ed-1');
  expect((await send(bytes(message), mac('secret', bytes(message)))).facts.key_id).toBe('k1');
});

test('profiles: the one that fits is told, and a sender can be held to some', async () => {
  const message: SignatureOptions['message'] = (exchange) => {
    const raw = exchange.bytes();
    const digest = createHash('sha256').update(raw).digest();
    return [
      { profile: 'direct', hmac: raw, ed25519: digest },
      { profile: 'digest', hmac: digest, ed25519: digest },
    ];
  };
  const ofDigest = mac('secret', createHash('sha256').update('body').digest());
  const all = setup([hmacKey('secret')], { message });
  expect((await all.send('body', ofDigest)).facts.signature_profile).toBe('digest');
  expect((await all.send('body', mac('secret', 'body'))).facts.signature_profile).toBe('direct');
  const pinned = setup([hmacKey('secret')], { message, profiles: () => ['direct'] });
  expect((await pinned.send('body', ofDigest)).code).toBe('PTC_D303');
  expect((await pinned.send('body', mac('secret', 'body'))).outcome).toBe('allow');
  const nothing = setup([hmacKey('secret')], { message: () => undefined });
  expect((await nothing.send('body', mac('secret', 'body'))).code).toBe('PTC_D303');
});

test('any header and body: a verdict, never an exception', async () => {
  const { send } = setup([hmacKey('secret'), edKey(ED25519_VECTORS[0][1])]);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.constantFrom('', '=', '====')),
      fc.uint8Array({ maxLength: 64 }),
      async (sig, body) => {
        const decision = await send(body, sig);
        expect(['PTC_D301', 'PTC_D302', 'PTC_D303']).toContain(decision.code);
      },
    ),
    { numRuns: 200 },
  );
});

test('any secret and body: what node:crypto signs passes, and no other body does', async () => {
  const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(secret, fc.uint8Array({ maxLength: 300 }), async (key, body) => {
      const { send } = setup([hmacKey(key)]);
      expect((await send(body, mac(key, body))).outcome).toBe('allow');
      expect((await send(new Uint8Array([...body, 0]), mac(key, body))).outcome).toBe('deny');
    }),
    { numRuns: 50 },
  );
});

const keys = (): 'none' => 'none';
test.each([
  [undefined, 'PTC_E001'],
  [{}, 'PTC_E001'],
  [{ keys: createKeyRing([hmacKey('k')]) }, 'PTC_E002'],
  [{ keys, message: 'body' }, 'PTC_E002'],
  [{ keys, signature: 'x-signature' }, 'PTC_E002'],
  [{ keys, profiles: ['raw'] }, 'PTC_E002'],
  [{ keys, header: 'x' }, 'PTC_E004'],
])('refuses %o with %s', (options, code) => {
  expect(() => signature(options as never)).toThrow(ConfigError);
  expect(() => signature(options as never)).toThrow(code);
});
