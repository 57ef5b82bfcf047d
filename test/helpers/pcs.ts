import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signPcs } from '../../src/pcs/agent/sign.ts';
import type { PcsProfile } from '../../src/pcs/canonical.ts';

export type Wire = Record<string, unknown>;

interface RealInput extends Wire {
  readonly merkle_root: string;
  readonly source: string;
  readonly window: number;
}

let inputs: readonly RealInput[] | undefined;

/** The 510 real measurements in `fixtures/`. */
export function realInputs(): readonly RealInput[] {
  const url = new URL('../../fixtures/pcs/real-inputs.jsonl', import.meta.url);
  inputs ??= readFileSync(url, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Object.freeze(JSON.parse(line) as RealInput));
  return inputs;
}

/** The id as the contract defines it, computed with Node's own SHA-256. */
export function idOf(record: Wire): string {
  return createHash('sha256').update(`${record.merkle_root}|${record.epoch}|${record.shard_id}`).digest('hex');
}

let epoch = 0;

/** A valid unsigned record with an id of its own; overrides that are `undefined` remove a field. */
export function wireRecord(overrides: Wire = {}, input = 0): Wire {
  const { source, window, ...measured } = realInputs()[input] as RealInput;
  const record: Wire = {
    schema: 'fractal-lba-kakeya',
    version: '0.1',
    shard_id: `test:${source.replaceAll('/', '.')}:${window}`,
    epoch: ++epoch,
    attempt: 1,
    sent_at: '2026-01-01T00:00:00Z',
    ...measured,
    ft: { outbox_seq: 1, degraded: false, fallbacks: [], clock_skew_ms: 0 },
    ...overrides,
  };
  for (const [name, value] of Object.entries(record)) if (value === undefined) delete record[name];
  return 'pcs_id' in overrides ? record : { ...record, pcs_id: idOf(record) };
}

/** The record with a signature, as JSON text. */
export async function signedBody(record: Wire, key = 'testsecret', profile: PcsProfile = 'js-direct'): Promise<string> {
  return JSON.stringify(await signPcs(record as never, { alg: 'hmac', key, profile }));
}
