import { encodeBase64 } from '../base64.ts';
import type { Clock } from '../clock.ts';
import { edwards25519Tai } from '../guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../guards/vrf/seed.ts';
import { knownOptions } from '../options.ts';
import { type SignOptions, signPcs } from '../pcs/agent/sign.ts';
import { summarize } from '../pcs/agent/summarize.ts';
import type { SignedFields } from '../pcs/canonical.ts';
import { pcsId } from '../pcs/id.ts';
import { pcsAlpha } from '../pcs/vrf.ts';

/** The secret of the records, unless they are given another one. */
export const TEST_PCS_KEY = 'testsecret';

/** When the records say that they were sent, unless there is a clock: 2030-01-01T00:00:00Z in milliseconds. */
const SENT_AT = 1_893_456_000_000;

/** What is measured: a curve in the unit cube, of which nothing is special. */
const POINTS: readonly (readonly number[])[] = Array.from({ length: 64 }, (_, i) => [i, (i * i) % 61, (i * 7) % 23]);

/** Fields by their names on the wire; `undefined` removes one. */
export type PcsOverrides = Readonly<Record<string, unknown>>;

/** A record as it goes over the wire. */
export type PcsWire = Readonly<Record<string, unknown>>;

export interface PcsRecordsOptions {
  /** Default HMAC-SHA256 with {@link TEST_PCS_KEY}. */
  readonly sign?: SignOptions;
  /** Default `test`. */
  readonly shardId?: string;
  /** Tells `sent_at`. Default: the beginning of 2030. */
  readonly clock?: Pick<Clock, 'now'>;
  /** 32 bytes. Records then carry a proof of ECVRF-EDWARDS25519-SHA512-TAI, and the seed and direction that it fixes. */
  readonly vrfSecretKey?: Uint8Array;
}

export interface PcsRecords {
  /** The next record: valid and signed, with an id of its own, but for what is overridden. */
  next(overrides?: PcsOverrides): Promise<PcsWire>;
  /** The same as JSON text, to send. */
  body(overrides?: PcsOverrides): Promise<string>;
  /** Begins again: the next record is the first one once more, byte for byte. */
  reset(): void;
}

/**
 * Makes PCS records as an agent makes them. What is overridden is signed too, so that a guard behind the signature sees it;
 * `pcs_id` follows `merkle_root`, `epoch` and `shard_id`. Override `pcs_id`, `sig` or `vrf_proof` themselves for records
 * that are not what they claim.
 *
 * @throws {ConfigError} for options that cannot work; `next` and `body` reject for a key that cannot sign.
 *
 * @example
 * const records = createPcsRecords();
 * const good = await records.body();
 * const implausible = await records.body({ D_hat: 2.9 });
 * const forged = await records.body({ sig: encodeBase64(new Uint8Array(32)) });
 */
export function createPcsRecords(options: PcsRecordsOptions = {}): PcsRecords {
  knownOptions('createPcsRecords', options, ['sign', 'shardId', 'clock', 'vrfSecretKey']);
  const { sign = { alg: 'hmac', key: TEST_PCS_KEY }, shardId = 'test', vrfSecretKey } = options;
  const clock = options.clock ?? { now: () => SENT_AT };
  let epoch = 0;

  async function next(overrides: PcsOverrides = {}): Promise<PcsWire> {
    let proof: Uint8Array | undefined;
    const seedOf = (id: string): number => {
      proof = edwards25519Tai.prove(vrfSecretKey!, pcsAlpha(id));
      return Number(seedFromBeta(edwards25519Tai.proofToHash(proof)!));
    };
    epoch++;
    const seed = vrfSecretKey === undefined ? epoch : seedOf;
    const measured = await summarize(POINTS, { shardId, epoch, seed, clock });
    const proven = { ...measured, ...(proof !== undefined && { vrf_proof: encodeBase64(proof) }) };
    const record = overridden(proven, overrides);
    if ('sig' in overrides) return record;
    return signPcs(record as PcsWire & SignedFields, sign);
  }

  return {
    next,
    body: async (overrides) => JSON.stringify(await next(overrides)),
    reset() {
      epoch = 0;
    },
  };
}

/** A record with other fields, and the id that they fix. */
function overridden(record: PcsWire, overrides: PcsOverrides): PcsWire {
  const changed: Record<string, unknown> = { ...record, ...overrides };
  for (const [name, value] of Object.entries(changed)) if (value === undefined) delete changed[name];
  const { merkle_root, epoch, shard_id } = changed;
  const fixed = ['merkle_root', 'epoch', 'shard_id'].some((name) => name in overrides) && !('pcs_id' in overrides);
  return fixed ? { ...changed, pcs_id: pcsId(String(merkle_root), Number(epoch), String(shard_id)) } : changed;
}
