import { expect, test } from 'vitest';
import { createPrometheusMeter } from '../../gateway/prometheus.ts';
import type { Decision } from '../../src/decide.ts';
import type { Verdict } from '../../src/guard.ts';
import { pcsMetrics } from '../../src/pcs/metrics.ts';
import { metric } from '../helpers/gateway.ts';

test.each<[string, Verdict, number]>([
  ['an invalid proof', { kind: 'deny', code: 'PTC_D305' }, 1],
  ['an invalid proof that escalates', { kind: 'escalate', code: 'PTC_D305' }, 1],
  ['no proof where one is required', { kind: 'deny', code: 'PTC_D306' }, 1],
  ['no proof where none is required', { kind: 'flag', code: 'PTC_D306' }, 0],
  ['a valid proof', { kind: 'pass' }, 0],
  ['a guard that failed', { kind: 'error', code: 'PTC_D801' }, 0],
])('flk_vrf_invalid_total: %s', async (_name, verdict, count) => {
  const meter = createPrometheusMeter();
  const run = { guard: 'vrf', stage: 'enforce', onError: 'closed', verdict, ms: 0 };
  pcsMetrics(meter).record({ outcome: 'allow', verdicts: [run], facts: {} } as unknown as Decision);
  expect(metric(await meter.text(), 'flk_vrf_invalid_total')).toBe(count);
});

test.each<[string, Verdict, string | undefined, string | undefined]>([
  ['a valid proof', { kind: 'pass', facts: { beta: '00' } }, 'acme', 'valid'],
  ['an invalid proof', { kind: 'escalate', code: 'PTC_D305' }, 'acme', 'invalid'],
  ['no proof where one is required', { kind: 'deny', code: 'PTC_D306' }, 'acme', 'missing'],
  ['no proof where none is required', { kind: 'flag', code: 'PTC_D306' }, 'acme', 'missing'],
  ['no key', { kind: 'pass' }, 'acme', undefined],
  ['a guard that failed', { kind: 'error', code: 'PTC_D801' }, 'acme', undefined],
  ['nobody', { kind: 'deny', code: 'PTC_D306' }, undefined, undefined],
])('flk_vrf_proofs_by_tenant: %s', async (_name, verdict, tenant, proof) => {
  const meter = createPrometheusMeter();
  const run = { guard: 'vrf', stage: 'report-only', onError: 'closed', verdict, ms: 0 };
  pcsMetrics(meter).record({ outcome: 'allow', tenant, verdicts: [run], facts: {} } as unknown as Decision);
  const series = (await meter.text()).split('\n').filter((line) => line.startsWith('flk_vrf_proofs_by_tenant{'));
  expect(series).toEqual(proof === undefined ? [] : [`flk_vrf_proofs_by_tenant{tenant_id="acme",proof="${proof}"} 1`]);
});
