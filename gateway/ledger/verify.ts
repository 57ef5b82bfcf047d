import { type AuditReason, createAudit } from '../../src/ledger/audit.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import type { NoteVerifier } from '../../src/ledger/note-key.ts';
import { chainBehind, EMPTY_CHAIN } from './chain.ts';
import { deletedSeals } from './deleted-seals.ts';
import { type EntryPlace, rememberPlaces } from './entry-place.ts';
import { readRoots } from './known-roots.ts';
import { ledgerSegments, readLines } from './read.ts';
import { readOn } from './read-on.ts';
import { readAgain } from './regular-file.ts';
import { sealOf } from './seal.ts';
import { sealCheck } from './seal-check.ts';
import { type SegmentBound, segmentAt } from './segment-range.ts';

export interface VerifyOptions {
  /** The ledger's. */
  readonly directory: string;
  /**
   * Keys of which one must have signed each checkpoint; a checkpoint must then vouch for every sealed segment and for what
   * retention says that it deleted. Default: signatures are not looked at.
   */
  readonly verifiers?: readonly NoteVerifier[];
  /** Checkpoints that were kept elsewhere, as signed notes. */
  readonly anchored?: readonly string[];
  /** Begin with the segment that has this entry, or was written to at this time. Default: the first. */
  readonly from?: SegmentBound;
  /**
   * End with the segment that has this entry, or was written to at this time. Where no checkpoint vouches for all of it, hashes are
   * read up to the first that does. Default: the last.
   */
  readonly to?: SegmentBound;
  /** Told of each entry that is sound and in its place, in order. */
  readonly onEntry?: (entry: LedgerEntry, index: number) => void | Promise<void>;
  /** Told of bytes that were read, now and then. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * The first fault of a ledger: of an entry or a row of them as {@link AuditReason} says; `seal` a segment is not as its seal
 * says, or has none though another one follows; `gone` a segment is not there, and no entry says that it was deleted;
 * `checkpoint` one that is none of its size, or that no known key signed. Where keys are known: `unvouched` no checkpoint
 * vouches for a sealed segment, `retention` none for the entry that says that a segment was deleted, `empty` there is nothing at all.
 */
export interface LedgerFault {
  readonly reason: AuditReason | 'seal' | 'gone' | 'checkpoint' | 'unvouched' | 'retention' | 'empty';
  /** Of the entry that is wrong, or the first that may be. */
  readonly index?: number;
  readonly place?: EntryPlace;
  /** For `root` and `missing`: the size that is vouched for. */
  readonly size?: number;
  /** The segment or checkpoint, where it is not about an entry. */
  readonly name?: string;
}

/** What was looked at, and the first fault. */
export interface VerifyResult {
  /** `undefined` for a ledger that holds. */
  readonly fault: LedgerFault | undefined;
  /** Index of the first entry that was looked at. */
  readonly first: number;
  /** Entries up to the last one that was looked at, all those before counted. */
  readonly size: number;
  /** Segments whose entries were looked at. */
  readonly segments: number;
  /** Segments that retention deleted; `first` is then that of the first entry which is left. */
  readonly deleted: number;
  /** Checkpoints that the tree agrees with. */
  readonly checkpoints: number;
  /** Size of the newest of them; 0 without one. */
  readonly vouchedSize: number;
  /** Bytes at the end that are no whole entry: they are being written, or a crash cut them off. */
  readonly tornBytes: number;
}

/** Bytes between two reports of progress. */
const PROGRESS_BYTES = 1_048_576;

/**
 * Verifies a ledger: every entry, the chain, the seals, and the tree against every checkpoint; segments that retention deleted by
 * their seals and by the entries that tell of them. Ends at the first fault. One pass, linear; memory for the checkpoints
 * only. The gateway may be running meanwhile.
 *
 * Where retention deletes a segment meanwhile, all is read again, and `onEntry` told again.
 *
 * @throws {ConfigError} PTC_E013 where there is something else than a file; what the system says of one that cannot be read
 *
 * @example
 * const { fault } = await verifyLedger({ directory: 'data/audit-worm', verifiers: [verifier] });
 */
export function verifyLedger(options: VerifyOptions): Promise<VerifyResult> {
  return readAgain(options.directory, () => verifyOnce(options));
}

async function verifyOnce(options: VerifyOptions): Promise<VerifyResult> {
  const { directory, from, to } = options;
  // The gateway signs before it seals: what is sealed by now has its checkpoint.
  const earlier = new Set((await ledgerSegments(directory)).flatMap(({ sealed, name }) => (sealed ? [name] : [])));
  // Before the segments, which grow: what they vouch for must be there.
  const { roots, fault: badCheckpoint } = await readRoots(directory, options.verifiers, options.anchored ?? []);
  const all = await ledgerSegments(directory);
  const firstThere = all.findIndex(({ present }) => present);
  const oldest = firstThere < 0 ? all.length : firstThere;
  const begin = Math.max(oldest, from === undefined ? 0 : await segmentAt(all, from));
  const end = to === undefined ? all.length : (await segmentAt(all, to)) + 1;
  const isWhole = begin === oldest && end === all.length;
  /** Size up to which somebody must have signed. */
  const signed = options.verifiers === undefined ? undefined : (roots.at(-1)?.size ?? 0);
  const gone = await deletedSeals(all.slice(0, oldest), signed);
  const chain = gone.fault === undefined ? await chainBehind(all[begin - 1]) : undefined;
  const audit = createAudit(roots, chain ?? EMPTY_CHAIN);
  const places = rememberPlaces(audit);
  const first = audit.at.tree.size;
  /** Those that may be met, in the order in which they are. */
  const toMeet = roots.filter(({ size }) => size >= first);
  let segments = 0;
  let tornBytes = 0;
  /** Checkpoints behind the range that agree. */
  let behind = 0;

  const result = (fault: LedgerFault | undefined): VerifyResult => {
    const { size } = audit.at.tree;
    const checkpoints = audit.agreed + behind;
    const vouchedSize = toMeet[checkpoints - 1]?.size ?? 0;
    return { fault, first, size, segments, deleted: oldest, checkpoints, vouchedSize, tornBytes };
  };
  let wrongSeal: LedgerFault | undefined;
  let unvouched: LedgerFault | undefined;
  /** What is wrong with an entry says more than that its segment is not as it was sealed. */
  const conclude = (other?: LedgerFault): VerifyResult => {
    const fault = audit.end();
    if (fault !== undefined && fault.reason !== 'missing') return result(placed(fault));
    const atTheEnd = end === all.length ? fault : undefined;
    return result(wrongSeal ?? other ?? atTheEnd ?? (isWhole ? gone.unexplained() : undefined) ?? unvouched);
  };
  const placed = (fault: LedgerFault): LedgerFault => {
    const place = places.of(fault);
    return place === undefined ? fault : { ...fault, place };
  };

  const isEmpty = all.length === 0 && roots.length === 0;
  if (badCheckpoint !== undefined) return result({ reason: 'checkpoint', name: badCheckpoint });
  // Who has a key expects something signed.
  if (isEmpty && signed !== undefined) return result({ reason: 'empty' });
  if (gone.fault !== undefined) return result(gone.fault);
  if (chain === undefined) return result({ reason: 'seal', name: all[begin - 1]!.name });
  for (const segment of all.slice(begin, end)) {
    const { name, sealed } = segment;
    if (!segment.present) return conclude({ reason: 'gone', name });
    if (!sealed && segment !== all.at(-1)) return conclude({ reason: 'seal', name });
    const seal = sealCheck(audit.at);
    let line = 0;
    let unsaid = 0;
    segments++;
    for await (const { state, text, start, end: next } of readLines(segment.path)) {
      if (state === 'torn' && !sealed) {
        tornBytes = next - start;
        break;
      }
      places.next({ segment: name, line: ++line });
      const index = audit.at.tree.size;
      const entry = audit.add(state === 'whole' ? text : '');
      if (audit.isOver) break;
      seal.add(text, next, entry);
      if (entry !== undefined) {
        gone.explain(entry, index);
        await options.onEntry?.(entry, index);
      }
      unsaid += next - start;
      if (unsaid < PROGRESS_BYTES) continue;
      options.onProgress?.(unsaid);
      unsaid = 0;
    }
    options.onProgress?.(unsaid);
    if (audit.isOver) break;
    const wrong = sealed ? seal.compare(await sealOf(segment), audit.at) : undefined;
    if (wrong !== undefined) wrongSeal ??= { name, ...wrong };
    if (signed !== undefined && audit.at.tree.size > signed && earlier.has(name)) {
      unvouched ??= { reason: 'unvouched', name };
    }
  }
  if (audit.isOver || segments === 0 || end === all.length) return conclude();
  // Without the next checkpoint, what stands behind the last one in the range could be anybody's.
  const next = await readOn(audit.at.tree, all.slice(end), roots, toMeet[audit.agreed - 1]?.size ?? first);
  behind = next.agreed;
  return conclude(next.fault && placed(next.fault));
}
