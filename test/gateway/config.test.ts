import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../gateway/config.ts';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { createTenants } from '../../src/tenancy/registry.ts';
import { tempDirectory } from '../helpers/temp.ts';

const ED25519_KEY = encodeBase64(edwards25519Tai.publicKey(new Uint8Array(32).fill(1)));

test('with nothing set: the demo tenant, embedded stores, the documented defaults', () => {
  expect(readConfig({})).toMatchObject({
    environment: 'development',
    host: '127.0.0.1',
    port: 8080,
    defaultTenant: 'demo',
    isDemo: true,
    inboxDirectory: 'data/wal',
    inboxMaxBytes: 8_589_934_592,
    ledgerDirectory: 'data/audit-worm',
    ledgerSegmentBytes: 104_857_600,
    piiMode: 'detect',
    vrf: 'enforce',
    policy: { tolD: 0.15, minD: 0, maxD: 3.5 },
    region: 'local',
    metricsAuth: undefined,
    tenants: [{ id: 'demo', rate: 100, pii: { mode: 'block' } }],
  });
});

test('the demo tenant obeys a PII mode that is named', () => {
  expect(readConfig({ PII_SCAN_MODE: 'redact' }).tenants[0]?.pii).toBeUndefined();
});

test('one tenant by PCS_… variables; a rotation has both keys, each once', () => {
  const { tenants, defaultTenant, vrf } = readConfig({ PCS_HMAC_KEY: 'a', PCS_HMAC_KEYS: 'a, b,' });
  expect(tenants).toMatchObject([
    {
      id: 'default',
      keys: [
        { id: 'hmac-1', alg: 'hmac', key: 'a' },
        { id: 'hmac-2', alg: 'hmac', key: 'b' },
      ],
    },
  ]);
  expect([defaultTenant, vrf]).toEqual(['default', 'off']);
  expect(readConfig({ PCS_ED25519_PUB_B64: ED25519_KEY }).tenants[0]?.keys).toMatchObject([{ alg: 'ed25519' }]);
  expect(readConfig({ PCS_SIGN_ALG: 'none' }).tenants[0]?.keys).toBe('none');
});

test('TENANTS is split at the first two colons', () => {
  const { tenants, defaultTenant } = readConfig({ TENANTS: 'a:hmac:k:1:2, b:none', TOKEN_RATE: '7', DAILY_QUOTA: '9' });
  expect(tenants).toMatchObject([
    { id: 'a', keys: [{ key: 'k:1:2' }], rate: 7, dailyQuota: 9 },
    { id: 'b', keys: 'none', rate: 7, dailyQuota: 9 },
  ]);
  expect(defaultTenant).toBeUndefined();
  expect(readConfig({ TENANTS: 'a:hmac:k', DEFAULT_TENANT: 'a' }).defaultTenant).toBe('a');
});

test('STRICT_MODE narrows D_hat; POLICY_REGISTRY changes parameters; a tenant’s own win', async () => {
  const directory = await tempDirectory();
  const policyPath = join(directory, 'policy.json');
  const tenantsPath = join(directory, 'tenants.json');
  await writeFile(policyPath, '{"version":"2030-01","tolD":0.2,"minD":0.6}');
  const tenants = [
    { id: 'a', keys: 'none', policy: { tolD: 0.3 } },
    { id: 'b', keys: 'none', policyVersion: 'b:7' },
  ];
  await writeFile(tenantsPath, JSON.stringify({ tenants }));
  expect(readConfig({ STRICT_MODE: 'true' }).policy).toMatchObject({ minD: 0.5, maxD: 3 });
  const config = readConfig({ STRICT_MODE: '1', POLICY_REGISTRY: policyPath, TENANTS_FILE: tenantsPath });
  expect(config.policy).toMatchObject({ tolD: 0.2, minD: 0.6, maxD: 3 });
  expect(config.tenants[0]?.policy).toMatchObject({ tolD: 0.3, minD: 0.6, maxD: 3 });
  expect(config.tenants.map(({ policyVersion }) => policyVersion)).toEqual(['2030-01', 'b:7']);
  expect(readConfig({}).tenants[0]?.policyVersion).toBe('0.1');
});

test.each<[string, object, object, RegExp]>([
  [
    'the policy file',
    { minD: 0.4 },
    {},
    /PTC_E011 .*POLICY_REGISTRY\.minD is the number 0.4; .*STRICT_MODE.* 0\.5 or more/,
  ],
  ['the policy file', { maxD: 3.5 }, {}, /POLICY_REGISTRY\.maxD .*3 or less/],
  ['a tenant', {}, { minD: 0 }, /PTC_E011 .*tenant a\.policy\.minD is the number 0; .*STRICT_MODE/],
  ['a tenant', {}, { maxD: 3.1 }, /tenant a\.policy\.maxD/],
])('STRICT_MODE holds for everybody: %s may not widen its bounds', async (_name, policy, own, message) => {
  const directory = await tempDirectory();
  const env = { POLICY_REGISTRY: join(directory, 'policy.json'), TENANTS_FILE: join(directory, 'tenants.json') };
  await writeFile(env.POLICY_REGISTRY, JSON.stringify(policy));
  await writeFile(env.TENANTS_FILE, JSON.stringify({ tenants: [{ id: 'a', keys: 'none', policy: own }] }));
  expect(() => readConfig({ ...env, STRICT_MODE: 'true' })).toThrow(message);
  expect(readConfig(env).tenants[0]?.policy).toMatchObject({ ...policy, ...own });
});

describe('a value that cannot be used stops start-up, named, not shown', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: '65536' }, /PORT is a string of 5 characters; give a whole number from 0 to 65535/],
    [{ PORT: '-1' }, /PORT/],
    [{ PORT: '8080x' }, /PORT/],
    [{ TOKEN_RATE: '0' }, /TOKEN_RATE/],
    [{ DAILY_QUOTA: '0' }, /DAILY_QUOTA .*from 1/],
    [{ DAILY_QUOTA: '2000000000000' }, /DAILY_QUOTA .*to /],
    [
      { PCS_HMAC_KEY: 'k', PCS_HMAC_KEYS: Array.from({ length: 16 }, (_, at) => `k${at}`).join() },
      /PCS_HMAC_KEYS .*16 keys/,
    ],
    [{ PCS_HMAC_KEYS: 'canary key,canary2\n' }, /PCS_HMAC_KEYS .*control characters/],
    [{ METRICS_USER: 'canary ', METRICS_PASS: 'p' }, /METRICS_USER .*without blanks/],
    [{ STRICT_MODE: 'yes' }, /STRICT_MODE .*use true or false/],
    [{ PORTCULLIS_ENV: 'prod' }, /PORTCULLIS_ENV .*development, production/],
    [{ PCS_SIGN_ALG: 'rsa' }, /PCS_SIGN_ALG .*none, hmac, ed25519/],
    [{ PCS_SIGN_ALG: 'hmac' }, /PCS_HMAC_KEY is missing/],
    [{ PCS_SIGN_ALG: 'ed25519' }, /PCS_ED25519_PUB_B64 is missing/],
    [{ PII_SCAN_MODE: 'mask' }, /PII_SCAN_MODE .*detect, block, redact/],
    [{ DEDUP_BACKEND: 'mongo' }, /DEDUP_BACKEND .*memory, redis, postgres/],
    [{ VRF_MODE: 'shadow' }, /VRF_MODE/],
    [{ VRF_ENABLED: 'true', PCS_HMAC_KEY: 'k' }, /VRF_ENABLED .*VRF key/],
    [{ VRF_PUB_B64: 'AAAA', PCS_HMAC_KEY: 'k' }, /VRF_PUB_B64 .*32 bytes/],
    [{ METRICS_USER: 'u' }, /METRICS_PASS is missing/],
    [{ METRICS_PASS: 'p' }, /METRICS_USER is missing/],
    [{ METRICS_USER: 'a:b', METRICS_PASS: 'p' }, /METRICS_USER .*colons/],
    [{ MULTI_TENANT: 'true' }, /TENANTS is missing/],
    [{ MULTI_TENANT: 'false', TENANTS: 'a:hmac:k' }, /TENANTS .*MULTI_TENANT=true/],
    [{ TENANTS: 'a:hmac:k', TENANTS_FILE: 'x' }, /TENANTS .*not both/],
    [{ TENANTS: 'a:hmac:k', PCS_HMAC_KEY: 'global' }, /PCS_HMAC_KEY .*each tenant its own keys/],
    [{ TENANTS: 'a:hmac:k', DEFAULT_TENANT: 'b' }, /DEFAULT_TENANT/],
    [{ TENANTS: 'a:hmac' }, /entry 1 needs a key/],
    [{ TENANTS: 'a:hmac:k,b' }, /entry 2 needs an id/],
    [{ TENANTS: 'a:md5:k' }, /entry 1 needs alg hmac, ed25519 or none/],
    [{ TENANTS: 'a:none:k' }, /entry 1 needs no key with alg none/],
    [{ TENANTS_FILE: '/nowhere' }, /TENANTS_FILE .*path of a JSON file/],
    [{ REGION: 'eu west' }, /REGION .*1 to 64 letters/],
    [{ POLICY_REGISTRY: '/nowhere' }, /POLICY_REGISTRY .*path of a JSON file/],
    [{ WORM_MAX_SEGMENT_SIZE: '10' }, /WORM_MAX_SEGMENT_SIZE .*from 1024/],
    [{ WAL_MAX_BYTES: '536870911' }, /WAL_MAX_BYTES .*from 536870912/],
    [{ WAL_MAX_BYTES: '8 GiB' }, /WAL_MAX_BYTES .*whole number/],
    [
      { WAL_DIR: 'some/where', WORM_BASE_DIR: './some/else/../where/' },
      /WORM_BASE_DIR .*another directory than WAL_DIR/,
    ],
    [{ WAL_DIR: 'data/audit-worm' }, /WORM_BASE_DIR is missing; .*another directory than WAL_DIR/],
    [{ WAL_DIR: 'logs', WORM_BASE_DIR: 'logs/worm' }, /WORM_BASE_DIR .*neither inside the other/],
    [{ WAL_DIR: 'logs/wal', WORM_BASE_DIR: './logs' }, /WORM_BASE_DIR .*neither inside the other/],
    [{ PCS_HMAC_KEY: 'canary key\n' }, /PCS_HMAC_KEY .*without blanks around it/],
    [{ PCS_HMAC_KEY: ' canary key' }, /PCS_HMAC_KEY .*without blanks around it/],
    [{ PCS_HMAC_KEYS: 'canary key,canary\u0000key' }, /PCS_HMAC_KEYS .*control characters/],
    [{ TENANTS: 'a:hmac:canary key ,b:hmac:k' }, /TENANTS .*entry 1 needs a key without blanks/],
    [{ METRICS_USER: 'u', METRICS_PASS: 'canary\r' }, /METRICS_PASS .*without blanks/],
    [{ TENANTS: 'a b:hmac:k' }, /TENANTS .*entry 1 needs an id of 1 to 64/],
    [{ TENANTS: 'a:hmac:k,a:hmac:l' }, /TENANTS .*entry 2 needs an id of its own/],
    [{ TENANTS: 'a:ed25519:canary-key' }, /TENANTS .*entry 1 needs a key .*32 bytes in base64/],
    [{ PCS_ED25519_PUB_B64: 'canary-key' }, /PCS_ED25519_PUB_B64 .*32 bytes in base64/],
    [{ PCS_ED25519_PUB_B64: encodeBase64(new Uint8Array(31)) }, /PCS_ED25519_PUB_B64 .*32 bytes in base64/],
    [{ TRUST_PROXY: 'true' }, /TRUST_PROXY .*1 to 10/],
  ];
  test.each(cases)('%j', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
    expect(() => readConfig(env)).toThrow(/^PTC_E011 /);
    for (const value of Object.values(env)) {
      if (value.length > 6) expect(() => readConfig(env)).not.toThrow(value);
    }
  });
});

describe('what would be ignored stops start-up too', () => {
  const vrfKey = encodeBase64(edwards25519Tai.publicKey(new Uint8Array(32).fill(3)));
  const cases: [Record<string, string>, RegExp][] = [
    [{ VRF_PUB_B64: vrfKey }, /VRF_PUB_B64 .*the demo tenant has keys of its own/],
    [{ VRF_PUB_B64: 'canary-vrf-key' }, /VRF_PUB_B64/],
    [{ PCS_SIGN_ALG: 'none', PCS_HMAC_KEY: 'canary-key' }, /PCS_HMAC_KEY .*PCS_SIGN_ALG/],
    [{ PCS_SIGN_ALG: 'none', PCS_HMAC_KEYS: 'canary-key' }, /PCS_HMAC_KEYS .*PCS_SIGN_ALG/],
    [{ PCS_SIGN_ALG: 'none', PCS_ED25519_PUB_B64: ED25519_KEY }, /PCS_ED25519_PUB_B64 .*PCS_SIGN_ALG/],
    [
      { PCS_SIGN_ALG: 'hmac', PCS_HMAC_KEY: 'k', PCS_ED25519_PUB_B64: ED25519_KEY },
      /PCS_ED25519_PUB_B64 .*PCS_SIGN_ALG/,
    ],
    [
      { PCS_SIGN_ALG: 'ed25519', PCS_HMAC_KEY: 'canary-key', PCS_ED25519_PUB_B64: ED25519_KEY },
      /PCS_HMAC_KEY .*PCS_SIGN_ALG/,
    ],
    [{ PCS_HMAC_KEYS: 'canary-key', PCS_ED25519_PUB_B64: ED25519_KEY }, /PCS_ED25519_PUB_B64 .*PCS_SIGN_ALG/],
    [{ POSTGRES_OPS_CONN: 'postgres://canary.example/x' }, /POSTGRES_CONN is missing; set it too/],
    [{ POSTGRES_CONN: 'mysql://canary.example/x' }, /POSTGRES_CONN is a string of 24 characters; give postgres:/],
    [{ VRF_MODE: 'report_only', PCS_HMAC_KEY: 'k' }, /VRF_MODE .*VRF key/],
    [{ VRF_MODE: 'report_only', VRF_ENABLED: 'false', VRF_PUB_B64: vrfKey, PCS_HMAC_KEY: 'k' }, /VRF_MODE .*no effect/],
    [{ DEFAULT_TENANT: 'canary-tenant' }, /DEFAULT_TENANT .*one tenant/],
    [{ DEFAULT_TENANT: 'default', PCS_HMAC_KEY: 'k' }, /DEFAULT_TENANT .*one tenant/],
  ];
  test.each(cases)('%j', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
    expect(() => readConfig(env)).toThrow(/^PTC_E011 [^\n]*$/);
    expect(() => readConfig(env)).not.toThrow(/canary/);
  });
});

describe('the tenants file', () => {
  const read = async (content: unknown): Promise<ReturnType<typeof readConfig>> => {
    const path = join(await tempDirectory(), 'tenants.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    const config = readConfig({ TENANTS_FILE: path });
    createTenants(config.tenants);
    return config;
  };
  const tenant = (more: object): object => ({
    tenants: [{ id: 'a', keys: [{ id: 'k', alg: 'hmac', key: 'x' }], ...more }],
  });

  test('everything that it may hold', async () => {
    const publicKey = encodeBase64(edwards25519Tai.publicKey(new Uint8Array(32).fill(2)));
    const { tenants, vrf } = await read(
      tenant({
        active: true,
        profiles: ['js-direct'],
        vrf: { publicKey, required: false },
        rate: 5,
        burst: 6,
        dailyQuota: 7,
        pii: { mode: 'redact', types: ['email'] },
        policy: { tolD: 0.1 },
        stages: { anomaly: 'report-only', sanity: { canary: 10 } },
      }),
    );
    expect(tenants[0]).toMatchObject({ rate: 5, burst: 6, dailyQuota: 7, vrf: { required: false } });
    expect(vrf).toBe('enforce');
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /TENANTS_FILE .*must hold JSON/],
    ['no list', {}, /TENANTS_FILE .*"tenants"/],
    ['an empty list', { tenants: [] }, /TENANTS_FILE/],
    ['an entry that is none', { tenants: [1] }, /tenants\[0\] is the number 1; give an object/],
    ['an unknown field', tenant({ quota: 1 }), /tenants\[0\]\.quota .*use one of id, active/],
    ['no keys', { tenants: [{ id: 'a' }] }, /tenants\[0\]\.keys is missing/],
    ['an empty ring', { tenants: [{ id: 'a', keys: [] }] }, /PTC_E008/],
    ['a bad id', tenant({ id: 'a b' }), /tenants\[0\]\.id/],
    [
      'an id twice',
      {
        tenants: [
          { id: 'a', keys: 'none' },
          { id: 'a', keys: 'none' },
        ],
      },
      /tenants\[1\]\.id .*id of its own/,
    ],
    ['a bad rate', tenant({ rate: -1 }), /tenants\[0\]\.rate/],
    ['a bad quota', tenant({ dailyQuota: 1.5 }), /tenants\[0\]\.dailyQuota/],
    [
      'a VRF key of another suite',
      tenant({ vrf: { publicKey: encodeBase64(new Uint8Array(32).fill(3)), suite: 'ECVRF-P256-SHA256-TAI' } }),
      /PTC_E008 .*vrf\.publicKey .*give the 33 bytes/,
    ],
    [
      'a VRF suite of no standard',
      tenant({ vrf: { publicKey: 'AA==', suite: 'ECVRF-canary' } }),
      /PTC_E003 .*vrf\.suite/,
    ],
    ['a VRF suite that is no text', tenant({ vrf: { publicKey: 'AA==', suite: {} } }), /PTC_E002 .*vrf\.suite/],
    ['a bad VRF key', tenant({ vrf: { publicKey: 'AA==' } }), /tenants\[0\]\.vrf\.publicKey/],
    [
      'a small-order VRF key',
      tenant({ vrf: { publicKey: encodeBase64(new Uint8Array(32)) } }),
      /PTC_E008 .*vrf\.publicKey/,
    ],
    ['a bad profile', tenant({ profiles: ['py'] }), /tenants\[0\]\.profiles\[0\] .*py-digest/],
    ['a bad PII mode', tenant({ pii: { mode: 'mask' } }), /tenants\[0\]\.pii\.mode/],
    ['a bad PII type', tenant({ pii: { types: ['name'] } }), /tenants\[0\]\.pii\.types/],
    ['no profile at all', tenant({ profiles: [] }), /tenants\[0\]\.profiles is an empty array; .*leave it out/],
    ['a rate of null', tenant({ rate: null }), /tenants\[0\]\.rate is null/],
    ['a quota of null', tenant({ dailyQuota: null }), /tenants\[0\]\.dailyQuota is null/],
    ['an unknown member at the top', { ...tenant({}), defaults: {} }, /TENANTS_FILE\.defaults .*use one of tenants/],
    [
      'a member twice',
      '{"tenants":[{"id":"a","keys":[{"id":"k","alg":"hmac","key":"canary","key":"canary2"}]}]}',
      /^PTC_E011 .*TENANTS_FILE is a string of \d+ characters; .*twice/,
    ],
    [
      'a domain that can match nothing',
      tenant({ pii: { allow: { domains: ['@x.co'] } } }),
      /allow\.domains .*without @/,
    ],
    ['a wild card', tenant({ pii: { allow: { domains: ['*.x.co'] } } }), /allow\.domains .*without @ or \*/],
    ['an allow-list that is none', tenant({ pii: { allow: 5 } }), /tenants\[0\]\.pii\.allow is the number 5/],
    ['an unknown member of it', tenant({ pii: { allow: { domain: ['x'] } } }), /tenants\[0\]\.pii\.allow\.domain/],
    ['a key that is none', tenant({ keys: [{ id: 'k', alg: 'hmac', key: 5 }] }), /tenants\[0\]\.keys\[0\]: key k/],
    [
      'profiles without keys',
      tenant({ keys: 'none', profiles: ['js-direct'] }),
      /tenants\[0\]\.profiles .*leave it out/,
    ],
    ['active as a word', tenant({ active: 'no' }), /tenants\[0\]\.active .*true or false/],
  ])('%s', async (_name, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  test('every mistake of every tenant is named, on a line of its own, and no key', async () => {
    const canary = 'canary-secret-9c1f';
    const file = {
      tenants: [
        { id: 'a b', keys: 'none', rates: 5, stages: { vrf: 'of', pi: 'off' } },
        { id: 'b', keys: [{ id: 'k', alg: 'hmac', key: canary }], vrf: { publicKey: canary, required: 'no' } },
        { id: 'c', keys: [{ id: 'k', alg: 'hmac', key: canary }], policy: { tolD: -1 }, rate: 0 },
        { id: 'b', keys: [{ id: 'k', alg: canary, key: canary }], policy: 5 },
        7,
      ],
      more: 1,
    };
    const error = await read(file).catch((thrown: unknown) => thrown);
    const lines = (error as Error).message.split('\n');
    expect(lines.map((line) => /^PTC_E\d{3} [^:]*: (.*?) is /.exec(line)?.[1])).toEqual([
      'TENANTS_FILE.more',
      'TENANTS_FILE tenants[3].policy',
      'TENANTS_FILE tenants[4]',
      'TENANTS_FILE tenants[0].id',
      'TENANTS_FILE tenants[0].rates',
      'TENANTS_FILE tenants[0].stages.vrf',
      'TENANTS_FILE tenants[0].stages.pi',
      'TENANTS_FILE tenants[1].vrf.required',
      'TENANTS_FILE tenants[1].vrf.publicKey',
      'TENANTS_FILE tenants[2].rate',
      'TENANTS_FILE tenants[2].policy.tolD',
      'TENANTS_FILE tenants[3].keys[0]: key k: alg',
      'TENANTS_FILE tenants[3].id',
    ]);
    expect(lines.join()).not.toContain(canary);
  });

  test('the default tenant must be active', async () => {
    const path = join(await tempDirectory(), 'tenants.json');
    const tenants = [
      { id: 'a', keys: 'none' },
      { id: 'gone', keys: 'none', active: false },
    ];
    await writeFile(path, JSON.stringify({ tenants }));
    expect(readConfig({ TENANTS_FILE: path, DEFAULT_TENANT: 'a' }).defaultTenant).toBe('a');
    expect(() => readConfig({ TENANTS_FILE: path, DEFAULT_TENANT: 'gone' })).toThrow(
      /^PTC_E011 .*DEFAULT_TENANT .*active/,
    );
  });

  test('bytes that are not UTF-8 are refused: a key must not change by being read', async () => {
    const path = join(await tempDirectory(), 'tenants.json');
    await writeFile(
      path,
      Buffer.from('{"tenants":[{"id":"a","keys":[{"id":"k","alg":"hmac","key":"\xff"}]}]}', 'latin1'),
    );
    expect(() => readConfig({ TENANTS_FILE: path })).toThrow(/^PTC_E011 .*TENANTS_FILE .*UTF-8/);
  });
});

describe('the policy file', () => {
  test.each<[string, string, RegExp]>([
    ['a member twice', '{"tolD":0.1,"tolD":3}', /POLICY_REGISTRY .*twice/],
    ['a version that is none', '{"version":"of today"}', /POLICY_REGISTRY\.version is a string of 8 characters/],
    ['an unknown parameter', '{"told":0.1}', /POLICY_REGISTRY\.told/],
    ['a tolerance below 0', '{"tolD":-0.1}', /POLICY_REGISTRY\.tolD is the number -0\.1; .*from 0/],
    ['bounds the wrong way round', '{"minD":3,"maxD":2}', /POLICY_REGISTRY\.minD .*maxD/],
    ['no object', '[1]', /POLICY_REGISTRY .*object/],
  ])('%s', async (_name, text, message) => {
    const path = join(await tempDirectory(), 'policy.json');
    await writeFile(path, text);
    expect(() => readConfig({ POLICY_REGISTRY: path })).toThrow(message);
  });
});
