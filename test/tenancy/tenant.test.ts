import { expect, test } from 'vitest';
import { createGate } from '../../src/gate.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { p256Tai } from '../../src/guards/vrf/p256/tai.ts';
import { tenantFromHeader } from '../../src/pcs/preset.ts';
import { knownTenant } from '../../src/tenancy/guard.ts';
import { createTenants } from '../../src/tenancy/registry.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';

const key = (text: string): { id: string; alg: 'hmac'; key: string }[] => [{ id: 'k', alg: 'hmac', key: text }];

test('defaults: 100 tokens a second, twice that at once', () => {
  const tenants = createTenants([{ id: 'a', keys: key('x') }]);
  expect(tenants.get('a')).toMatchObject({ id: 'a', rate: 100, burst: 200 });
  expect(tenants.ids).toEqual(['a']);
});

test('unknown, inactive and inherited names find nobody', () => {
  const tenants = createTenants([
    { id: 'a', keys: key('x') },
    { id: 'gone', keys: key('y'), active: false },
  ]);
  for (const id of ['b', 'gone', '__proto__', 'constructor', '', undefined]) expect(tenants.get(id)).toBeUndefined();
});

test('two tenants may not share a key, an inactive one neither', () => {
  expect(() =>
    createTenants([
      { id: 'a', keys: key('same secret') },
      { id: 'b', keys: key('same secret'), active: false },
    ]),
  ).toThrow(/^PTC_E009 (?!.*same secret).*tenant b.*tenant a/);
});

test('the header names the tenant; without it the fallback; a name of nobody is nobody', async () => {
  const tenants = createTenants([{ id: 'a', keys: 'none' }]);
  const decide = async (fallback: string | undefined, header?: string): Promise<unknown> => {
    const gate = createGate({ guards: [knownTenant()], tenant: tenantFromHeader(tenants, fallback) });
    const headers: Record<string, string> = header === undefined ? {} : { 'x-tenant-id': header };
    const { tenant, status, code } = await gate.inspect(buildExchange({ headers }));
    return [tenant, status, code];
  };
  expect(await decide('a')).toEqual(['a', 200, undefined]);
  expect(await decide(undefined, 'a')).toEqual(['a', 200, undefined]);
  expect(await decide(undefined)).toEqual([undefined, 401, 'PTC_D304']);
  expect(await decide('a', 'b')).toEqual([undefined, 401, 'PTC_D304']);
});

test('limits are those of the rate limiter; a burst counts whole tokens', () => {
  const limits = { rate: 0.5, burst: 3.7, dailyQuota: 10 };
  expect(createTenants([{ id: 'a', keys: 'none', ...limits }]).get('a')).toMatchObject({ ...limits, burst: 3 });
  // Two seconds of the rate, rounded up, at least one token.
  expect(createTenants([{ id: 'a', keys: 'none', rate: 1.2 }]).get('a')?.burst).toBe(3);
  expect(createTenants([{ id: 'a', keys: 'none', rate: 0.1 }]).get('a')?.burst).toBe(1);
  expect(createTenants([{ id: 'a', keys: 'none' }]).get('a')).not.toHaveProperty('dailyQuota');
});

const ownKey = edwards25519Tai.publicKey(new Uint8Array(32).fill(7));

test.each<[string, object, RegExp]>([
  ['a dot as its id', { id: '.' }, /PTC_E002 .*tenants\[0\]\.id/],
  ['two dots as its id', { id: '..' }, /PTC_E002 .*tenants\[0\]\.id/],
  ['rate 0', { rate: 0 }, /PTC_E003 .*tenants\[0\]\.rate/],
  ['rate null', { rate: null }, /PTC_E002 .*tenants\[0\]\.rate is null/],
  ['burst 0', { burst: 0 }, /PTC_E003 .*tenants\[0\]\.burst/],
  ['half a quota', { dailyQuota: 0.5 }, /PTC_E003 .*tenants\[0\]\.dailyQuota/],
  ['no profile', { profiles: [] }, /PTC_E003 .*tenants\[0\]\.profiles is an empty array/],
  ['profiles as a word', { profiles: 'js-direct' }, /PTC_E002 .*tenants\[0\]\.profiles/],
  ['active as a word', { active: 'false' }, /PTC_E002 .*tenants\[0\]\.active/],
  ['an unknown field', { quota: 1 }, /PTC_E004 .*tenants\[0\]\.quota .*dailyQuota/],
  ['a VRF key in no object', { vrf: null }, /PTC_E002 .*tenants\[0\]\.vrf is null/],
  ['an unknown field of vrf', { vrf: { publicKey: new Uint8Array(32), require: true } }, /PTC_E004 .*\.vrf\.require/],
  ['a VRF key that is a text', { vrf: { publicKey: 'AAAA' } }, /PTC_E008 .*\.vrf\.publicKey is a string/],
  [
    'a VRF key of another suite',
    { vrf: { publicKey: ownKey, suite: p256Tai } },
    /PTC_E008 .*\.publicKey .*the 33 bytes/,
  ],
  ['a VRF suite by its name', { vrf: { publicKey: ownKey, suite: p256Tai.name } }, /PTC_E001 .*\.vrf\.suite\.prepare/],
  ['an allow-list that is a list', { pii: { allow: [5] } }, /PTC_E002 .*tenants\[0\]\.pii\.allow is an array/],
  ['profiles for nothing', { profiles: ['js-direct'] }, /PTC_E003 .*tenants\[0\]\.profiles .*leave it out/],
  ['pii in no object', { pii: null }, /PTC_E002 .*tenants\[0\]\.pii is null/],
])('refused: %s', (_name, more, message) => {
  expect(() => createTenants([{ id: 'a', keys: 'none', ...more }])).toThrow(message);
});

test('two tenants may not share a VRF key', () => {
  const vrf = { publicKey: edwards25519Tai.publicKey(new Uint8Array(32).fill(7)) };
  expect(() =>
    createTenants([
      { id: 'a', keys: 'none', vrf },
      { id: 'b', keys: 'none', vrf: { ...vrf, required: false } },
    ]),
  ).toThrow(/^PTC_E009 .*VRF key of tenant b .*tenant a/);
});

test('a VRF key is that of the tenant’s suite, and stays what was checked', () => {
  const publicKey = p256Tai.publicKey(new Uint8Array(32).fill(7));
  const before = Uint8Array.from(publicKey);
  const tenants = createTenants([{ id: 'a', keys: 'none', vrf: { publicKey, suite: p256Tai } }]);
  publicKey.fill(0);
  expect(tenants.get('a')?.vrf).toEqual({ publicKey: before, suite: p256Tai });
});
