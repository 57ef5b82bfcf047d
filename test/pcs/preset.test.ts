import { expect, test } from 'vitest';
import { createGate } from '../../src/gate.ts';
import { pcsGuards, tenantFromHeader } from '../../src/pcs/preset.ts';
import { createTenants } from '../../src/tenancy/tenant.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { expectDecision } from '../../src/testing/expect-decision.ts';

test('the order of the guards is the one that the contract fixes', () => {
  const tenants = createTenants([{ id: 'a', keys: 'none' }]);
  const inbox = { name: 'inbox', inspect: () => ({ kind: 'pass' as const }) };
  const guards = pcsGuards({ tenants, inbox, appendRecord: () => {} });
  expect(guards.map(({ name }) => name)).toEqual([
    'ledger',
    'source-limit',
    'tenant',
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

test('a policy of a tenant that cannot work stops start-up and names the tenant', () => {
  const tenants = createTenants([{ id: 'a', keys: 'none', policy: { tolD: Number.NaN } }]);
  expect(() => pcsGuards({ tenants })).toThrow(/^PTC_E002 .*tenant a\.policy\.tolD/);
});
