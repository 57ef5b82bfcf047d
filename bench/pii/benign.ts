import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { madeCode } from './benign-code.ts';
import { identifiers, lockFile, logs, measurements } from './benign-data.ts';
import { seeded } from './random.ts';

/** A text in which nothing is personal data. */
export interface BenignText {
  readonly name: string;
  readonly text: string;
}

/** Folders of this repository that are read as source code. */
const SOURCES = ['src', 'middleware', 'gateway', 'cli', 'client', 'examples', 'bench'] as const;
/** Show personal data on purpose, in comments and as bench texts. */
const SHOWS_VALUES = ['src/guards/pii', 'bench/pii', 'bench/peers', 'bench/results', 'bench/.build', 'node_modules'];
const SOURCE_FILE = /\.(?:ts|js|mjs|sql|html|css|sh)$/;

/**
 * More than a megabyte without personal data, the same in every run: this repository's sources, PCS records and prose
 * as they stand, and code, logs, identifiers and measurements made up from a seed.
 *
 * @param root folder of the repository
 */
export function benignTexts(root: string, seed = 20_240_501): readonly BenignText[] {
  const random = seeded(seed);
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const prose: Readonly<Record<string, string>> = JSON.parse(read('fixtures/pii/prose.json'));
  return [
    ...sourceFiles(root).map((path) => ({ name: path, text: read(path) })),
    ...Object.entries(prose).map(([language, text]) => ({ name: `prose, ${language}`, text })),
    { name: 'PCS records', text: read('fixtures/pcs/real-inputs.jsonl') },
    { name: 'code', text: madeCode(random, 200_000) },
    { name: 'logs', text: logs(random, 200_000) },
    { name: 'identifiers', text: identifiers(random, 120_000) },
    { name: 'lock file', text: lockFile(random, 120_000) },
    { name: 'measurements', text: measurements(random, 150_000) },
  ];
}

function sourceFiles(root: string): string[] {
  return SOURCES.flatMap((folder) => filesBelow(root, folder))
    .filter((path) => SOURCE_FILE.test(path))
    .sort();
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (SHOWS_VALUES.some((shown) => path.startsWith(shown) || entry.name === shown)) return [];
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}
