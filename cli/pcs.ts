import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parse } from 'csv-parse/sync';
import { ConfigError } from '../src/errors.ts';
import { signPcs } from '../src/pcs/agent/sign.ts';
import { summarize } from '../src/pcs/agent/summarize.ts';
import { readOptions } from './options.ts';

const USAGE = `usage: portcullis pcs --in <file.csv|file.jsonl> --columns a,b,c --shard <id> --epoch <n> [--seed <n>]

Reads one to three numeric columns and prints the record as one line of JSON.
The record is signed if PCS_HMAC_KEY is set in the environment.
`;

/** Makes a PCS from a table in a file. */
export async function pcs(args: readonly string[]): Promise<number> {
  const values = readOptions(args, USAGE, ['in', 'columns', 'shard', 'epoch', 'seed']);
  if (values === undefined) return 0;
  const path = given('--in', values.in);
  const columns = given('--columns', values.columns).split(',');
  const data = await readFile(path).catch(() => {
    throw new ConfigError('PTC_E013', '--in', path, 'give the path of a file that can be read');
  });
  const points = readTable(path, data.toString('utf8'), columns);
  const record = await summarize(points, {
    shardId: given('--shard', values.shard),
    epoch: wholeNumber('--epoch', values.epoch),
    seed: wholeNumber('--seed', values.seed ?? '42'),
    data: Uint8Array.from(data),
  });
  const key = process.env.PCS_HMAC_KEY;
  const out = key ? await signPcs(record, { alg: 'hmac', key }) : record;
  process.stdout.write(`${JSON.stringify(out)}\n`);
  return 0;
}

function given(option: string, value: string | undefined): string {
  if (value === undefined || value === '')
    throw new ConfigError('PTC_E001', option, value, 'see portcullis pcs --help');
  return value;
}

/** Decimal digits only: `Number` takes blanks for zero, and hexadecimal too. */
function wholeNumber(option: string, value: string | undefined): number {
  const text = given(option, value);
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new ConfigError('PTC_E002', option, value, 'give a whole number, 0 or more, in decimal digits');
}

/** Rows of the chosen columns. A `.jsonl` file has an object per line, anything else is CSV with a header. */
function readTable(path: string, text: string, columns: readonly string[]): number[][] {
  const rows: Record<string, unknown>[] = path.endsWith('.jsonl')
    ? text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parseLine(line, at)]))
    : parse(text, { columns: true, skip_empty_lines: true, bom: true });
  return rows.map((row, at) =>
    columns.map((column) => {
      const value = Object.hasOwn(row, column) ? row[column] : undefined;
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      throw new ConfigError('PTC_E002', `--columns ${column}, row ${at + 1}`, value, 'give columns of numbers');
    }),
  );
}

function parseLine(line: string, at: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the one error for anything that is no object.
  }
  throw new ConfigError('PTC_E002', `--in line ${at + 1}`, line, 'give one JSON object per line');
}
