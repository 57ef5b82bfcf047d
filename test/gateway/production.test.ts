import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../gateway/config.ts';
import { DEMO_VRF_SECRET } from '../../gateway/demo-tenant.ts';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { tempDirectory } from '../helpers/temp.ts';

const DEMO_VRF_KEY = encodeBase64(edwards25519Tai.publicKey(DEMO_VRF_SECRET));
const ED25519_KEY = encodeBase64(edwards25519Tai.publicKey(new Uint8Array(32).fill(1)));

describe('production', () => {
  const safe = {
    PORTCULLIS_ENV: 'production',
    PCS_HMAC_KEY: 'a secret of one’s own, long enough',
    METRICS_USER: 'ops',
    METRICS_PASS: 'another secret, long enough',
  };

  test('starts with secrets of its own, on every address', () => {
    expect(readConfig(safe)).toMatchObject({ environment: 'production', host: '0.0.0.0', isDemo: false });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no keys at all', { PCS_HMAC_KEY: '' }, /PTC_E011 .*PCS_SIGN_ALG/],
    ['signatures off', { PCS_HMAC_KEY: '', PCS_SIGN_ALG: 'none' }, /PTC_E012 .*tenant default .*give it keys/],
    [
      'one tenant of two unsigned',
      { PCS_HMAC_KEY: '', TENANTS: 'a:hmac:long enough to be safe,b:none' },
      /PTC_E012 .*tenant b/,
    ],
    ['a secret from an example', { PCS_HMAC_KEY: 'change-me-in-production' }, /PTC_E012 .*hmac-1/],
    ['a short secret', { PCS_HMAC_KEY: 'fifteen letters' }, /PTC_E012 .*hmac-1/],
    [
      'a password of Redis that the network can read',
      { REDIS_ADDR: 'redis://:canary-password@redis.example:6379' },
      /PTC_E012 .*REDIS_ADDR .*use rediss:/,
    ],
    ['open metrics', { METRICS_USER: '', METRICS_PASS: '' }, /PTC_E012 .*METRICS_USER/],
    ['a short metrics password', { METRICS_PASS: 'short' }, /PTC_E012 .*METRICS_PASS/],
    ['a secret of the documentation', { PCS_HMAC_KEY: 'a long shared secret' }, /PTC_E012 .*hmac-1/],
    ['the other one, in another guise', { PCS_HMAC_KEY: 'The Next Shared Secret' }, /PTC_E012 .*hmac-1/],
    ['an alphabet', { PCS_HMAC_KEY: 'abcdefghijklmnop' }, /PTC_E012 .*hmac-1 .*alphabet/],
    [
      'an alphabet backwards, with digits',
      { METRICS_PASS: 'zyxwvutsr-0123456789' },
      /PTC_E012 .*METRICS_PASS .*alphabet/,
    ],
    [
      'a metrics user that is the password',
      { METRICS_USER: 'another secret, long enough' },
      /PTC_E012 .*METRICS_PASS .*another one than METRICS_USER/,
    ],
    ['one character again and again', { PCS_HMAC_KEY: 'a'.repeat(40) }, /PTC_E012 .*hmac-1 .*8 different/],
    ['seven different characters', { PCS_HMAC_KEY: 'abcdefgabgcfdeagfbca' }, /PTC_E012 .*hmac-1 .*8 different/],
    ['a unit again and again', { PCS_HMAC_KEY: 'abcdefghij'.repeat(4) }, /PTC_E012 .*hmac-1 .*repeat/],
    ['a unit twice and a bit', { METRICS_PASS: 'abcdefghijabcdefghijabc' }, /PTC_E012 .*METRICS_PASS .*repeat/],
    ['the demo’s VRF key', { VRF_PUB_B64: DEMO_VRF_KEY }, /PTC_E012 .*tenant default\.vrf\.publicKey .*VRF key/],
    [
      'a public key as a secret',
      { PCS_HMAC_KEY: '', TENANTS: `a:ed25519:${ED25519_KEY},b:hmac:${ED25519_KEY}` },
      /PTC_E009 .*key hmac-1 of tenant b .*key ed25519-1 of tenant a/,
    ],
    [
      'a metrics password that is a tenant’s key',
      { METRICS_PASS: 'a secret of one’s own, long enough' },
      /PTC_E012 .*METRICS_PASS .*tenant default/,
    ],
    [
      'a metrics password that is a tenant’s public key',
      { PCS_HMAC_KEY: '', PCS_ED25519_PUB_B64: ED25519_KEY, METRICS_PASS: ED25519_KEY },
      /PTC_E012 .*METRICS_PASS .*tenant default/,
    ],
  ])('refuses to start with %s', (_name, env, message) => {
    const merged = { ...safe, ...env };
    expect(() => readConfig(merged)).toThrow(message);
    for (const name of ['PCS_HMAC_KEY', 'METRICS_PASS'] as const) {
      if (merged[name].length > 12) expect(() => readConfig(merged)).not.toThrow(merged[name]);
    }
  });

  test('a secret of eight different characters that do not repeat will do', () => {
    expect(readConfig({ ...safe, PCS_HMAC_KEY: 'aebfcgdhhdgcfbea' }).environment).toBe('production');
  });

  const withStages = async (stages: unknown, keys: unknown = [{ id: 'k', alg: 'hmac', key: 'quite long enough' }]) => {
    const path = join(await tempDirectory(), 'tenants.json');
    await writeFile(path, JSON.stringify({ tenants: [{ id: 'acme', keys, stages }] }));
    return readConfig({ ...safe, PCS_HMAC_KEY: '', TENANTS_FILE: path });
  };

  test.each(['signature', 'tenant', 'ledger', 'inbox', 'pcs-format', 'replay'])(
    'refuses a tenant whose %s is not enforced, whatever form that takes',
    async (guard) => {
      for (const stage of ['off', 'report-only', { canary: 100 }]) {
        await expect(withStages({ [guard]: stage })).rejects.toThrow(
          new RegExp(`^PTC_E012 .*: tenant acme\\.stages\\.${guard} is .*; .*enforce`),
        );
      }
      await expect(withStages({ [guard]: 'enforce' })).resolves.toMatchObject({ environment: 'production' });
    },
  );

  test('lets the other guards be rolled out by steps', async () => {
    await expect(withStages({ vrf: 'off', pii: { canary: 5 } })).resolves.toMatchObject({ environment: 'production' });
  });

  test('refuses a tenant whose keys are all past; not one whose turn is to come, or that is not active', async () => {
    const key = { id: 'k', alg: 'hmac', key: 'quite long enough' };
    const past = { ...key, notAfter: '2020-01-01T00:00:00Z' };
    await expect(withStages({}, [past])).rejects.toThrow(/^PTC_E012 .*tenant acme\.keys .*notAfter/);
    const coming = { ...key, id: 'l', key: 'quite long, and other', notBefore: '2120-01-01T00:00:00Z' };
    await expect(withStages({}, [past, coming])).resolves.toMatchObject({ environment: 'production' });
  });

  test('refuses to start for nobody', async () => {
    const path = join(await tempDirectory(), 'tenants.json');
    const keys = [{ id: 'k', alg: 'hmac', key: 'quite long enough', notAfter: 0 }];
    const tenants = [{ id: 'gone', keys, active: false }];
    await writeFile(path, JSON.stringify({ tenants }));
    const env = { ...safe, PCS_HMAC_KEY: '', TENANTS_FILE: path };
    expect(() => readConfig(env)).toThrow(/^PTC_E012 .*tenants is an array of 1; .*active/);
    const other = { id: 'here', keys: [{ id: 'k', alg: 'hmac', key: 'another that is long' }] };
    await writeFile(path, JSON.stringify({ tenants: [...tenants, other] }));
    expect(readConfig(env).environment).toBe('production');
  });

  test('keys that are none are said, not stumbled over', async () => {
    await expect(withStages({}, [null])).rejects.toThrow(/^PTC_E008 /);
    await expect(withStages({}, [{ id: 'k', alg: 'hmac', key: 5 }])).rejects.toThrow(/^PTC_E008 /);
  });
});
