import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { pcsAnswer } from '../../src/pcs/answer.ts';
import { pcsGuards, tenantFromHeader } from '../../src/pcs/preset.ts';
import { createTenants } from '../../src/tenancy/registry.ts';
import type { TenantSpec } from '../../src/tenancy/tenant.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { expectDecision } from '../../src/testing/expect-decision.ts';
import { createPcsRecords, type PcsRecords, TEST_PCS_KEY } from '../../src/testing/pcs-records.ts';
import { createTestKit } from '../../src/testing/test-kit.ts';
import { idOf } from '../helpers/pcs.ts';

const VRF_SECRET = new Uint8Array(32).fill(7);

/** The whole preset, everything in force. */
function presetFor(settings: Partial<TenantSpec> = {}) {
  const kit = createTestKit();
  const tenants = createTenants([
    { id: 'acme', keys: [{ id: 'k', alg: 'hmac', key: TEST_PCS_KEY }], rate: 100, ...settings },
  ]);
  const guards = pcsGuards({ tenants, rateStore: kit.stores.rate, replayStore: kit.stores.replay, piiMode: 'block' });
  const stages = Object.fromEntries(guards.map(({ name }) => [name, 'enforce' as const]));
  return kit.gate({ guards, stages, tenant: tenantFromHeader(tenants, 'acme'), answer: pcsAnswer });
}

const decide = async (gate: ReturnType<typeof presetFor>, records: PcsRecords, overrides?: object) =>
  gate.inspect(buildExchange({ body: await records.body(overrides as Record<string, unknown>) }));

describe('records are what a gate accepts', () => {
  test('one after the other, each with an id of its own', async () => {
    const records = createPcsRecords();
    const gate = presetFor();
    const ids = new Set<unknown>();
    for (let i = 0; i < 5; i++) {
      const record = await records.next();
      expect(record.pcs_id).toBe(idOf(record));
      ids.add(record.pcs_id);
      expectDecision(await gate.inspect(buildExchange({ body: record })), { outcome: 'allow', findings: [] });
    }
    expect(ids.size).toBe(5);
  });

  test('with a proof, the seed that it fixes and one of its directions', async () => {
    const publicKey = edwards25519Tai.publicKey(VRF_SECRET);
    const gate = presetFor({ vrf: { publicKey, directions: 128 } });
    const proven = createPcsRecords({ vrfSecretKey: VRF_SECRET });
    expectDecision(await decide(gate, proven), { outcome: 'allow', verdicts: { vrf: 'pass' } });
    expectDecision(await decide(gate, proven, { seed: 1 }), { status: 401, code: 'PTC_D305' });
    expectDecision(await decide(gate, createPcsRecords({ shardId: 'other' })), { status: 401, code: 'PTC_D306' });
  });

  test('signed with what is asked for', async () => {
    const seed = new Uint8Array(32).fill(3);
    const { publicKey } = edwards25519Tai.keygen(seed);
    const gate = presetFor({ keys: [{ id: 'e', alg: 'ed25519', key: encodeBase64(publicKey) }] });
    const records = createPcsRecords({ sign: { alg: 'ed25519', key: seed, profile: 'py-direct' } });
    expectDecision(await decide(gate, records), { outcome: 'allow' });
    expectDecision(await decide(gate, createPcsRecords()), { status: 401, guard: 'signature' });
  });
});

describe('records that are not right', () => {
  test.each<[string, object, object]>([
    ['implausible', { D_hat: 2.9 }, { status: 202, reasons: ['PTC_D501'] }],
    ['a missing field', { regime: undefined }, { status: 400, code: 'PTC_D401', guard: 'pcs-format' }],
    ['a forged signature', { sig: encodeBase64(new Uint8Array(32)) }, { status: 401, guard: 'signature' }],
    ['an id of something else', { pcs_id: '0'.repeat(64) }, { status: 400, code: 'PTC_D405' }],
    [
      'personal data',
      { note: 'jane@example.org' },
      { status: 400, code: 'PTC_D201', findings: ['pii/email at /note'] },
    ],
  ])('%s', async (_what, overrides, expected) => {
    expectDecision(await decide(presetFor(), createPcsRecords(), overrides), expected);
  });

  test('the id follows what it is made of', async () => {
    const gate = presetFor();
    const moved = await createPcsRecords().next({ shard_id: 'moved', epoch: 99 });
    expect(moved).toMatchObject({ shard_id: 'moved', epoch: 99, pcs_id: idOf(moved) });
    expectDecision(await gate.inspect(buildExchange({ body: moved })), { outcome: 'allow' });
  });
});

test('after a reset, and from another maker, they are the same byte for byte', async () => {
  const records = createPcsRecords();
  const first = [await records.body(), await records.body()];
  expect(first[0]).not.toBe(first[1]);
  records.reset();
  expect([await records.body(), await records.body()]).toEqual(first);
  expect(await createPcsRecords().body()).toBe(first[0]);
  expect(await createPcsRecords({ shardId: 'other' }).body()).not.toBe(first[0]);
});
