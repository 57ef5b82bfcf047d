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
