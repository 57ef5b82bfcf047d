import { percentile } from '../src/budget.ts';

/** Times of one subject, in milliseconds. */
export interface Timing {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly samples: number;
}

export interface Subject<T = unknown> {
  readonly name: string;
  /** Makes the input of one call; not timed. */
  prepare(at: number): T | Promise<T>;
  /** One unit of work. */
  run(input: T): unknown;
}

export interface MeasureOptions {
  /** Calls of each subject before anything counts. */
  readonly warmup: number;
  /** Calls of each subject that count. */
  readonly samples: number;
}

/** Calls that are timed before the next subject gets its turn. */
const SLICE = 50;

/**
 * Times subjects slice by slice in one process, so that a slow moment of the machine hits all of them.
 */
export async function measure(
  subjects: readonly Subject[],
  { warmup, samples }: MeasureOptions,
): Promise<Map<string, Timing>> {
  const times = new Map(subjects.map(({ name }): [string, number[]] => [name, []]));
  for (let from = 0; from < warmup + samples; from += SLICE) {
    for (const subject of subjects) {
      const slice = await timeSlice(subject, from);
      if (from >= warmup) times.get(subject.name)?.push(...slice);
    }
  }
  return new Map([...times].map(([name, list]) => [name, summary(list)]));
}

async function timeSlice(subject: Subject, from: number): Promise<number[]> {
  const inputs: unknown[] = [];
  for (let at = from; at < from + SLICE; at++) inputs.push(await subject.prepare(at));
  const times: number[] = [];
  for (const input of inputs) {
    const began = performance.now();
    const result = subject.run(input);
    if (result instanceof Promise) await result;
    times.push(performance.now() - began);
  }
  return times;
}

/** p50, p95 and p99 of a list of times. */
export function summary(times: readonly number[]): Timing {
  const sorted = Float64Array.from(times).sort();
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    samples: sorted.length,
  };
}
