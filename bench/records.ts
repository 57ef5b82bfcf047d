import { readFileSync } from 'node:fs';
import { signPcs } from '../src/pcs/agent/sign.ts';
import { pcsId } from '../src/pcs/id.ts';

export const BENCH_KEY = 'a key that only the bench knows';

interface RealInput {
  readonly merkle_root: string;
  readonly coh_star: number;
  readonly D_hat: number;
  readonly r: number;
  readonly budget: number;
  readonly [field: string]: unknown;
}

/** Signed records of about 1 kB, made of the real measurements in `fixtures/`, each with an id of its own. */
export async function signedRecords(count: number): Promise<string[]> {
  const lines = readFileSync('fixtures/pcs/real-inputs.jsonl', 'utf8').trim().split('\n');
  const inputs = lines.map((line) => JSON.parse(line) as RealInput);
  const key = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(BENCH_KEY),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const bodies: string[] = [];
  for (let at = 0; at < count; at++) {
    const { source, window, ...measured } = inputs[at % inputs.length] as RealInput;
    const shard_id = `bench:${String(source).replaceAll('/', '.')}:${String(window)}`;
    const record = {
      ...measured,
      pcs_id: pcsId(measured.merkle_root, at, shard_id),
      schema: 'fractal-lba-kakeya' as const,
      version: '0.1',
      shard_id,
      epoch: at,
      attempt: 1,
      sent_at: '2026-01-01T00:00:00Z',
      ft: { outbox_seq: at, degraded: false, fallbacks: [], clock_skew_ms: 0 },
    };
    bodies.push(JSON.stringify(await signPcs(record, { alg: 'hmac', key })));
  }
  return bodies;
}
