import { type Clock, SYSTEM_CLOCK } from '../../clock.ts';
import { ConfigError } from '../../errors.ts';
import { drawDirections, MAX_DIRECTIONS } from '../../guards/vrf/directions.ts';
import { functionOption, knownOptions, numberOption } from '../../options.ts';
import { budgetOf } from '../budget.ts';
import { theilSenDimension } from '../dimension.ts';
import { MAX_SCALE, MIN_SCALE, PCS_SCHEMA } from '../fields.ts';
import { pcsId } from '../id.ts';
import { roundNano } from '../nano.ts';
import type { PcsPolicy } from '../policy.ts';
import { policyOption } from '../policy-option.ts';
import type { FaultTolerance, PcsRecord } from '../record.ts';
import { regimeOf } from '../regime.ts';
import { countBoxes } from './boxes.ts';
import { coherenceOf } from './coherence.ts';
import { compressionRatio, DEFAULT_CHUNK_BYTES, merkleRoot } from './commitment.ts';
import { toUnitCube } from './table.ts';

/** Grid sizes; each divides the next, so that the counts are monotone by theorem. */
export const DEFAULT_SCALES: readonly number[] = Object.freeze([2, 4, 8, 16]);

/** Scales at most: work is points x scales. */
export const MAX_AGENT_SCALES = 32;

/** Directions that are sampled. */
export const DEFAULT_DIRECTIONS = 128;

/** A record as it goes over the wire, ready for `JSON.stringify`. */
export interface PcsBody extends Omit<PcsRecord, 'seed' | 'N_j'> {
  readonly seed: number;
  readonly N_j: Readonly<Record<string, number>>;
}

export interface SummarizeOptions {
  /** 1 to 128 of `A-Z a-z 0-9 . _ : -`. */
  readonly shardId: string;
  /** Whole number, 0 or more. */
  readonly epoch: number;
  /** Seed of the directions, a safe integer from 0; or a function of the record's id, as a VRF needs it. */
  readonly seed: number | ((pcsId: string) => number | Promise<number>);
  /** Distinct whole numbers from 1 to 1024. Default {@link DEFAULT_SCALES}. */
  readonly scales?: readonly number[];
  /** Default {@link DEFAULT_DIRECTIONS}. */
  readonly directions?: number;
  /** Bytes to commit to and to compress, such as the file that the points came from. Default: the rows as text. */
  readonly data?: Uint8Array;
  /** Bytes of a Merkle leaf. Default {@link DEFAULT_CHUNK_BYTES}. */
  readonly chunkBytes?: number;
  /** Numbers of regime and budget. Default {@link DEFAULT_PCS_POLICY}. */
  readonly policy?: PcsPolicy;
  /** Default 1. */
  readonly attempt?: number;
  readonly ft?: FaultTolerance;
  /** Tells `sent_at`. */
  readonly clock?: Pick<Clock, 'now'>;
}

const OPTIONS: readonly (keyof SummarizeOptions)[] = [
  'shardId',
  'epoch',
  'seed',
  'scales',
  'directions',
  'data',
  'chunkBytes',
  'policy',
  'attempt',
  'ft',
  'clock',
];

const NO_FAULTS: FaultTolerance = { outbox_seq: 0, degraded: false, fallbacks: [], clock_skew_ms: 0 };

/**
 * Makes an unsigned PCS from a table of points: rows of one to three numbers, each column scaled to 0..1 by its own
 * minimum and maximum. The same table and options give the same record, `sent_at` aside. What it computes passes the
 * gate's own recomputation under the same policy. O(points x (scales + directions)).
 *
 * @throws {ConfigError} for a table or an option that cannot work (the promise rejects).
 *
 * @example
 * const body = await summarize([[0, 0, 0], [1, 2, 3], [2, 4, 6]], { shardId: 'host-1', epoch: 1, seed: 42 });
 * const signed = await signPcs(body, { alg: 'hmac', key: 'testsecret' });
 */
export async function summarize(points: readonly (readonly number[])[], options: SummarizeOptions): Promise<PcsBody> {
  const at = (name: keyof SummarizeOptions): string => `summarize.${name}`;
  knownOptions('summarize', options, OPTIONS);
  const whole = { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true };
  const { shardId } = options;
  if (typeof shardId !== 'string' || !/^[A-Za-z0-9._:-]{1,128}$/.test(shardId)) {
    throw new ConfigError('PTC_E002', at('shardId'), shardId, 'give 1 to 128 letters, digits or any of . _ : -');
  }
  const epoch = required(at('epoch'), options.epoch, whole);
  const attempt = numberOption(at('attempt'), options.attempt, 1, { ...whole, min: 1 });
  const directions = numberOption(at('directions'), options.directions, DEFAULT_DIRECTIONS, {
    ...whole,
    min: 1,
    max: MAX_DIRECTIONS,
  });
  const chunkBytes = numberOption(at('chunkBytes'), options.chunkBytes, DEFAULT_CHUNK_BYTES, { ...whole, min: 1 });
  const scales = checkScales(at('scales'), options.scales ?? DEFAULT_SCALES);
  const policy = policyOption(at('policy'), options.policy)(undefined);
  const clock = options.clock ?? SYSTEM_CLOCK;

  const unit = toUnitCube(points);
  const data = options.data ?? tableBytes(points);
  if (!(data instanceof Uint8Array) || data.length === 0) {
    throw new ConfigError('PTC_E002', at('data'), options.data, 'give a Uint8Array of at least one byte');
  }
  const merkle_root = merkleRoot(data, chunkBytes);
  const pcs_id = pcsId(merkle_root, epoch, shardId);
  const seed = required(at('seed'), await seedOf(at('seed'), options.seed, pcs_id), whole);

  const counts = countBoxes(unit, scales);
  const coherence = coherenceOf(unit, drawDirections(seed, directions));
  const [x, y, z] = coherence.v_star.map(to12Decimals) as [number, number, number];
  const signals = {
    coh_star: roundNano(coherence.coh_star),
    D_hat: theilSenDimension(scales, counts)!,
    r: roundNano(await compressionRatio(data)),
  };
  return {
    pcs_id,
    schema: PCS_SCHEMA,
    version: '0.1',
    shard_id: shardId,
    epoch,
    attempt,
    sent_at: new Date(clock.now()).toISOString(),
    seed,
    scales,
    N_j: Object.fromEntries([...counts].map(([scale, count]) => [String(scale), count])),
    ...signals,
    v_star: [x, y, z],
    regime: regimeOf(signals.D_hat, signals.coh_star, policy),
    budget: budgetOf(signals, policy),
    merkle_root,
    sig: '',
    ft: options.ft ?? NO_FAULTS,
  };
}

/** The rows as text, numbers as ECMAScript writes them: what is committed to where no other data is given. */
export function tableBytes(points: readonly (readonly number[])[]): Uint8Array {
  return new TextEncoder().encode(points.map((row) => `${row.join(',')}\n`).join(''));
}

function required(option: string, value: unknown, range: Parameters<typeof numberOption>[3]): number {
  if (value === undefined) throw new ConfigError('PTC_E001', option, value, 'give a whole number, 0 or more');
  return numberOption(option, value, 0, range);
}

function seedOf(option: string, seed: SummarizeOptions['seed'], id: string): number | Promise<number> {
  if (typeof seed === 'number' || seed === undefined) return seed;
  return functionOption(option, seed, 'give a whole number, or a function from pcs_id to one')(id);
}

function checkScales(option: string, scales: readonly number[]): readonly number[] {
  const areDistinct = Array.isArray(scales) && new Set(scales).size === scales.length;
  if (!areDistinct || scales.length < 2 || scales.length > MAX_AGENT_SCALES) {
    throw new ConfigError('PTC_E003', option, scales, `give 2 to ${MAX_AGENT_SCALES} different whole numbers`);
  }
  for (const [i, scale] of scales.entries()) {
    numberOption(`${option}[${i}]`, scale, Number.NaN, { min: MIN_SCALE, max: MAX_SCALE, integer: true });
  }
  return [...scales].sort((a, b) => a - b);
}

function to12Decimals(x: number): number {
  return Number(x.toFixed(12));
}
