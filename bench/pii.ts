import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createExchange } from '../src/exchange.ts';
import { pii } from '../src/guards/pii/guard.ts';
import { createScanner } from '../src/guards/pii/scanner.ts';
import { measure, type Subject, summary, type Timing } from './measure.ts';
import { type Engine, peerEngines } from './pii/engines.ts';
import { PLAIN_PATTERNS } from './pii/plain.ts';
import { cleanText, denseText, flat, HOSTILE, repeated } from './pii/texts.ts';
import { machine, writeResult } from './report.ts';

/** `--quick` shows that the bench works; its numbers mean little. */
const quick = process.argv.includes('--quick');
const samples = quick ? 50 : 300;

const scanner = createScanner({ types: ['email', 'phone', 'ssn', 'credit_card', 'ip_address', 'iban', 'secret'] });

const ours: Engine = { name: 'portcullis', scan: (text) => scanner.scan(text).length };
const BASELINE = 'five plain regular expressions';
const plainRegExps = PLAIN_PATTERNS.map((pattern) => new RegExp(pattern, 'g'));
const plain: Engine = {
  name: BASELINE,
  scan(text) {
    let found = 0;
    for (const pattern of plainRegExps) for (const _match of text.matchAll(pattern)) found++;
    return found;
  },
};

const records = readFileSync('fixtures/pcs/real-inputs.jsonl', 'utf8').trim().split('\n');
/** What one sample scans: one text of 64 kB, or as much in texts of 1 kB, each of other records. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'clean English, 64 kB': [cleanText(65_536)],
  'PCS JSON, 64 of 1 kB': Array.from({ length: 64 }, (_, at) =>
    flat(
      records
        .slice(at * 3, at * 3 + 3)
        .join(' ')
        .slice(0, 1_024),
    ),
  ),
  'a value every 500 characters, 64 kB': [denseText(65_536)],
};
/** What the packages scan of that: they take seconds where the others take milliseconds. */
const SHORT = 8_192;

/** Megabytes a second: a megabyte is a million UTF-16 units, which all of these texts take as bytes. */
function speed(texts: readonly string[], { p50 }: Timing): number {
  return speedOf(
    texts.reduce((sum, text) => sum + text.length, 0),
    p50,
  );
}

async function compareSpeeds(peers: readonly Engine[]): Promise<string[]> {
  const lines = [
    `| text | engine | p50 ms | p95 ms | p99 ms | MB/s | / ${BASELINE} | portcullis / it |`,
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const [name, texts] of Object.entries(TEXTS)) {
    const subjects = [plain, ours].map((engine) => subject(engine, texts));
    const timings = await measure(subjects, { warmup: 300, samples: samples * 4 });
    const short = texts.slice(0, SHORT / 1_024).map((text) => text.slice(0, SHORT));
    // Beside each package the scanner runs on the same short texts: the machine is not as fast at all times.
    const beside = await measure(
      [...peers, ours].map((engine) => subject(engine, short)),
      { warmup: 50, samples: 50 },
    );
    const base = speed(texts, timings.get(BASELINE)!);
    const row = (engine: string, of: readonly string[], timing: Timing, rival: number): string => {
      const times = [timing.p50, timing.p95, timing.p99].map((ms) => ms.toFixed(4)).join(' | ');
      const own = speed(of, timing);
      return `| ${name} | ${engine} | ${times} | ${own.toFixed(own > 20 ? 0 : 2)} | ${(own / base).toFixed(3)} | ${(rival / own).toFixed(1)} |`;
    };
    for (const [engine, timing] of timings)
      lines.push(row(engine, texts, timing, speed(texts, timings.get(ours.name)!)));
    const ownShort = speed(short, beside.get(ours.name)!);
    for (const { name: peer } of peers) lines.push(row(peer, short, beside.get(peer)!, ownShort));
  }
  return lines;
}

function subject(engine: Engine, texts: readonly string[]): Subject<readonly string[]> {
  return {
    name: engine.name,
    prepare: () => texts,
    run(input) {
      const pending = input.map((text) => engine.scan(text)).filter((result) => result instanceof Promise);
      // What one of the packages hands back at once is a promise: its work is yet to come.
      if (pending.length > 0) return Promise.all(pending);
    },
  };
}

function millisecondsOf(text: string): number {
  const began = performance.now();
  scanner.scan(text);
  return performance.now() - began;
}

/** Megabytes a second in the fastest of some runs: what else the machine does can only add to their time. */
function bestSpeed(text: string): number {
  const times = Array.from({ length: quick ? 3 : 30 }, () => millisecondsOf(text));
  return speedOf(text.length, Math.min(...times));
}

/** Turns of the shortest texts come to so many characters. */
const MOST = 4_000_000;

/**
 * What a text of twice the length takes, over what the text takes: the middle one of some turns. Each turn compares a run with
 * those right before it, for the machine is not as fast at all times.
 */
function growthOf(unit: string, length: number): number {
  const once = repeated(unit, length);
  const twice = repeated(unit, 2 * length);
  const turns = quick ? 1 : Math.max(9, Math.ceil(MOST / length));
  const ratios = Array.from({ length: turns }, () => {
    const before = millisecondsOf(once) + millisecondsOf(once);
    return (2 * millisecondsOf(twice)) / before;
  });
  return ratios.sort((a, b) => a - b)[ratios.length >> 1]!;
}

function hostileTable(): string[] {
  const lengths = quick ? [100_000] : [100_000, 250_000, 500_000, 1_000_000, 2_000_000];
  const clean = bestSpeed(cleanText(100_000));
  const lines = [
    `| again and again | MB/s at 100 kB | clean text, ${clean.toFixed(0)} MB/s, / it | worst time for 2n / time for n, to 4 MB |`,
    '| --- | ---: | ---: | ---: |',
  ];
  for (const [name, unit] of Object.entries(HOSTILE)) {
    const own = bestSpeed(repeated(unit, 100_000));
    const growth = Math.max(...lengths.map((length) => growthOf(unit, length)));
    lines.push(`| ${name} | ${own.toFixed(0)} | ${(clean / own).toFixed(0)} | ${growth.toFixed(2)} |`);
  }
  return lines;
}

/** Megabytes a second. */
function speedOf(length: number, ms: number): number {
  return length / 1_000 / ms;
}

/** As many records as fit into a JSON array of `length` characters. */
function arrayOf(lines: readonly string[], length: number): string {
  let text = '[';
  for (let at = 0; text.length + lines[at % lines.length]!.length < length; at++) {
    text += `${at === 0 ? '' : ','}${lines[at % lines.length]}`;
  }
  return `${text}]`;
}

/** The guard's own row: a body as it comes, parsed and scanned. */
async function guardTable(): Promise<string[]> {
  const guard = pii({ mode: 'redact' });
  const bodies: Readonly<Record<string, string>> = {
    'PCS record, 1 kB': JSON.stringify({ ...JSON.parse(records[0]!), note: 'x'.repeat(500) }),
    'JSON, 64 kB': arrayOf(records, 65_536),
  };
  const lines = ['| body | bytes | p50 ms | p95 ms | p99 ms |', '| --- | ---: | ---: | ---: | ---: |'];
  for (const [name, body] of Object.entries(bodies)) {
    const bytes = new TextEncoder().encode(body);
    const times: number[] = [];
    for (let run = 0; run < samples * 10 + 500; run++) {
      const exchange = createExchange({
        method: 'POST',
        url: '/',
        header: (header) => (header === 'content-type' ? 'application/json' : undefined),
        readBody: () => ({ ok: true, bytes }),
      });
      exchange.loadBody();
      exchange.json();
      const began = performance.now();
      guard.inspect(exchange, { tenant: undefined, now: 0, decisionId: 'bench', facts: {}, currentBody: () => bytes });
      if (run >= 500) times.push(performance.now() - began);
    }
    const { p50, p95, p99 } = summary(times);
    lines.push(`| ${name} | ${bytes.length} | ${[p50, p95, p99].map((ms) => ms.toFixed(4)).join(' | ')} |`);
  }
  return lines;
}

const { engines, missing } = await peerEngines();
const parts = [
  `# Personal data: speed\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:pii\`. Seven types; the peers scan 8 kB at most.`,
  (await compareSpeeds(engines)).join('\n'),
  hostileTable().join('\n'),
  (await guardTable()).join('\n'),
  ...(missing.length > 0
    ? [`Not measured, as not installed (npm --prefix bench/peers ci): ${missing.join(', ')}.`]
    : []),
];
process.stdout.write(writeResult('pii', `${parts.join('\n\n')}\n`));
