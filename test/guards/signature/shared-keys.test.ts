import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { createKeyRing, type KeyRing, type KeySpec } from '../../../src/guards/signature/key-ring.ts';
import { assertDistinctKeys } from '../../../src/guards/signature/shared-keys.ts';

const PUBLIC = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const ring = (...keys: (Partial<KeySpec> & { key: string })[]): KeyRing =>
  createKeyRing(keys.map((key, at) => ({ id: `k${at + 1}`, alg: 'hmac', ...key })));

function check(...rings: (KeyRing | 'none' | undefined)[]): void {
  assertDistinctKeys(new Map(rings.map((value, at) => [`tenant-${at + 1}`, value])));
}

test('tenants with keys of their own are fine, and so are tenants without', () => {
  check();
  check(ring({ key: 'a' }, { key: 'b' }), ring({ key: 'c' }), 'none', undefined, 'none');
  check(ring({ key: PUBLIC, alg: 'ed25519' }), ring({ key: 'PUBLIC' }));
  check(ring({ key: 'a' }, { key: 'a' }));
});

test('a shared key is named by tenants and ids, never shown', () => {
  const shared = (): void =>
    check(ring({ key: 'x' }), ring({ key: 'y' }, { key: 'hunter2-hunter2' }), 'none', ring({ key: 'hunter2-hunter2' }));
  expect(shared).toThrow(ConfigError);
  expect(shared).toThrow(/PTC_E009.*key k1 of tenant tenant-4.*key k2 of tenant tenant-2/);
  expect(shared).not.toThrow(/hunter2/);
});

test('public keys are compared too', () => {
  const shared = ring({ key: PUBLIC, alg: 'ed25519' });
  expect(() => check(shared, ring({ key: PUBLIC, alg: 'ed25519' }))).toThrow('PTC_E009');
});

test('secrets that HMAC cannot tell apart are one secret', () => {
  expect(() => check(ring({ key: 'a' }), ring({ key: 'a\0\0' }))).toThrow('PTC_E009');
  check(ring({ key: 'a' }), ring({ key: '\0a' }));
  // A block and more is hashed first, so there a zero byte makes another secret.
  check(ring({ key: 'x'.repeat(64) }), ring({ key: `${'x'.repeat(64)}\0` }));
  expect(() => check(ring({ key: 'x'.repeat(63) }), ring({ key: `${'x'.repeat(63)}\0` }))).toThrow('PTC_E009');
});

test('a ring from elsewhere cannot be compared and is refused', () => {
  const foreign = { keys: [{ id: 'k1', alg: 'hmac', notBefore: 0, notAfter: 1, verify: async () => true }] } as KeyRing;
  expect(() => check(foreign)).toThrow('PTC_E008');
});
