import { expect, test } from 'vitest';
import type { Decision } from '../../src/decide.ts';
import { ConfigError } from '../../src/errors.ts';
import { createGate } from '../../src/gate.ts';
import { defineGuard } from '../../src/guard.ts';
import { createKeyRing } from '../../src/guards/signature/key-ring.ts';
import { PCS_FACT, type PcsRecord } from '../../src/pcs/record.ts';
import { type PcsSignatureOptions, pcsSignature } from '../../src/pcs/signature.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { SAMPLE_RECORD } from './sample.ts';

/** The worked example of the PCS contract, section 3. */
const RECORD: PcsRecord = { ...SAMPLE_RECORD, sig: '' };

const WORKED = 'wahFdOY1XKgg9WTr5UTpryZTviM5zay5VMHcrzHH5hE=';

// python3, with t the signed text and j the same with `"D_hat":1` for `"D_hat":1.0`:
//   base64.b64encode(hmac.new(b'testsecret', x, hashlib.sha256).digest())
// for x = t, sha256(t), j, sha256(j).
const HMAC_BY_PROFILE = [
  ['py-direct', WORKED],
  ['py-digest', 't26vRWEJjtCWytzmkEkdCG/EX4FIJfVYEMJx60qh7Bs='],
  ['js-direct', 'NpH2VEB4U9bqk91LZzhyr9wqiv9qEL8w7mEVHEQLfTs='],
  ['js-digest', '3Uon27uijVDh3DhMs6v5uon/577G5Zpvh8VNFJB44Zs='],
] as const;

// python3, package cryptography: Ed25519PrivateKey of RFC 8032 TEST 1, .sign(sha256(t)) and .sign(sha256(j)).
const ED25519_PUBLIC = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const ED25519_OF_PY = 'IkSq2iXqFws6MOSzRkO0BcCWUogzVMpLzJYDE9J3wE7NMfB3pyr1RF+amN8glv144jF01PeP/ZI5hMrXjl6vAw==';
const ED25519_OF_JS = '1MG+3p7uMTFYz7wNyV2tRgacAkQ8K/yUhvGx50pGfKKoAM2yANoCdjO7RwTAPAyMiNcpEmdjOIiuXKynpKIxAg==';

const HMAC_RING = createKeyRing([{ id: 'h1', alg: 'hmac', key: 'testsecret' }]);
const ED25519_RING = createKeyRing([{ id: 'e1', alg: 'ed25519', key: ED25519_PUBLIC }]);

function setup(options: PcsSignatureOptions, tenant: string | undefined = 'acme') {
  return (record: Partial<PcsRecord> | undefined): Promise<Decision> => {
    const publish = defineGuard({
      name: 'publish',
      inspect: () => ({ kind: 'pass', facts: record === undefined ? {} : { [PCS_FACT]: { ...RECORD, ...record } } }),
    });
    const gate = createGate({ guards: [publish, pcsSignature(options)], tenant: () => tenant });
    return gate.inspect(buildExchange({ body: {} }));
  };
}

test.each(HMAC_BY_PROFILE)('the worked example in profile %s', async (profile, sig) => {
  const send = setup({ ringOf: () => HMAC_RING });
  expect(await send({ sig })).toMatchObject({ outcome: 'allow', facts: { key_id: 'h1', signature_profile: profile } });
});

test.each([
  ['py-digest', ED25519_OF_PY],
  ['js-digest', ED25519_OF_JS],
])('Ed25519 signs the digest of the text: %s', async (profile, sig) => {
  const send = setup({ ringOf: () => ED25519_RING });
  expect(await send({ sig })).toMatchObject({ outcome: 'allow', facts: { key_id: 'e1', signature_profile: profile } });
});

test('any change of a signed field is noticed, of another field is not', async () => {
  const send = setup({ ringOf: () => HMAC_RING });
  const changed: Partial<PcsRecord>[] = [
    { D_hat: 1.000000001 },
    { budget: 0.349073358 },
    { coh_star: 0.3 },
    { epoch: 2 },
    { merkle_root: RECORD.merkle_root.replace('9', '8') },
    { pcs_id: RECORD.pcs_id.replace('e', 'f') },
    { r: -0.303088803 },
    { shard_id: 'test-shard-002' },
  ];
  for (const fields of changed) {
    expect(await send({ ...fields, sig: WORKED })).toMatchObject({ status: 401, code: 'PTC_D303' });
  }
  expect((await send({ attempt: 2, seed: 7n, regime: 'sticky', sig: WORKED })).outcome).toBe('allow');
  // Below the ninth decimal there is nothing that was signed.
  expect((await send({ D_hat: 1.0000000001, sig: WORKED })).outcome).toBe('allow');
});

test('an empty signature is missing, unless the tenant is configured not to sign', async () => {
  expect(await setup({ ringOf: () => HMAC_RING })({ sig: '' })).toMatchObject({ status: 401, code: 'PTC_D301' });
  expect(await setup({ ringOf: () => 'none' })({ sig: '' })).toMatchObject({
    outcome: 'allow',
    facts: { key_id: 'none' },
  });
});

test('a tenant can be held to some profiles', async () => {
  const send = setup({
    ringOf: () => HMAC_RING,
    profiles: (tenant) => (tenant === 'acme' ? ['js-direct'] : undefined),
  });
  expect((await send({ sig: HMAC_BY_PROFILE[2][1] })).outcome).toBe('allow');
  expect((await send({ sig: WORKED })).code).toBe('PTC_D303');
  const none = setup({ ringOf: () => HMAC_RING, profiles: () => ['unheard-of'] });
  expect((await none({ sig: WORKED })).code).toBe('PTC_D303');
});

test('no tenant, another tenant, no record: refused', async () => {
  const ringOf = (tenant: string): typeof HMAC_RING | undefined => (tenant === 'acme' ? HMAC_RING : undefined);
  expect((await setup({ ringOf }, 'acme')({ sig: WORKED })).outcome).toBe('allow');
  expect((await setup({ ringOf }, 'globex')({ sig: WORKED })).code).toBe('PTC_D303');
  const anonymous = createGate({ guards: [pcsSignature({ ringOf: () => 'none' })] });
  expect(await anonymous.inspect(buildExchange({ body: {} }))).toMatchObject({ status: 401 });
  expect((await setup({ ringOf })(undefined)).code).toBe('PTC_D301');
});

test('the finding points at the field', async () => {
  const { verdicts } = await setup({ ringOf: () => HMAC_RING })({ sig: 'nonsense' });
  expect(verdicts[1]?.verdict).toMatchObject({
    code: 'PTC_D302',
    findings: [{ rule: 'signature/malformed', place: { in: 'body', pointer: '/sig' } }],
  });
});

const nobody = (): undefined => undefined;
test.each([
  [undefined, 'PTC_E001'],
  [{}, 'PTC_E001'],
  [{ ringOf: HMAC_RING }, 'PTC_E002'],
  [{ ringOf: nobody, profiles: ['py-direct'] }, 'PTC_E002'],
  [{ ringOf: nobody, keys: 1 }, 'PTC_E004'],
])('refuses %o with %s', (options, code) => {
  expect(() => pcsSignature(options as never)).toThrow(ConfigError);
  expect(() => pcsSignature(options as never)).toThrow(code);
});
