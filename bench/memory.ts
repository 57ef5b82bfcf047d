import { fork } from 'node:child_process';
import process from 'node:process';
import autocannon from 'autocannon';
import { machine, writeResult } from './report.ts';

/**
 * Whether adapters leave anything behind: the heap after many requests with bodies of 64 kB, beside what it was after the
 * first tenth of them. `node bench/.build/bench/memory.js [requests]`, 100,000 by default.
 */
const [requests = 100_000] = process.argv.slice(2).map(Number);
const ADAPTERS = ['express', 'fastify', 'hono', 'fetch', 'node'] as const;
const BODY = JSON.stringify({ pcs_id: 'x', note: 'The ferry leaves at noon and nobody knows why. '.repeat(1_390) });

async function measure(adapter: string): Promise<string> {
  const child = fork(new URL('./http-server.js', import.meta.url), [adapter, 'pii'], { execArgv: ['--expose-gc'] });
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message) => resolve(Number(message)));
  });
  const heap = (): Promise<NodeJS.MemoryUsage> =>
    new Promise((resolve) => {
      child.once('message', (usage) => resolve(usage as NodeJS.MemoryUsage));
      child.send('memory');
    });
  const load = async (amount: number): Promise<void> => {
    const { non2xx, errors } = await autocannon({
      url: `http://127.0.0.1:${port}/v1/pcs/submit`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
      connections: 10,
      amount,
    });
    if (non2xx + errors > 0) throw new Error(`${adapter}: ${non2xx} refusals, ${errors} failures`);
  };
  try {
    await load(requests / 10);
    const first = await heap();
    await load(requests - requests / 10);
    const last = await heap();
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const change = (100 * (last.heapUsed / first.heapUsed - 1)).toFixed(1);
    return `| ${adapter} | ${megabytes(first.heapUsed)} | ${megabytes(last.heapUsed)} | ${change} % | ${megabytes(first.rss)} | ${megabytes(last.rss)} |`;
  } finally {
    child.kill();
  }
}

const lines: string[] = [];
for (const adapter of ADAPTERS) lines.push(await measure(adapter));
const table = [
  `# Memory\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:memory\`. ${requests} requests of ${BODY.length} bytes, personal data redacted; megabytes after a full collection.\n`,
  `| adapter | heap after ${requests / 10} | heap after ${requests} | change | resident after ${requests / 10} | resident after ${requests} |`,
  '| --- | ---: | ---: | ---: | ---: | ---: |',
  ...lines,
];
process.stdout.write(writeResult('memory', `${table.join('\n')}\n`));
