import { writeDurably } from '../write-durably.ts';
import type { LedgerSegment } from './read.ts';
import { readRegular } from './regular-file.ts';

/** Bytes of a seal at most: it holds a few dozen hashes. */
const MAX_SEAL_BYTES = 65_536;
const FORMAT = 'portcullis-seal/1';
const HASH = /^[0-9a-f]{64}$/;

/**
 * What a segment held when it was closed: enough to go on with the chain and the tree without reading it, and to find
 * that it is not as it was. It is not signed: who can write it can write another. Checkpoints vouch for it.
 */
export interface Seal {
  readonly format: typeof FORMAT;
  /** As {@link LedgerSegment} names it. */
  readonly segment: string;
  /** Index in the ledger of its first entry. */
  readonly first_index: number;
  /** Entries in it. */
  readonly count: number;
  /** Size of the file. */
  readonly bytes: number;
  /** `entry_hash` of its last entry. */
  readonly last_hash: string;
  /** Roots of the perfect trees that the entries up to its last one make, largest first (RFC 9162, 2.1). */
  readonly peaks: readonly string[];
  /** SHA-256 of the file. */
  readonly sha256: string;
  /**
   * RFC 3339, UTC, milliseconds. Never before the newest timestamp of its entries: where the clock went back meanwhile, it is
   * that. So an earlier one was not written by the gateway.
   */
  readonly sealed_at: string;
}

/** Writes a seal, complete or not at all. */
export async function writeSeal(path: string, seal: Omit<Seal, 'format'>): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ format: FORMAT, ...seal })}\n`, 0o400);
}

/**
 * Reads a seal; `undefined` if the file holds none, whatever else it holds.
 *
 * @throws what the system says of a file that cannot be read
 *
 * @example
 * const seal = await readSeal(segment.sealPath);
 */
export async function readSeal(path: string): Promise<Seal | undefined> {
  const text = await readRegular(path, MAX_SEAL_BYTES);
  return text === undefined ? undefined : parseSeal(text);
}

/** The seal of a segment; `undefined` where it has none, or one that cannot be read or is that of another segment. */
export async function sealOf({ name, sealed, sealPath }: LedgerSegment): Promise<Seal | undefined> {
  const seal = sealed ? await readSeal(sealPath) : undefined;
  return seal?.segment === name ? seal : undefined;
}

function parseSeal(text: string): Seal | undefined {
  let found: Partial<Record<keyof Seal, unknown>> | null;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null || found.format !== FORMAT) return undefined;
  const { segment, first_index, count, bytes, last_hash, peaks, sha256, sealed_at } = found;
  if (typeof segment !== 'string' || typeof sealed_at !== 'string' || Number.isNaN(Date.parse(sealed_at))) {
    return undefined;
  }
  if (!isCount(first_index) || !isCount(count) || !isCount(bytes) || !isHash(last_hash) || !isHash(sha256)) {
    return undefined;
  }
  if (!Array.isArray(peaks) || !peaks.every(isHash) || peaks.length !== onesIn(first_index + count)) return undefined;
  return { format: FORMAT, segment, first_index, count, bytes, last_hash, peaks, sha256, sealed_at };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

/** A tree of n entries has a perfect tree for each one in n's binary digits. */
function onesIn(size: number): number {
  return size.toString(2).replaceAll('0', '').length;
}
