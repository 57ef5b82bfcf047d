import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { KeySpec } from '../../src/guards/signature/key-ring.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { createTenantRegistry } from '../../src/tenancy/registry.ts';
import type { TenantSpec } from '../../src/tenancy/tenant.ts';

const hmac = (key: string, id = 'k'): KeySpec => ({ id, alg: 'hmac', key });
const spec = (id: string, more: Partial<TenantSpec> = {}): TenantSpec => ({
  id,
  keys: [hmac(`secret of ${id}`)],
  ...more,
});

describe('prepare and commit', () => {
  test('nothing changes before commit; then the new one is found, as another object', () => {
    const tenants = createTenantRegistry([spec('a')]);
    const before = tenants.get('a');
    const change = tenants.prepare(spec('a', { rate: 5 }));
    const added = createTenantRegistry([spec('a')]);
    expect([tenants.get('a'), change.tenant.rate]).toEqual([before, 5]);
    change.commit();
    expect(tenants.get('a')).toBe(change.tenant);
    expect(before?.rate).toBe(100);
    added.prepare(spec('b')).commit();
    expect([added.ids, added.get('b')?.id]).toEqual([['a', 'b'], 'b']);
  });

  test('a deactivated tenant is found by find only', () => {
    const tenants = createTenantRegistry([spec('a')]);
    tenants.prepare(spec('a', { active: false })).commit();
    expect([tenants.get('a'), tenants.find('a')?.id, tenants.ids]).toEqual([undefined, 'a', ['a']]);
    expect(tenants.find('b')).toBeUndefined();
  });

  test('of two that were checked against the same state one is committed', () => {
    const tenants = createTenantRegistry([]);
    const shared = { keys: [hmac('one secret')] };
    const [a, b] = [tenants.prepare(spec('a', shared)), tenants.prepare(spec('b', shared))];
    a.commit();
    expect(() => b.commit()).toThrow(/changed since/);
    expect(tenants.ids).toEqual(['a']);
  });
});

describe('no key belongs to two tenants, whenever it comes', () => {
  const raw = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
  const publicKey = Buffer.from(raw, 'base64url').toString('base64');
  const vrf = { publicKey: edwards25519Tai.publicKey(new Uint8Array(32).fill(7)) };
  const cases: [string, Partial<TenantSpec>][] = [
    ['a secret', { keys: [hmac('canary secret')] }],
    ['a secret with a zero byte behind it', { keys: [hmac('canary secret\u0000')] }],
    ['a public key', { keys: [{ id: 'other', alg: 'ed25519', key: publicKey }] }],
    ['a VRF key', { keys: [hmac('one of its own')], vrf: { ...vrf, required: false } }],
    ['the second key of a ring', { keys: [hmac('one of its own'), hmac('canary secret', 'k2')] }],
  ];
  const first: TenantSpec = {
    id: 'first',
    keys: [hmac('canary secret'), { id: 'e', alg: 'ed25519', key: publicKey }],
    vrf,
  };
  describe.each([true, false])('the owner is active: %s', (active) => {
    test.each(cases)('%s', (_name, more) => {
      const tenants = createTenantRegistry([{ ...first, active }, spec('second')]);
      for (const id of ['second', 'third']) {
        expect(() => tenants.prepare(spec(id, more))).toThrow(
          new RegExp(`^PTC_E009 (?!.*canary).* of tenant ${id} (?!.*first).*another tenant has this key`),
        );
      }
      expect(() => tenants.replace([{ ...first, active }, spec('second', more)])).toThrow(/^PTC_E009/);
      expect(tenants.get('second')?.ring).toMatchObject({ keys: [{ id: 'k' }] });
    });
  });

  test.each(['base64', 'base64url', 'hex'] as const)('a public key in %s is nobody\u2019s secret', (encoding) => {
    const tenants = createTenantRegistry([first]);
    const bytes = Buffer.from(publicKey, 'base64');
    for (const text of [bytes.toString(encoding), bytes.toString(encoding).replaceAll('=', '')]) {
      expect(() => tenants.prepare(spec('second', { keys: [hmac(text)] })), text).toThrow(/^PTC_E009/);
    }
  });

  test('a key that its owner gave up is free, and one that it keeps is still its own', () => {
    const tenants = createTenantRegistry([spec('a', { keys: [hmac('old', '1'), hmac('new', '2')] })]);
    tenants.prepare(spec('a', { keys: [hmac('new', '2')] })).commit();
    expect(() => tenants.prepare(spec('b', { keys: [hmac('new')] }))).toThrow(/^PTC_E009/);
    tenants.prepare(spec('b', { keys: [hmac('old')] })).commit();
    expect(() => tenants.prepare(spec('a', { keys: [hmac('old')] }))).toThrow(
      /^PTC_E009 .*another tenant has this key/,
    );
  });

  test('law: after any changes, accepted or refused, no two tenants have a key', () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      keys: fc.uniqueArray(fc.constantFrom<string>('k1', 'k2', 'k3', 'k4'), { minLength: 1, maxLength: 3 }),
      active: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const tenants = createTenantRegistry([]);
        /** A second book, kept by what was accepted. */
        const accepted = new Map<string, readonly string[]>();
        for (const { id, keys, active } of changes) {
          const isFree = [...accepted].every(
            ([other, taken]) => other === id || !taken.some((key) => keys.includes(key)),
          );
          const put = (): void => tenants.prepare({ id, active, keys: keys.map((key) => hmac(key, key)) }).commit();
          if (isFree) {
            put();
            accepted.set(id, keys);
          } else expect(put).toThrow(ConfigError);
        }
        expect([...tenants.ids].sort()).toEqual([...accepted.keys()].sort());
      }),
    );
  });
});

describe('replace', () => {
  test('all or nothing; a spec that stays the same object stays the same tenant', () => {
    const [a, b] = [spec('a'), spec('b')];
    const tenants = createTenantRegistry([a, b]);
    const before = tenants.get('a');
    expect(() => tenants.replace([spec('c'), spec('c')])).toThrow(/^PTC_E003 .*tenants\[1\]\.id/);
    expect(tenants.ids).toEqual(['a', 'b']);
    tenants.replace([a, spec('c')]);
    expect(tenants.ids).toEqual(['a', 'c']);
    expect(tenants.get('a')).toBe(before);
    expect(tenants.get('b')).toBeUndefined();
  });

  test('keys of tenants that are gone are free', () => {
    const tenants = createTenantRegistry([spec('a')]);
    tenants.replace([]);
    tenants.prepare({ id: 'b', keys: [hmac('secret of a')] }).commit();
    expect(tenants.ids).toEqual(['b']);
  });
});

test('equal policies are one object; policies that nobody has do not add up', () => {
  const tenants = createTenantRegistry([spec('a'), spec('b', { policy: { tolD: 0.15 } }), spec('c')]);
  expect(tenants.get('a')?.policy).toEqual(DEFAULT_PCS_POLICY);
  expect(tenants.get('b')?.policy).toBe(tenants.get('a')?.policy);
  for (let at = 1; at <= 500; at++) tenants.prepare(spec('b', { policy: { tolD: at } })).commit();
  expect(tenants.get('b')?.policy.tolD).toBe(500);
  expect(tenants.get('c')?.policy).toBe(tenants.get('a')?.policy);
});

test('every mistake of every tenant has a line of its own', () => {
  const list = [
    { id: 'a b', keys: [], rate: -1, dailyQuota: 0.5, extra: 1, more: 2 },
    {
      id: 'b',
      keys: [hmac(''), { id: 'x', alg: 'rsa', key: 'canary' }, hmac('k3', 'k')],
      policy: { tolD: -1, minD: 9 },
    },
    { id: 'c', keys: 'none', profiles: ['js'], pii: { mode: 'mask', types: ['name'] } },
    { id: 'c', keys: 'none', active: 'yes', vrf: { publicKey: 'AAAA', required: 1, onInvalid: 'no' } },
    5,
  ] as unknown as TenantSpec[];
  let lines: string[] = [];
  try {
    createTenantRegistry(list);
  } catch (error) {
    lines = (error as Error).message.split('\n');
  }
  const options = lines.map((line) => /^PTC_E\d{3} [^:]+: (.+) (?:is|are) .*; /.exec(line)?.[1]);
  expect(options).toEqual([
    'tenants[0].id',
    'tenants[0].extra',
    'tenants[0].more',
    'tenants[0].rate',
    'tenants[0].dailyQuota',
    'tenants[0].keys',
    'tenants[1].policy.tolD',
    'tenants[1].policy.minD',
    'tenants[1].keys[0]: key k: key',
    'tenants[1].keys[1]: key x: alg',
    'tenants[2].profiles',
    'tenants[2].pii.mode',
    'tenants[2].pii.types',
    'tenants[3].active',
    'tenants[3].vrf.required',
    'tenants[3].vrf.onInvalid',
    'tenants[3].vrf.publicKey',
    'tenants[3].id',
    'tenants[4]',
  ]);
  expect(lines.join()).not.toContain('canary');
});

test('every mistake of a key is named once', () => {
  const options = (key: object): (string | undefined)[] => {
    try {
      createTenantRegistry([{ id: 'a', keys: [key as KeySpec] }]);
      return [];
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      return lines.map((line) => /^PTC_E\d{3} [^:]+: tenants\[0\]\.keys\[0\](.*?) is /.exec(line)?.[1]);
    }
  };
  expect(options({ ...hmac('x'), id: 'a b', alg: 'rsa' })).toEqual(['.id']);
  expect(options({ ...hmac('x'), notBefore: 'a', notAfter: 'b' })).toEqual([': key k: notBefore', ': key k: notAfter']);
  expect(options({ ...hmac(''), notBefore: 5, notAfter: 4 })).toEqual([': key k: key', ': key k: notAfter']);
  expect(options({ ...hmac('x'), more: 1 })).toEqual([': key k.more']);
  expect(options(null as never)).toEqual(['']);
});
