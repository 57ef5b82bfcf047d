import type { Clock } from '../../src/clock.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { usable } from '../directory-lock.ts';
import { errorKind, type Log } from '../log.ts';
import type { PrometheusMeter } from '../prometheus.ts';
import { fileAnchor, httpAnchor } from './anchor.ts';
import { type Anchoring, startAnchoring } from './anchoring.ts';
import { keepCheckpoint, newestVouched, signCheckpoint } from './checkpoints.ts';
import type { LedgerSettings } from './env.ts';
import { ledgerKey } from './key.ts';
import { type LastSigned, readLastSigned, writeLastSigned } from './last-signed.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { deleteExpired } from './retention.ts';

/** Milliseconds between looks for expired segments. */
export const RETENTION_EVERY_MS = 3_600_000;
/** Milliseconds that the last checkpoint has to be anchored when the gateway stops. */
export const ANCHOR_GRACE_MS = 2_000;

/** A ledger that signs checkpoints of itself, hands them on and lets old segments go. */
export interface KeptLedger {
  /** Resolves when the entry of the record is on the disk. */
  append(record: LedgerRecord): Promise<void>;
  readonly healthy: boolean;
  /** Entries that are on the disk. */
  readonly size: number;
  /** Signs a checkpoint now, if there is something new since the last one. Resolves when it is on the disk. */
  checkpoint(): Promise<void>;
  /** Signs a last checkpoint, seals and stops. To be called when no append is under way. */
  close(): Promise<void>;
}

export interface KeeperOptions {
  readonly directory: string;
  /** Size from which a new segment is begun, in bytes. */
  readonly maxSegmentBytes: number;
  readonly settings: LedgerSettings;
  readonly clock: Clock;
  readonly meter: PrometheusMeter;
  readonly log: Log;
  /** Told that entries are on the disk. */
  readonly onGrown?: () => void;
}

/**
 * Opens a ledger and keeps it: at the start and at every interval the segment of a past day is sealed, a checkpoint signed if there is
 * anything new, before every seal too, and once an hour expired segments are deleted. Nothing of this lets an append wait or fail; what goes
 * wrong is logged and tried again at the next interval.
 *
 * @throws {ConfigError} as {@link openLedger} and {@link ledgerKey} do.
 *
 * @example
 * const ledger = await keepLedger({ directory, maxSegmentBytes, settings, clock, meter, log });
 * await ledger.append(record);
 */
export async function keepLedger(options: KeeperOptions): Promise<KeptLedger> {
  const { directory, settings, clock, meter, log } = options;
  const entries = meter.counter('portcullis_ledger_entries_total', 'Entries written, by kind', ['kind']);
  const torn = meter.counter('portcullis_ledger_torn_bytes_total', 'Bytes set aside as torn tails', []);
  const failures = meter.counter('portcullis_ledger_anchor_failures_total', 'Checkpoints an anchor did not take', []);
  let vouchedSize = 0;
  /** A checkpoint that somebody took away from the directory. */
  let taken: LastSigned | undefined;
  let signSealed: (() => Promise<void>) | undefined;
  const ledger = await openLedger({
    directory,
    maxSegmentBytes: options.maxSegmentBytes,
    now: clock.now,
    async vouched() {
      const newest = await newestVouched(directory);
      const signed = await readLastSigned(settings.signedFile);
      vouchedSize = newest?.size ?? 0;
      // Of two that should be one, the one in the directory says nothing that the other does not.
      if (signed === undefined || (newest?.size ?? 0) > signed.size)
        return [newest, signed].filter((one) => one !== undefined);
      taken = vouchedSize < signed.size ? signed : undefined;
      return [signed];
    },
    onWritten(records) {
      for (const { kind } of records) entries.add({ kind });
      options.onGrown?.();
    },
    // A segment that a crash left is sealed before there is a key; the first checkpoint follows at once.
    onSealing: async () => signSealed?.(),
    onTorn({ segment, bytes, file }) {
      torn.add({}, bytes);
      log('warn', 'ledger_torn', { code: 'PTC_W004', segment, bytes, file });
    },
    onEmpty(segment) {
      log('info', 'ledger_empty_file_removed', { segment });
    },
  });
  /** When a checkpoint vouched for everything last. */
  let coveredAt = clock.elapsed();
  /** Stays so: what was in a file that somebody took away is missing for good. */
  let isSegmentGone = false;
  let lastRetention = Number.NEGATIVE_INFINITY;
  let signing: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;
  let tending: Promise<void> = Promise.resolve();
  let closed = false;
  const { signer, anchoring } = await closing(ledger, async () => {
    const key = await ledgerKey(settings.keyFile, settings.origin);
    log('info', key.isNew ? 'ledger_key_made' : 'ledger_key', { verifier_key: key.signer.verifierKey });
    return {
      signer: key.signer,
      anchoring: await anchoringOf(options, (error) => {
        failures.add({});
        log('warn', 'ledger_anchor_failed', { error: errorKind(error) });
      }),
    };
  });
  meter.gaugeOf('portcullis_ledger_size', 'Entries in the ledger', () => ledger.chain.tree.size);
  meter.gaugeOf('portcullis_ledger_checkpoint_age_seconds', 'Seconds that entries wait for a checkpoint', () =>
    ledger.chain.tree.size === vouchedSize ? 0 : (clock.elapsed() - coveredAt) / 1_000,
  );
  meter.gaugeOf('portcullis_ledger_anchor_pending', 'Checkpoints not anchored yet', () => anchoring?.pending ?? 0);

  async function sign(): Promise<void> {
    const { tree } = ledger.chain;
    if (taken !== undefined) {
      await keepCheckpoint(directory, taken.size, taken.note);
      vouchedSize = taken.size;
      taken = undefined;
    }
    if (tree.size > vouchedSize) {
      const note = await signCheckpoint(tree, signer);
      // Before anybody can see it: what was signed once must not be signed otherwise.
      await writeLastSigned(settings.signedFile, note);
      await keepCheckpoint(directory, tree.size, note);
      vouchedSize = tree.size;
      anchoring?.add(tree.size);
    }
    coveredAt = clock.elapsed();
  }

  function checkpoint(): Promise<void> {
    signing = signing.catch(() => undefined).then(sign);
    return signing;
  }

  async function lookForSegment(): Promise<void> {
    const segment = isSegmentGone ? undefined : await ledger.missingSegment();
    if (segment === undefined) return;
    isSegmentGone = true;
    log('error', 'ledger_segment_gone', { segment });
  }

  async function letGo(): Promise<void> {
    const { retentionDays: days } = settings;
    if (days === undefined || clock.elapsed() - lastRetention < RETENTION_EVERY_MS) return;
    lastRetention = clock.elapsed();
    const { append } = ledger;
    const expired = { directory, days, now: clock.now(), vouchedSize, append, checkpoint };
    const { deleted, kept } = await deleteExpired(expired);
    if (deleted > 0) log('info', 'ledger_segments_deleted', { segments: deleted });
    if (kept !== undefined) log('error', 'ledger_segment_changed', { segment: kept });
  }

  async function tried(what: string, task: () => Promise<void>): Promise<void> {
    await task().catch((error) => log('error', 'ledger_upkeep_failed', { what, error: errorKind(error) }));
  }

  async function tend(): Promise<void> {
    for (const [what, task] of [
      ['look', lookForSegment],
      ['seal', ledger.sealOtherDay],
      ['checkpoint', checkpoint],
      ['retention', letGo],
    ] as const) {
      await tried(what, task);
    }
    if (!closed) schedule();
  }

  function schedule(): void {
    cancel = clock.after(settings.checkpointSeconds * 1_000, () => {
      tending = tend();
    });
  }

  // Where it fails the segment is sealed nevertheless: the next checkpoint vouches for it too.
  signSealed = () => tried('checkpoint', checkpoint);
  // What a crash left without a checkpoint gets one now.
  tending = tend();
  return {
    append: ledger.append,
    get healthy() {
      return ledger.healthy && !isSegmentGone;
    },
    get size() {
      return ledger.chain.tree.size;
    },
    checkpoint,
    async close() {
      closed = true;
      cancel();
      await tending;
      await tried('checkpoint', checkpoint);
      if (anchoring !== undefined) {
        await anchoring.idle(ANCHOR_GRACE_MS);
        await anchoring.close();
      }
      // Last, as it gives the directory free.
      await tried('seal', ledger.close);
    },
  };
}

/** Closes a ledger again where what it needs besides cannot be had. */
async function closing<T>(ledger: Ledger, prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

async function anchoringOf(
  { directory, settings: { anchor }, clock }: KeeperOptions,
  onFailure: (error: unknown) => void,
): Promise<Anchoring | undefined> {
  if (anchor === undefined) return undefined;
  const place = /^https?:/.test(anchor) ? httpAnchor(anchor) : fileAnchor(anchor);
  return usable('WORM_BASE_DIR', directory, () => startAnchoring({ directory, anchor: place, clock, onFailure }));
}
