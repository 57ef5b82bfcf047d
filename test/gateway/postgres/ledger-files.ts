import { appendFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeSeal } from '../../../gateway/ledger/seal.ts';
import { FIRST_PREV_HASH, sealEntry } from '../../../src/ledger/entry.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';

/** A ledger that a test writes, line by line. */
export interface TestLedger {
  readonly directory: string;
  /** Lines so far. */
  readonly size: () => number;
  readonly hashes: readonly string[];
  append(records: readonly LedgerRecord[]): Promise<void>;
  /** A line as it is, which counts as an entry. */
  appendLine(line: string): Promise<void>;
  /** What comes next goes into another segment. */
  begin(name: string): void;
}

export function testLedger(directory: string, first = '2030/12/31/235958.jsonl'): TestLedger {
  let name = first;
  let size = 0;
  let last = FIRST_PREV_HASH;
  const hashes: string[] = [];
  const write = async (text: string): Promise<void> => {
    const path = join(directory, ...name.split('/'));
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, text);
  };
  return {
    directory,
    size: () => size,
    hashes,
    async append(records) {
      let text = '';
      for (const record of records) {
        const { line, hash } = sealEntry(record, last);
        last = hash;
        hashes.push(hash);
        text += `${line}\n`;
      }
      await write(text);
      size += records.length;
    },
    async appendLine(line) {
      await write(`${line}\n`);
      size++;
    },
    begin(next) {
      name = next;
    },
  };
}

export function decisionRecord(fields: Readonly<Record<string, unknown>> = {}): LedgerRecord {
  return {
    kind: 'decision',
    timestamp: '2030-12-31T23:59:58.000Z',
    decision_id: '00000000-0000-4000-8000-000000000000',
    tenant: 'acme',
    outcome: 'allow',
    status: 200,
    code: null,
    guard: null,
    reasons: [],
    verdicts: [],
    body_digest: 'b'.repeat(64),
    ...fields,
  };
}

/** Leaves of the first segment what retention does: its seal. */
export async function expire({ directory, hashes }: TestLedger, count: number): Promise<void> {
  const name = join(directory, '2030/12/31/235958');
  await writeSeal(`${name}.seal.json`, {
    segment: '2030/12/31/235958.jsonl',
    first_index: 0,
    count,
    bytes: 1,
    last_hash: hashes[count - 1] ?? '',
    peaks: hashes.slice(0, count.toString(2).replaceAll('0', '').length),
    sha256: '0'.repeat(64),
    sealed_at: '2031-01-01T00:00:00.000Z',
  });
  await rm(`${name}.jsonl`);
}
