import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createScanner } from '../src/guards/pii/scanner.ts';
import { PII_TYPES, type PiiType } from '../src/guards/pii/types.ts';
import { expandFor } from '../test/guards/pii/recognizers/secret-corpus.ts';
import { type Case, type Score, type Span, score } from './pii/score.ts';
import { peerFinders, type SpanFinder } from './pii/span-finders.ts';
import { machine, writeResult } from './report.ts';

/** What this bench is about: the types of the first release, with corpora that no scanner's author wrote. */
const TYPES = ['email', 'phone', 'ssn', 'credit_card', 'ip_address', 'iban', 'secret'];

const ours: SpanFinder = {
  name: 'portcullis',
  types: Object.fromEntries(PII_TYPES.map((type) => [type, [type]])),
  finder(type) {
    const scanner = createScanner({ types: [type as PiiType] });
    return async (text) => scanner.scan(text);
  },
};

function readCases(type: string): readonly Case[] | undefined {
  const path = `fixtures/pii/${type.replaceAll('_', '-')}.json`;
  if (!existsSync(path)) return undefined;
  const cases: readonly Case[] = JSON.parse(readFileSync(path, 'utf8'));
  if (type !== 'secret') return cases;
  // Kept with placeholders, so that no file holds what looks live.
  return cases.map(({ text, find, why }) => ({
    text: expandFor(text, why),
    find: find.map((value) => expandFor(value, why)),
    why,
  }));
}

/** Scores one engine on one type; a text that makes it throw counts as one in which it found nothing. */
async function scoreOf(engine: SpanFinder, type: string, cases: readonly Case[]): Promise<Score & { failed: number }> {
  const find = engine.finder(type);
  const found = new Map<string, readonly Span[]>();
  let failed = 0;
  for (const { text } of cases) {
    try {
      found.set(text, await find(text));
    } catch {
      failed++;
      found.set(text, []);
    }
  }
  return { ...score(cases, (text) => found.get(text) ?? []), failed };
}

async function table(engines: readonly SpanFinder[]): Promise<string> {
  const lines = [
    '| type | cases with / without a value | engine | precision | recall | F1 | exact boundaries |',
    '| --- | ---: | --- | ---: | ---: | ---: | ---: |',
  ];
  for (const type of TYPES) {
    const cases = readCases(type);
    if (cases === undefined) continue;
    const positive = cases.filter(({ find }) => find.length > 0).length;
    const size = `${positive} / ${cases.length - positive}`;
    for (const engine of engines) {
      if (engine.types[type] === undefined) continue;
      const { precision, recall, f1, exact, failed } = await scoreOf(engine, type, cases);
      const note = failed > 0 ? ` (threw ${failed} times)` : '';
      lines.push(
        `| ${type} | ${size} | ${engine.name}${note} | ${[precision, recall, f1, exact].map(share).join(' | ')} |`,
      );
    }
  }
  return lines.join('\n');
}

function share(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3);
}

function typeTable(engines: readonly SpanFinder[]): string {
  const lines = ['| package | our type | its types |', '| --- | --- | --- |'];
  for (const { name, types } of engines) {
    for (const [type, names] of Object.entries(types)) lines.push(`| ${name} | ${type} | ${names.join(', ')} |`);
  }
  return lines.join('\n');
}

const { finders, missing } = await peerFinders();
const markdown = [
  `# Personal data: quality\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:pii-quality\`.`,
  'Each engine looks for one type at a time in the texts of `fixtures/pii`, with its own defaults. A finding counts where it overlaps a value; boundaries are counted apart. Engines that do not look for a type are left out there.',
  'The recognizers of portcullis have been corrected where these texts showed them wrong, those of the packages have not. In the first run, before any correction, portcullis had F1 of 0.992 for email, 0.985 phone, 0.997 ssn, 0.994 credit_card, 0.990 ip_address and 0.994 iban.',
  ...(missing.length > 0
    ? [
        `Peers are missing; to compare with them run \`npm --prefix bench/peers ci --ignore-scripts\`: ${missing.join('; ')}`,
      ]
    : []),
  await table([ours, ...finders]),
  '## What is compared with what',
  typeTable(finders),
].join('\n\n');
process.stdout.write(writeResult('pii-quality', `${markdown}\n`));
