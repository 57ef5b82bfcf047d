import { describe, expect, test } from 'vitest';
import { createGate, type Gate } from '../../src/gate.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { pcsAnswer } from '../../src/pcs/answer.ts';
import { type PcsGuardsOptions, pcsGuards, tenantFromHeader } from '../../src/pcs/preset.ts';
import { createTenantRegistry, createTenants } from '../../src/tenancy/registry.ts';
import type { TenantDirectory, TenantSpec } from '../../src/tenancy/tenant.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { expectDecision } from '../../src/testing/expect-decision.ts';
import { createFakeClock } from '../../src/testing/fake-clock.ts';
import { createPcsRecords, type PcsOverrides, TEST_PCS_KEY } from '../../src/testing/pcs-records.ts';

test('the order of the guards is the one that the contract fixes', () => {
  const tenants = createTenants([{ id: 'a', keys: 'none' }]);
  const inbox = { name: 'inbox', inspect: () => ({ kind: 'pass' as const }) };
  const guards = pcsGuards({ tenants, inbox, appendRecord: () => {} });
  expect(guards.map(({ name }) => name)).toEqual([
    'ledger',
    'source-limit',
    'tenant',
    'rate-limit-cooldown',
    'pii',
    'inbox',
    'pcs-format',
    'signature',
    'rate-limit',
    'replay',
    'vrf',
    'sanity',
    'anomaly',
    'recompute',
  ]);
});

test('a tenant that names PII types only keeps the mode of the gate', async () => {
  const tenants = createTenants([
    { id: 'types', keys: 'none', pii: { types: ['email'] } },
    { id: 'mode', keys: 'none', pii: { mode: 'detect' } },
    { id: 'none', keys: 'none' },
  ]);
  const gate = createGate({
    guards: pcsGuards({ tenants, piiMode: 'block' }),
    stages: { pii: 'enforce' },
    tenant: tenantFromHeader(tenants, undefined),
  });
  const codes = { types: 'PTC_D201', mode: 'PTC_D401', none: 'PTC_D201' } as const;
  expect(Object.keys(codes)).toEqual(tenants.ids);
  for (const [tenant, code] of Object.entries(codes)) {
    const exchange = buildExchange({ body: { note: 'bob@example.com' }, headers: { 'x-tenant-id': tenant } });
    expectDecision(await gate.inspect(exchange), { tenant, code });
  }
});

/** A gate of tenants that may change, and a body that their signatures, proofs and limits have to do with. */
function gateOf(
  tenants: TenantDirectory,
  more: Partial<PcsGuardsOptions> = {},
  clock = createFakeClock(Date.UTC(2030, 0, 1)),
): Gate {
  return createGate({
    guards: pcsGuards({ tenants, ...more }),
    stages: { pii: 'enforce', vrf: 'enforce', sanity: 'enforce', recompute: 'enforce' },
    tenant: tenantFromHeader(tenants, 'a'),
    tenantStages: (id) => tenants.get(id)?.stages,
    answer: pcsAnswer,
    clock,
  });
}

const KEYS = [{ id: 'k', alg: 'hmac', key: TEST_PCS_KEY }] as const;

describe('what changes in a tenant is in force for the next request', () => {
  const cases: [string, Partial<TenantSpec>, Partial<TenantSpec>, PcsOverrides, (string | number | undefined)[]][] = [
    ['tolerances', {}, { policy: { tolD: 2 } }, { D_hat: 1.5, budget: 0.3 }, ['PTC_D501', 'PTC_D507']],
    ['PII mode', { pii: { mode: 'detect' } }, { pii: { mode: 'block' } }, { note: 'a@b.example' }, [200, 'PTC_D201']],
    ['stages', { pii: { mode: 'block' } }, { stages: { pii: 'off' } }, { note: 'a@b.example' }, ['PTC_D201', 200]],
    ['keys', {}, { keys: [{ id: 'n', alg: 'hmac', key: 'the next one' }] }, {}, [200, 'PTC_D303']],
    ['profiles', {}, { profiles: ['py-digest'] }, {}, [200, 'PTC_D303']],
    ['the VRF key', {}, { vrf: { publicKey: edwards25519Tai.publicKey(new Uint8Array(32)) } }, {}, [200, 'PTC_D306']],
    ['the active flag', {}, { active: false }, {}, [200, 'PTC_D304']],
  ];
  test.each(cases)('%s', async (_name, before, after, overrides, expected) => {
    const tenants = createTenantRegistry([{ id: 'a', keys: KEYS, ...before }]);
    const gate = gateOf(tenants);
    const records = createPcsRecords();
    const ask = async (): Promise<unknown> => {
      const { code, status } = await gate.inspect(buildExchange({ body: await records.body(overrides) }));
      return code ?? status;
    };
    const seen = [await ask()];
    tenants.prepare({ id: 'a', keys: KEYS, ...before, ...after }).commit();
    seen.push(await ask());
    expect(seen).toEqual(expected);
  });

  test('rate, burst and quota', async () => {
    const tenants = createTenantRegistry([{ id: 'a', keys: KEYS, rate: 1, burst: 1 }]);
    const clock = createFakeClock(Date.UTC(2030, 0, 1));
    const gate = gateOf(tenants, {}, clock);
    const records = createPcsRecords();
    const ask = async (): Promise<unknown> =>
      (await gate.inspect(buildExchange({ body: await records.body() }))).code ?? 200;
    expect([await ask(), await ask()]).toEqual([200, 'PTC_D601']);
    tenants.prepare({ id: 'a', keys: KEYS, rate: 1_000_000, burst: 1_000_000, dailyQuota: 1 }).commit();
    // What was empty stays empty; from here on it fills a thousand times as fast.
    const first = await ask();
    clock.advance(1);
    expect([first, await ask(), await ask()]).toEqual(['PTC_D601', 200, 'PTC_D602']);
  });
});

test('a tenant that goes while its request is under way is judged as it was', async () => {
  const publicKey = edwards25519Tai.publicKey(new Uint8Array(32).fill(9));
  const tenants = createTenantRegistry([{ id: 'a', keys: KEYS, vrf: { publicKey } }]);
  const gate = gateOf(tenants, {
    // Stands before signature and VRF, which then find that nobody of that name is left.
    inbox: {
      name: 'inbox',
      inspect() {
        tenants.prepare({ id: 'a', keys: 'none', active: false }).commit();
        return { kind: 'pass' };
      },
    },
  });
  const records = createPcsRecords();
  const first = await gate.inspect(buildExchange({ body: await records.body() }));
  const second = await gate.inspect(buildExchange({ body: await records.body() }));
  expect([first.code, second.code]).toEqual(['PTC_D306', 'PTC_D304']);
  expect(first.facts.key_id).toBe('k');
});
