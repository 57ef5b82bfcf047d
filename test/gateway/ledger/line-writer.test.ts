import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Line, type LineWriter, lineWriter, piecesOf } from '../../../gateway/ledger/line-writer.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';

const ZEROS = '0'.repeat(64);
const EVERYTHING = Number.POSITIVE_INFINITY;

function record(at: number, size = 100): LedgerRecord {
  return { kind: 'admin', timestamp: '2030-12-31T23:59:58.000Z', at, text: 'x'.repeat(size) };
}

/** The lines of records as the documentation has them, one after the other. */
function chained(records: readonly LedgerRecord[], prevHash: string): string {
  let prev = prevHash;
  return records
    .map((one) => {
      const open = `${JSON.stringify(one).slice(0, -1)},"prev_hash":"${prev}"`;
      prev = createHash('sha256').update(`${open}}\n`).digest('hex');
      return `${open},"entry_hash":"${prev}"}\n`;
    })
    .join('');
}

const bytesOf = (lines: readonly Line[]): string => Buffer.concat(piecesOf(lines)).toString();

function add(lines: LineWriter, records: readonly LedgerRecord[]): Line[] {
  return records.map((one) => lines.add(one, EVERYTHING) as Line);
}

test('lines are chained, in one piece, and those before stay where they are', () => {
  const lines = lineWriter();
  lines.follow(ZEROS, undefined);
  const records = [0, 1, 2].map((at) => record(at));
  const made = add(lines, records);
  expect(bytesOf(made)).toBe(chained(records, ZEROS));
  expect(piecesOf(made).length).toBe(1);
  expect(piecesOf([])).toEqual([]);
});

test('lines whose batch was not kept are followed no more', () => {
  const lines = lineWriter();
  lines.follow(ZEROS, undefined);
  const records = [0, 1, 2, 3].map((at) => record(at));
  const made = add(lines, records.slice(0, 3));
  const other = 'ab'.repeat(32);
  lines.follow(other, made[1]);
  made.push(...add(lines, records.slice(3)));
  expect(bytesOf(made.slice(1))).toBe(chained(records.slice(1), other));
  lines.follow(ZEROS, undefined);
  expect(bytesOf(add(lines, records))).toBe(chained(records, ZEROS));
});

test('a line apart is followed by nothing', () => {
  const lines = lineWriter();
  lines.follow(ZEROS, undefined);
  const [first] = add(lines, [record(0)]);
  const apart = lines.addApart(record(9), 'cd'.repeat(32));
  const [second] = add(lines, [record(1)]);
  expect(bytesOf([apart])).toBe(chained([record(9)], 'cd'.repeat(32)));
  expect(bytesOf([first as Line, second as Line])).toBe(chained([record(0), record(1)], ZEROS));
  expect(piecesOf([first as Line, second as Line]).length).toBe(2);
});

test('a line that there is no room for is not made, and the next follows the one before', () => {
  const lines = lineWriter();
  lines.follow(ZEROS, undefined);
  const size = Buffer.byteLength(chained([record(1)], ZEROS));
  const first = lines.add(record(0), size);
  expect(lines.add(record(1), size - 1)).toBe(undefined);
  const second = lines.add(record(1), size);
  expect(bytesOf([first as Line, second as Line])).toBe(chained([record(0), record(1)], ZEROS));
});

test('memory is used again, and never while a line in it is needed', () => {
  const lines = lineWriter();
  let prev = ZEROS;
  lines.follow(prev, undefined);
  const held: { readonly line: Line; readonly text: string }[] = [];
  for (let turn = 0; turn < 400; turn++) {
    // Some of them longer than a block, some as long as a few hundred others.
    const records = Array.from({ length: 1 + (turn % 9) }, (_, at) => record(at, ((turn * 7919) % 11) ** 5 * 3));
    for (const one of records) {
      const line = lines.add(one, EVERYTHING) as Line;
      held.push({ line, text: chained([one], prev) });
      prev = line.hash;
    }
    const from = turn % 5 === 0 ? held.length : turn % 3;
    for (const { line, text } of held.splice(0, from)) {
      expect(bytesOf([line]) === text).toBe(true);
      lines.release([line]);
    }
  }
  expect(new Set(held.map(({ line }) => line.block)).size).toBeGreaterThan(0);
});
