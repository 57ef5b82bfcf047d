import { mkdtemp, open, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { batchMaker } from '../gateway/ledger/batch.ts';
import { grow } from '../gateway/ledger/chain.ts';
import { type Ledger, openLedger } from '../gateway/ledger/ledger.ts';
import { BUDGETS } from '../src/budget.ts';
import { createGate } from '../src/gate.ts';
import { encodeEntry, FIRST_PREV_HASH, sealEntry } from '../src/ledger/entry.ts';
import { EMPTY_TREE } from '../src/ledger/merkle.ts';
import type { LedgerRecord } from '../src/ledger/record.ts';
import { pcsAnswer } from '../src/pcs/answer.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { createTenants } from '../src/tenancy/registry.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import { summary, type Timing } from './measure.ts';
import { BENCH_KEY, signedRecords } from './records.ts';
import { machine, writeResult } from './report.ts';

/**
 * Durable appends of the ledger by many writers at once, beside one write and one fdatasync for each append, in turn in one
 * process. `node bench/.build/bench/ledger.js [--quick]`.
 */
const quick = process.argv.includes('--quick');
const WRITERS = [1, 16, 100, 256] as const;
/** Turns of every subject; the first ones warm up and do not count. */
const ROUNDS = quick ? 3 : 40;
const WARMUP = quick ? 1 : 8;
/** Milliseconds of one turn. */
const TURN_MS = quick ? 50 : 250;
const BASELINE = 'write + fdatasync for each append';
/** Writers at which the row of the budget is held to a quarter. */
const BUDGET_WRITERS = 100;
/** Appends a second of all of them together where they pause in between: several times what a gateway answers on such a machine. */
const PACED_PER_SECOND = 5_000;

const PACED = `ledger, ${BUDGET_WRITERS} that together append ${PACED_PER_SECOND} a second`;

interface Turn {
  readonly latencies: number[];
  readonly ms: number;
}

interface Row {
  readonly name: string;
  readonly timing: Timing;
  readonly perSecond: number;
  /** Appends a second over the baseline's, in the middle one of all rounds. */
  readonly ratio: number;
}

/** Each writer appends, waits until that is durable, pauses for random times of a mean, if any, and appends again. */
async function turn(writers: number, append: (at: number) => Promise<void>, pauseMs: number): Promise<Turn> {
  const latencies: number[] = [];
  const began = performance.now();
  let next = 0;
  const write = async (): Promise<void> => {
    while (performance.now() - began < TURN_MS) {
      if (pauseMs > 0) await setTimeout(-Math.log(1 - Math.random()) * pauseMs);
      const start = performance.now();
      await append(next++);
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return { latencies, ms: performance.now() - began };
}

/** Records as the gateway keeps them, each of another request. */
async function records(count: number): Promise<LedgerRecord[]> {
  const kept: LedgerRecord[] = [];
  const tenants = createTenants([
    { id: 'bench', keys: [{ id: 'k', alg: 'hmac', key: BENCH_KEY }], rate: 1e6, burst: 1e6 },
  ]);
  const gate = createGate({
    guards: pcsGuards({ tenants, appendRecord: (record) => void kept.push(record) }),
    stages: { pii: 'enforce', sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce', vrf: 'off' },
    tenant: () => 'bench',
    answer: pcsAnswer,
  });
  for (const body of await signedRecords(count)) {
    await gate.inspect(buildExchange({ url: '/v1/pcs/submit', body, address: '192.0.2.1' }));
  }
  return kept;
}

async function measureAppends(directory: string, all: readonly LedgerRecord[]): Promise<Row[]> {
  const recordAt = (at: number): LedgerRecord => all[at % all.length] as LedgerRecord;
  const ledger: Ledger = await openLedger({
    directory: join(directory, 'ledger'),
    maxSegmentBytes: 104_857_600,
    now: Date.now,
  });
  const plain = await open(join(directory, 'plain.jsonl'), 'a');
  const subjects = [
    {
      name: BASELINE,
      writers: 1,
      pauseMs: 0,
      async append(at: number) {
        await plain.write(`${JSON.stringify(recordAt(at))}\n`);
        await plain.datasync();
      },
    },
    ...WRITERS.map((writers) => ({
      name: `ledger, ${writers} without a pause`,
      writers,
      pauseMs: 0,
      append: (at: number) => ledger.append(recordAt(at)),
    })),
    {
      name: PACED,
      writers: BUDGET_WRITERS,
      pauseMs: (1_000 * BUDGET_WRITERS) / PACED_PER_SECOND,
      append: (at: number) => ledger.append(recordAt(at)),
    },
  ];
  const turns = subjects.map((): Turn[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { writers, append, pauseMs }] of subjects.entries()) {
      const one = await turn(writers, append, pauseMs);
      if (round >= WARMUP) turns[at]?.push(one);
    }
  }
  await plain.close();
  await ledger.close();
  const rate = ({ latencies, ms }: Turn): number => (1_000 * latencies.length) / ms;
  return subjects.map(({ name }, at): Row => {
    const own = turns[at] ?? [];
    const ratios = own.map((one, round) => rate(one) / rate(turns[0]?.[round] as Turn)).sort((a, b) => a - b);
    return {
      name,
      timing: summary(own.flatMap(({ latencies }) => latencies)),
      perSecond:
        (1_000 * own.reduce((sum, { latencies }) => sum + latencies.length, 0)) /
        own.reduce((sum, { ms }) => sum + ms, 0),
      ratio: ratios[Math.floor(ratios.length / 2)] ?? Number.NaN,
    };
  });
}

/** Microseconds of each step for one entry, in batches as {@link BUDGET_WRITERS} writers make them. */
async function measureSteps(directory: string, all: readonly LedgerRecord[]): Promise<[step: string, us: number][]> {
  const batch = all.slice(0, BUDGET_WRITERS);
  const steps = new Map<string, number[]>();
  const file = await open(join(directory, 'steps'), 'a');
  const makeBatch = batchMaker();
  let chain = { lastHash: FIRST_PREV_HASH, tree: EMPTY_TREE };
  const rounds = quick ? 20 : 1_000;
  for (let round = 0; round < rounds; round++) {
    const timed = <T>(step: string, run: () => T): T => {
      const began = performance.now();
      const result = run();
      if (round >= rounds / 5)
        steps.set(step, [...(steps.get(step) ?? []), (1_000 * (performance.now() - began)) / batch.length]);
      return result;
    };
    const encoded = timed('encode the record', () => batch.map(encodeEntry));
    const { bytes, hashes } = timed('make lines and their hashes', () => makeBatch(encoded, chain.lastHash));
    chain = timed('grow the tree (while the disk works)', () => grow(chain, hashes));
    const began = performance.now();
    await file.write(bytes);
    await file.datasync();
    steps.set('write and sync the batch', [
      ...(steps.get('write and sync the batch') ?? []),
      (1_000 * (performance.now() - began)) / batch.length,
    ]);
  }
  await file.close();
  return [...steps].map(([step, times]) => [step, summary(times).p50]);
}

const all = await records(quick ? 200 : 2_000);
const directory = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
try {
  const rows = await measureAppends(directory, all);
  const steps = await measureSteps(directory, all);
  const bytes = sealEntry(all[0] as LedgerRecord, FIRST_PREV_HASH).line.length + 1;
  const ms = (value: number): string => value.toFixed(3);
  const heldOf = (wanted: string): string => {
    const p95 = rows.find(({ name }) => name === wanted)?.timing.p95 ?? Number.NaN;
    return `${ms(p95)} of ${BUDGETS.ledger.p95} ms, ${Math.round((100 * p95) / BUDGETS.ledger.p95)} %`;
  };
  const text = [
    `# Ledger appends\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:ledger\`. Entries of ${bytes} bytes; milliseconds until an append is durable; ${ROUNDS - WARMUP} turns of ${TURN_MS} ms each, in turn. The baseline is ${BASELINE}, one after the other, with neither chain nor tree. Load average of the machine at the end: ${loadavg()[0]?.toFixed(1)}.\n`,
    '| appends | durable a second | p50 | p95 | p99 | over the baseline |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ name, timing, perSecond, ratio }) =>
        `| ${name} | ${Math.round(perSecond)} | ${ms(timing.p50)} | ${ms(timing.p95)} | ${ms(timing.p99)} | ${ratio.toFixed(1)} × |`,
    ),
    `\np95 at ${BUDGET_WRITERS} writers: ${heldOf(PACED)}; without a pause ${heldOf(`ledger, ${BUDGET_WRITERS} without a pause`)}.\n`,
    `Where the time of one entry goes, in batches of ${BUDGET_WRITERS}:\n`,
    '| step | µs, p50 |',
    '| --- | ---: |',
    ...steps.map(([step, us]) => `| ${step} | ${us.toFixed(2)} |`),
  ];
  process.stdout.write(writeResult('ledger', `${text.join('\n')}\n`));
} finally {
  await rm(directory, { recursive: true, force: true });
}
