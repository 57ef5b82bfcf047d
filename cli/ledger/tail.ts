import { stat } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { type LedgerSegment, ledgerSegments, readLines } from '../../gateway/ledger/read.ts';
import { ConfigError } from '../../src/errors.ts';
import { readArguments } from '../options.ts';
import { ledgerDirectory } from './inputs.ts';
import { printable } from './printable.ts';

/** Entries to begin with. */
const DEFAULT_LINES = 10;
const MAX_LINES = 1_000_000;
/** Milliseconds between two looks for more. */
const EVERY_MS = 250;
/** Bytes that an entry takes as a rule; where it is more, the whole segment is read. */
const ENTRY_BYTES = 4_096;

/** Where a reader stopped. */
interface Place {
  readonly name: string;
  readonly end: number;
}

/** Prints the last entries as they stand in the files, and with `-f` those that follow until it is interrupted. */
export async function tail(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, {
    texts: ['dir', 'lines'],
    flags: ['follow'],
    short: { n: 'lines', f: 'follow' },
  });
  if (given === undefined) return 0;
  const count = lineCount(given.values.lines);
  const directory = await ledgerDirectory(given.values.dir);
  let place = await printLast(directory, count);
  while (given.flags.has('follow')) {
    await wait(EVERY_MS);
    place = await printMore(directory, place);
  }
  return 0;
}

function lineCount(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LINES;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (count <= MAX_LINES) return count;
  throw new ConfigError('PTC_E003', '-n', text, `give a whole number from 0 to ${MAX_LINES}`);
}

async function printLast(directory: string, count: number): Promise<Place | undefined> {
  const there = (await ledgerSegments(directory)).filter(({ present }) => present);
  const newest = there.at(-1);
  if (newest === undefined) return undefined;
  let end = 0;
  let lines: string[] = [];
  for (const segment of there.toReversed()) {
    const found = await lastLines(segment, count - lines.length);
    if (segment === newest) end = found.end;
    lines = [...found.lines, ...lines];
    if (lines.length >= count) break;
  }
  for (const line of lines) print(line);
  return { name: newest.name, end };
}

/** Reads the end of a segment, and all of it where that has too few lines. */
async function lastLines({ path }: LedgerSegment, count: number): Promise<{ lines: string[]; end: number }> {
  const { size } = await stat(path);
  const from = Math.max(0, size - (count + 1) * ENTRY_BYTES);
  const found = await linesFrom(path, from);
  // The first one may have begun before.
  const whole = from === 0 ? found.lines : found.lines.slice(1);
  if (from === 0 || whole.length >= count) return { lines: lastOf(whole, count), end: found.end };
  const all = await linesFrom(path, 0);
  return { lines: lastOf(all.lines, count), end: all.end };
}

async function linesFrom(path: string, from: number): Promise<{ lines: string[]; end: number }> {
  const lines: string[] = [];
  let end = from;
  for await (const line of readLines(path, from)) {
    if (line.state === 'torn') break;
    if (line.state === 'whole') lines.push(line.text);
    end = line.end;
  }
  return { lines, end };
}

function lastOf(lines: string[], count: number): string[] {
  return count === 0 ? [] : lines.slice(-count);
}

async function printMore(directory: string, place: Place | undefined): Promise<Place | undefined> {
  const there = (await ledgerSegments(directory)).filter(({ present }) => present);
  const begin = place === undefined ? 0 : there.findIndex(({ name }) => name === place.name);
  let reached = place;
  for (const { name, path } of begin < 0 ? there.slice(-1) : there.slice(begin)) {
    const { lines, end } = await linesFrom(path, name === place?.name ? place.end : 0);
    for (const line of lines) print(line);
    reached = { name, end };
  }
  return reached;
}

/** Whoever tampered with a line may have put in what a terminal obeys. */
function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}
