import { readFileSync } from 'node:fs';
import { pcsId } from '../../src/pcs/id.ts';
import type { PcsRecord } from '../../src/pcs/record.ts';

export type Body = Record<string, unknown>;

/** The record of the worked signature example, completed; its N_j give D_hat 1 and its budget holds. */
export const SAMPLE: Body = Object.freeze({
  pcs_id: 'ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e',
  schema: 'fractal-lba-kakeya',
  version: '0.1',
  shard_id: 'test-shard-001',
  epoch: 1,
  attempt: 1,
  sent_at: '2025-01-01T00:00:00Z',
  seed: 42,
  scales: [2, 4, 8, 16],
  N_j: { '2': 4, '4': 8, '8': 17, '16': 20 },
  coh_star: 0.2,
  v_star: [0, 0.6, 0.8],
  D_hat: 1,
  r: 0.303088803,
  regime: 'mixed',
  budget: 0.349073359,
  merkle_root: '96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359',
  sig: 'wahFdOY1XKgg9WTr5UTpryZTviM5zay5VMHcrzHH5hE=',
  ft: { outbox_seq: 0, degraded: false, fallbacks: [], clock_skew_ms: 0 },
});

/** The same as a parsed record. */
export const SAMPLE_RECORD: PcsRecord = Object.freeze({
  ...(SAMPLE as unknown as PcsRecord),
  seed: 42n,
  N_j: new Map([
    [2, 4],
    [4, 8],
    [8, 17],
    [16, 20],
  ]),
});

export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/pcs/${name}`, import.meta.url), 'utf8')) as T;
}

/** The 510 records computed from public datasets, completed to whole bodies with an empty signature. */
export function realBodies(): Body[] {
  const path = new URL('../../fixtures/pcs/real-inputs.jsonl', import.meta.url);
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { source, window, ...measured } = JSON.parse(line) as Body & { source: string; window: number };
      const shard_id = source.replaceAll('/', ':');
      const pcs_id = pcsId(measured.merkle_root as string, window, shard_id);
      return { ...SAMPLE, ...measured, shard_id, epoch: window, pcs_id, sig: '' };
    });
}
