import { storeError } from '../postgres/store-error.ts';

/** What a probe looked at, and what it found wrong. */
export interface Finding {
  /** Checks that were made; a probe that made none has proven nothing, and fails. */
  readonly checks: number;
  /** What is wrong, one line each; no value of a row and no secret stands in it. */
  readonly failures: readonly string[];
  /** What was seen, for whoever wants to judge for himself. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface ProbeReport extends Finding {
  readonly probe: string;
  readonly ok: boolean;
  /** Milliseconds. */
  readonly ms: number;
}

export interface Probe {
  readonly name: string;
  readonly run: () => Promise<Finding>;
}

/** Counts checks and keeps what failed. */
export interface Checks {
  check(holds: boolean, failure: string): void;
  finding(evidence: Readonly<Record<string, unknown>>): Finding;
}

export function newChecks(): Checks {
  let checks = 0;
  const failures: string[] = [];
  return {
    check(holds, failure) {
      checks++;
      if (!holds) failures.push(failure);
    },
    finding: (evidence) => ({ checks, failures, evidence }),
  };
}

/**
 * Runs probes one after the other. One that throws has failed.
 *
 * @example
 * const reports = await runProbes(databaseProbes(config, db));
 * process.exitCode = reports.every(({ ok }) => ok) ? 0 : 1;
 */
export async function runProbes(probes: readonly Probe[]): Promise<readonly ProbeReport[]> {
  const reports: ProbeReport[] = [];
  for (const { name, run } of probes) {
    const began = performance.now();
    const finding = await run().catch((error: unknown): Finding => {
      const why = (error as Error).name === 'StoreError' ? (error as Error).message : storeError(error).code;
      return { checks: 0, failures: [`the probe could not be run: ${why}`], evidence: {} };
    });
    const ok = finding.failures.length === 0 && finding.checks > 0;
    reports.push({ probe: name, ok, ms: Math.round(performance.now() - began), ...finding });
  }
  return reports;
}
