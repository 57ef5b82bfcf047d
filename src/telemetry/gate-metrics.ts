import type { Decision } from '../decide.ts';
import type { Guard } from '../guard.ts';
import type { Sink } from '../sinks.ts';
import type { Meter } from './meter.ts';

/** Bucket bounds for guards without a budget, in seconds. */
export const DEFAULT_SECONDS_BUCKETS: readonly number[] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 1];

/**
 * A sink that counts verdicts and times guards: `portcullis_verdicts_total{guard,verdict,stage}`,
 * `portcullis_would_total{guard,verdict}`, `portcullis_guard_seconds{guard}` with the budget's bounds as buckets,
 * `portcullis_over_budget_total{guard}` (past the p99 bound) and `portcullis_guard_errors_total{guard,on_error}`.
 * Labels are names of guards and fixed words only, so the number of series is bounded.
 *
 * @example
 * const gate = createGate({ guards, sinks: [gateMetrics(meter, guards)] });
 */
export function gateMetrics(meter: Meter, guards: readonly Guard[]): Sink {
  const verdicts = meter.counter('portcullis_verdicts_total', 'Verdicts by guard and stage.', [
    'guard',
    'verdict',
    'stage',
  ]);
  const would = meter.counter(
    'portcullis_would_total',
    'Refusals and escalations that a report-only guard held back.',
    ['guard', 'verdict'],
  );
  const overBudget = meter.counter('portcullis_over_budget_total', 'Runs slower than the p99 of the budget.', [
    'guard',
  ]);
  const errors = meter.counter('portcullis_guard_errors_total', 'Guards that failed, by what a failure means.', [
    'guard',
    'on_error',
  ]);
  const seconds = secondsHistogram(meter, guards);
  const p99 = new Map(guards.map(({ name, budget }) => [name, budget?.p99]));

  return {
    record(decision: Decision) {
      for (const { guard, verdict, stage, onError, ms } of decision.verdicts) {
        verdicts.add({ guard, verdict: verdict.kind, stage });
        seconds.observe({ guard }, ms / 1000);
        if (ms > (p99.get(guard) ?? Infinity)) overBudget.add({ guard });
        if (verdict.kind === 'error') errors.add({ guard, on_error: onError });
        if (stage === 'report-only' && verdict.kind !== 'pass' && verdict.kind !== 'flag') {
          would.add({ guard, verdict: verdict.kind });
        }
      }
    },
  };
}

/** One metric has one set of buckets, so it gets the bounds of every budget among the guards. */
function secondsHistogram(meter: Meter, guards: readonly Guard[]): ReturnType<Meter['histogram']> {
  const bounds = guards.flatMap(({ budget }) => (budget ? [budget.p50, budget.p95, budget.p99] : []));
  const buckets = bounds.length === 0 ? DEFAULT_SECONDS_BUCKETS : bounds.map((ms) => ms / 1000);
  const sorted = [...new Set(buckets)].sort((a, b) => a - b);
  return meter.histogram('portcullis_guard_seconds', 'Time in inspect, by guard.', ['guard'], sorted);
}
