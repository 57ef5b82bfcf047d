import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Budget } from '../src/budget.ts';
import type { Timing } from './measure.ts';

export interface Row {
  readonly step: string;
  readonly timing: Timing;
  readonly budget: Budget | undefined;
  /** p50 over the baseline's p50, measured in the same run. */
  readonly ratio: number;
}

export interface HttpRow {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds over the bare framework's. */
  readonly addedP99: number;
  /** Requests a second over the bare framework's. */
  readonly ratio: number;
  /** Processor time of the server, in microseconds per request. */
  readonly cpu: number;
  /** The bare framework's processor time over it: what the throughput would be where nothing else is short. */
  readonly cpuRatio: number;
}

export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly baseline: string;
  readonly guards: readonly Row[];
  readonly http: readonly HttpRow[];
}

/** Below the folder that `npm run bench` runs in. */
const RESULTS = 'bench/results';

/** What it ran on, in words that mean something elsewhere. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}`;
}

/** The budget table: measured times, and measured over budget at p50, p95 and p99. */
export function guardTable(rows: readonly Row[], baseline: string): string {
  const head = `| step | p50 | p95 | p99 | budget p50 / p95 / p99 | measured / budget | p50 / ${baseline} |`;
  const lines = rows.map(({ step, timing, budget, ratio }) => {
    const limits = budget === undefined ? '–' : `${budget.p50} / ${budget.p95} / ${budget.p99}`;
    const shares =
      budget === undefined
        ? '–'
        : [timing.p50 / budget.p50, timing.p95 / budget.p95, timing.p99 / budget.p99].map(percent).join(' / ');
    const times = [timing.p50, timing.p95, timing.p99].map((ms) => ms.toFixed(4)).join(' | ');
    return `| ${step} | ${times} | ${limits} | ${shares} | ${ratio.toFixed(1)} |`;
  });
  return [head, '| --- | ---: | ---: | ---: | --- | --- | ---: |', ...lines].join('\n');
}

/** Throughput with and without the gate. */
export function httpTable(rows: readonly HttpRow[]): string {
  const head =
    '| application | requests/s | p50 ms | p99 ms | added p99 ms | throughput / bare | server CPU µs | bare CPU / it |';
  const lines = rows.map(
    ({ name, requestsPerSecond, p50, p99, addedP99, ratio, cpu, cpuRatio }) =>
      `| ${name} | ${Math.round(requestsPerSecond)} | ${p50} | ${p99} | ${addedP99} | ${percent(ratio)} | ${Math.round(cpu)} | ${percent(cpuRatio)} |`,
  );
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |', ...lines].join('\n');
}

/** Writes `bench/results/latest.json` and `latest.md`, and returns the Markdown. */
export function writeResults(results: Results): string {
  const markdown = [
    `Milliseconds per request, ${results.date}, ${results.machine}.`,
    '',
    guardTable(results.guards, results.baseline),
    '',
    httpTable(results.http),
    '',
  ].join('\n');
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(RESULTS, 'latest.md'), markdown);
  return markdown;
}

/** Writes `bench/results/<name>.md` and returns the Markdown. */
export function writeResult(name: string, markdown: string): string {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.md`), markdown);
  return markdown;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
