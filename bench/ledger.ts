import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import type { OpenFile } from '../gateway/durable-file.ts';
import { EMPTY_CHAIN, grow } from '../gateway/ledger/chain.ts';
import { openLedger } from '../gateway/ledger/ledger.ts';
import { type Line, lineWriter, piecesOf } from '../gateway/ledger/line-writer.ts';
import { recordEncoder } from '../gateway/ledger/record-encoder.ts';
import { BUDGETS } from '../src/budget.ts';
import { createGate } from '../src/gate.ts';
import { FIRST_PREV_HASH, sealEntry } from '../src/ledger/entry.ts';
import type { LedgerRecord } from '../src/ledger/record.ts';
import { pcsAnswer } from '../src/pcs/answer.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { createTenants } from '../src/tenancy/registry.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import { summary, type Timing } from './measure.ts';
import { BENCH_KEY, signedRecords } from './records.ts';
import { machine, writeResult } from './report.ts';
import { callersTurn, compareInTurn, type TurnRow, type TurnSubject } from './turns.ts';

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

const CLOSED = `ledger, ${BUDGET_WRITERS} without a pause`;
const PACED = `ledger, ${BUDGET_WRITERS} that together append ${PACED_PER_SECOND} a second`;
/** Where so many writers come again at once, they are served in two halves. */
const HALF = BUDGET_WRITERS / 2;
const NO_DISK = `the same ${BUDGET_WRITERS}, on a disk that takes no time`;
const DISK_ALONE = `the disk alone: writes of ${HALF} entries`;
/** As many as come in one millisecond, which is as fine as timers are. */
const TICK = PACED_PER_SECOND / 1_000;
const DISK_PACED = `the disk alone: writes of ${TICK} entries, with pauses`;

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

/** Files whose writes are done at once, and not there. */
const nowhere: OpenFile = async (path, flags, mode) => {
  const handle = await open(path, flags, mode);
  const writev = async (buffers: readonly Uint8Array[]): Promise<{ bytesWritten: number }> => {
    await setImmediate();
    return { bytesWritten: buffers.reduce((sum, { byteLength }) => sum + byteLength, 0) };
  };
  return Object.assign(handle, { writev }) as typeof handle;
};

async function measureAppends(directory: string, all: readonly LedgerRecord[]): Promise<TurnRow[]> {
  const recordAt = (at: number): LedgerRecord => all[at % all.length] as LedgerRecord;
  const options = { maxSegmentBytes: 104_857_600, now: Date.now };
  const ledger = await openLedger({ ...options, directory: join(directory, 'ledger') });
  const unkept = await openLedger({ ...options, directory: join(directory, 'unkept'), openFile: nowhere });
  const plain = await open(join(directory, 'plain.jsonl'), 'a');
  const { O_APPEND, O_CREAT, O_DSYNC, O_WRONLY } = constants;
  const synced = await open(join(directory, 'synced.jsonl'), O_APPEND | O_CREAT | O_DSYNC | O_WRONLY);
  const lines = lineWriter();
  lines.follow(FIRST_PREV_HASH, undefined);
  const made = all.slice(0, HALF).map((record) => lines.add(record, Number.POSITIVE_INFINITY) as Line);
  const subject = (
    name: string,
    callers: number,
    append: (record: LedgerRecord) => Promise<unknown>,
    pauseMs = 0,
  ): TurnSubject => ({
    name,
    turn() {
      let next = 0;
      return callersTurn(async () => void (await append(recordAt(next++))), { callers, ms: TURN_MS, pauseMs });
    },
  });
  const rows = await compareInTurn(
    [
      subject(BASELINE, 1, async (record) => {
        await plain.write(`${JSON.stringify(record)}\n`);
        await plain.datasync();
      }),
      ...WRITERS.map((writers) => subject(`ledger, ${writers} without a pause`, writers, ledger.append)),
      subject(PACED, BUDGET_WRITERS, ledger.append, (1_000 * BUDGET_WRITERS) / PACED_PER_SECOND),
      subject(NO_DISK, BUDGET_WRITERS, unkept.append),
      subject(DISK_ALONE, 1, () => synced.writev(piecesOf(made))),
      subject(DISK_PACED, 1, () => synced.writev(piecesOf(made.slice(0, TICK))), 1),
    ],
    { rounds: ROUNDS, warmup: WARMUP },
  );
  await Promise.all([plain, synced, ledger, unkept].map((one) => one.close()));
  return rows;
}

/** Microseconds of each step for one entry, in batches as half of {@link BUDGET_WRITERS} writers make them. */
function measureSteps(all: readonly LedgerRecord[]): [step: string, us: number][] {
  const steps = new Map<string, number[]>();
  const encode = recordEncoder();
  const lines = lineWriter();
  lines.follow(FIRST_PREV_HASH, undefined);
  const digest = createHash('sha256');
  let chain = EMPTY_CHAIN;
  const rounds = quick ? 20 : 2_000;
  for (let round = 0; round < rounds; round++) {
    const batch = all.slice((round * HALF) % (all.length - HALF)).slice(0, HALF);
    const timed = <T>(step: string, run: () => T): T => {
      const began = performance.now();
      const result = run();
      const times = steps.get(step) ?? [];
      steps.set(step, times);
      if (round >= rounds / 5) times.push((1_000 * (performance.now() - began)) / batch.length);
      return result;
    };
    timed('encode the record', () => batch.map((record) => encode(record).length));
    const made = timed('encode it, chain and hash the line', () =>
      batch.map((record) => lines.add(record, Number.POSITIVE_INFINITY) as Line),
    );
    timed('hash the segment (while the disk works)', () => piecesOf(made).map((piece) => digest.update(piece)));
    const hashes = made.map(({ hash }) => hash);
    chain = timed('grow the tree (while the disk works)', () => grow(chain, hashes));
    lines.release(made);
  }
  return [...steps].map(([step, times]) => [step, summary(times).p50]);
}

/** How far the writers are from what this machine can do: how long they wait for its processor, and for its disk, if for nothing else. */
function limits(rows: readonly TurnRow[]): string {
  const of = (name: string): Timing => rows.find((row) => row.name === name)?.timing as Timing;
  const [closed, processor, disk] = [of(CLOSED), of(NO_DISK), of(DISK_ALONE)];
  const limit = Math.max(processor.p50, 2 * disk.p50);
  return [
    `Without a pause, ${BUDGET_WRITERS} writers wait ${processor.p50.toFixed(3)} ms for the processor (p95 ${processor.p95.toFixed(3)}), and ${(2 * disk.p50).toFixed(3)} ms for the disk: for the write under way, and for their own.`,
    `Were both done at the same time, p50 would be the longer of the two; it is ${(closed.p50 / limit).toFixed(2)} times that.`,
    `With pauses, p95 is ${(of(PACED).p95 / of(DISK_PACED).p95).toFixed(2)} times that of the disk alone.`,
  ].join(' ');
}

const all = await records(quick ? 200 : 2_000);
const directory = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
try {
  const rows = await measureAppends(directory, all);
  const steps = measureSteps(all);
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
    `\np95 at ${BUDGET_WRITERS} writers: ${heldOf(PACED)}; without a pause ${heldOf(CLOSED)}. ${limits(rows)}\n`,
    `Where the time of one entry goes, in batches of ${HALF}:\n`,
    '| step | µs, p50 |',
    '| --- | ---: |',
    ...steps.map(([step, us]) => `| ${step} | ${us.toFixed(2)} |`),
  ];
  process.stdout.write(writeResult('ledger', `${text.join('\n')}\n`));
} finally {
  await rm(directory, { recursive: true, force: true });
}
