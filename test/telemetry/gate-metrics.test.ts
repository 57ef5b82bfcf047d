import { expect, test } from 'vitest';
import { createPrometheusMeter } from '../../gateway/prometheus.ts';
import { createGate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import { gateMetrics } from '../../src/telemetry/gate-metrics.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { createFakeClock } from '../../src/testing/fake-clock.ts';
import { metric } from '../helpers/gateway.ts';

test('verdicts, refusals held back, times against the budget, failures', async () => {
  const clock = createFakeClock();
  const guards: Guard[] = [
    { name: 'shadow', inspect: () => ({ kind: 'deny', code: 'PTC_D201' }) },
    { name: 'open', defaultStage: 'enforce', onError: 'open', inspect: () => ({ kind: 'error', code: 'PTC_D801' }) },
    {
      name: 'slow',
      defaultStage: 'enforce',
      budget: { p50: 1, p95: 2, p99: 5 },
      inspect() {
        clock.advance(6);
        return { kind: 'flag' };
      },
    },
  ];
  const meter = createPrometheusMeter();
  const gate = createGate({ guards, clock, sinks: [gateMetrics(meter, guards)] });
  await gate.inspect(buildExchange());
  await gate.inspect(buildExchange());
  await gate.flush();
  const text = await meter.text();
  const value = (series: string): number => metric(text, series);
  expect(value('portcullis_verdicts_total{guard="shadow",verdict="deny",stage="report-only"}')).toBe(2);
  expect(value('portcullis_verdicts_total{guard="slow",verdict="flag",stage="enforce"}')).toBe(2);
  expect(value('portcullis_would_total{guard="shadow",verdict="deny"}')).toBe(2);
  expect(value('portcullis_over_budget_total{guard="slow"}')).toBe(2);
  expect(value('portcullis_over_budget_total{guard="shadow"}')).toBeNaN();
  expect(value('portcullis_guard_errors_total{guard="open",on_error="open"}')).toBe(2);
  expect(value('portcullis_guard_seconds_bucket{le="0.005",guard="slow"}')).toBe(0);
  expect(value('portcullis_guard_seconds_count{guard="slow"}')).toBe(2);
  expect(value('portcullis_guard_seconds_sum{guard="slow"}')).toBeCloseTo(0.012, 9);
});
