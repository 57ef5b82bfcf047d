import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Installed, installBuilt } from '../test/helpers/built.ts';
import { runProgram, startWorker } from '../test/helpers/runtimes.ts';
import { machine, writeResult } from './report.ts';
import { type Asked, WAYS, type Way } from './vrf-runtimes-subject.ts';

/** Verification with the built package on every runtime; `--quick` shows that it works, and writes nothing. */
const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 5 : 60;
const PROGRAM = fileURLToPath(new URL('./vrf-runtimes-subject.ts', import.meta.url));
const ALL = Object.keys(WAYS) as Way[];

type Times = Record<string, number>;

/** Clocks stand still on workerd while it works, so that a request is timed from here, less one that verifies nothing. */
async function onWorkerd(installed: Installed): Promise<Times> {
  const worker = await startWorker(installed, PROGRAM);
  const best: Times = {};
  const time = async (way: Way, idle: boolean): Promise<number> => {
    const asked: Asked = { ways: [way], rounds: 1, idle };
    const began = performance.now();
    await worker.run(asked);
    return performance.now() - began;
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ALL) {
      for (const [name, idle] of [
        [way, false],
        [`${way}, idle`, true],
      ] as const) {
        best[name] = Math.min(await time(way, idle), best[name] ?? Number.POSITIVE_INFINITY);
      }
    }
  }
  await worker.stop();
  return Object.fromEntries(ALL.map((way) => [way, ((best[way]! - best[`${way}, idle`]!) * 1_000) / WAYS[way]]));
}

const installed = await installBuilt();
const rows: string[] = [];
try {
  for (const runtime of ['node', 'deno', 'bun', 'workerd'] as const) {
    const asked: Asked = { ways: ALL, rounds: ROUNDS };
    const times =
      runtime === 'workerd'
        ? await onWorkerd(installed)
        : ((await runProgram(runtime, installed, PROGRAM, asked)) as Times);
    const ratio = times['plain noble']! / times.kernel!;
    rows.push(`| ${[runtime, ...ALL.map((way) => times[way]!.toFixed(0)), ratio.toFixed(1)].join(' | ')} |`);
  }
} finally {
  await installed.remove();
}
const markdown = `# One verification on edwards25519, by runtime

${machine()}; least of ${ROUNDS} rounds, in µs. Ratios travel, microseconds don't.

| runtime | ${ALL.join(' | ')} | plain noble / kernel |
| --- |${' ---: |'.repeat(ALL.length + 1)}
${rows.join('\n')}
`;
process.stdout.write(quick ? markdown : writeResult('vrf-runtimes', markdown));
