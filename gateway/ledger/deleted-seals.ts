import type { LedgerEntry } from '../../src/ledger/entry.ts';
import type { LedgerSegment } from './read.ts';
import { type Seal, sealOf } from './seal.ts';
import type { LedgerFault } from './verify.ts';

/** What the seals say of segments of which nothing else is left. */
export interface DeletedSeals {
  readonly fault: LedgerFault | undefined;
  /** Takes an entry that may say that retention deleted one of them. */
  explain(entry: LedgerEntry, index: number): void;
  /** The first that no entry told of, or none that somebody signed for. */
  unexplained(): LedgerFault | undefined;
}

/**
 * Retention deletes the oldest first: what is gone behind a segment that is there was not its doing.
 *
 * @param signed entries that signed checkpoints vouch for; an entry behind them could be anybody's. Default: it is not looked at
 */
export async function deletedSeals(
  segments: readonly LedgerSegment[],
  signed: number = Number.POSITIVE_INFINITY,
): Promise<DeletedSeals> {
  const seals = new Map<string, Seal>();
  const unsigned = new Set<string>();
  let size = 0;
  let fault: LedgerFault | undefined;
  for (const segment of segments) {
    const seal = await sealOf(segment);
    if (seal?.first_index !== size) {
      fault = { reason: 'seal', name: segment.name };
      break;
    }
    seals.set(segment.name, seal);
    size += seal.count;
  }
  return {
    fault,
    explain({ kind, segment, first_index, count, last_hash, sha256 }, index) {
      if (kind !== 'retention' || typeof segment !== 'string') return;
      const seal = seals.get(segment);
      const isTrue = seal?.first_index === first_index && seal?.count === count && seal?.last_hash === last_hash;
      if (!isTrue || seal?.sha256 !== sha256) return;
      if (index < signed) seals.delete(segment);
      else unsigned.add(segment);
    },
    unexplained() {
      const [name] = seals.keys();
      return name === undefined ? undefined : { reason: unsigned.has(name) ? 'retention' : 'gone', name };
    },
  };
}
