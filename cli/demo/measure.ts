import { cpuUsage, memoryUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Event-loop delay in ms, CPU time in µs, and heap in bytes, over one interval. */
export type Measurement = readonly [loopDelayMs: number, cpuMicros: number, heapBytes: number];

/**
 * Measures this machine for a while. Work of changing size runs in between, so that there is something to see.
 */
export async function measureMachine(samples: number, everyMs: number): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  let cpu = cpuUsage();
  for (let at = 0; at < samples; at++) {
    const due = performance.now() + everyMs;
    busyWork(at);
    await sleep(everyMs);
    const used = cpuUsage(cpu);
    cpu = cpuUsage();
    rows.push([Math.max(0, performance.now() - due), used.user + used.system, memoryUsage().heapUsed]);
  }
  return rows;
}

function busyWork(at: number): void {
  const size = 200 + 150 * (at % 17);
  JSON.parse(JSON.stringify(Array.from({ length: size }, (_, i) => ({ i, text: String(i * at) }))));
}
