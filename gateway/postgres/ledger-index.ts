import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from './connect.ts';
import { type DeadLetter, deadLetterOf, writeDeadLetters } from './dead-letters.ts';
import { indexRow, type Placed, placed, writeAudit, writeIndexRows } from './index-rows.ts';
import { knownPosition } from './known-position.ts';
import { ledgerIdOf } from './ledger-id.ts';
import { BEGINNING, readTail, writePosition } from './ledger-tail.ts';
import { withTenant } from './with-tenant.ts';

/** Entries that are written at once. */
export const BATCH_ENTRIES = 500;
/** Milliseconds until a new position is kept: a row that is deleted later is missed, and no more is written again after a crash. */
const SAVE_MS = 1_000;
/** Dead letters of one tenant and UTC day that one gateway writes, about: whoever claims a tenant's id can make them. */
export const MAX_LETTERS_A_DAY = 10_000;
/** Milliseconds before the second attempt to reach a database; twice that before each further one. */
const FIRST_RETRY_MS = 500;
/** Milliseconds between two attempts at most. */
const LAST_RETRY_MS = 15_000;
/** Milliseconds that the last attempt may take when the gateway stops. What is left is written at the next start. */
const CLOSING_MS = 5_000;

/** Copies a ledger into PostgreSQL, as it grows. */
export interface LedgerIndex {
  /** Says that the ledger has grown. */
  nudge(): void;
  /** Entries that are in PostgreSQL. */
  readonly indexed: number;
  /** Whether the last attempt to write succeeded. */
  readonly healthy: boolean;
  /** Resolves when everything is written that the ledger holds now; rejects if the database fails meanwhile. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface LedgerIndexOptions {
  readonly db: Database;
  /** The ledger's directory. */
  readonly directory: string;
  /** Entries of the ledger that are on the disk. */
  readonly size: () => number;
  /** Dead letters of a tenant and day after which no batch has more. Default {@link MAX_LETTERS_A_DAY}. */
  readonly maxLetters?: number;
  /** Told of rows that were written. */
  readonly onWritten?: (written: Written) => void;
  readonly onError?: (error: unknown) => void;
  /** Told of entries that retention deleted before they were read: they have no rows and never get any. */
  readonly onGap?: (entries: number) => void;
}

export interface Written {
  readonly entries: number;
  readonly audits: number;
  readonly deadLetters: number;
}

/**
 * Writes a row for each ledger entry, one for each call of the admin API, and a dead letter for each malformed request.
 * The ledger itself is what is kept meanwhile when PostgreSQL is away: a position says how far it was read, and reading
 * goes on there once the database answers, also after a restart. Rows that are there already are let be, so nothing is
 * written twice. No answer waits for it.
 *
 * @example
 * const index = await openLedgerIndex({ db, directory: 'data/audit-worm', size: () => ledger.chain.tree.size });
 * index.nudge();
 */
export async function openLedgerIndex(options: LedgerIndexOptions): Promise<LedgerIndex> {
  const { db, directory, size, maxLetters = MAX_LETTERS_A_DAY } = options;
  /** Of the last day that each lane had one in. As many as there are tenants. */
  const letterCounts: LetterCounts = new Map();
  let position = await knownPosition(directory, size());
  let savedIndex = position.index;
  let saving: Promise<void> = Promise.resolve();
  let saveTimer: NodeJS.Timeout | undefined;
  let startedOver = false;
  let running: Promise<void> | undefined;
  let failure: unknown;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let nudged = false;
  let closed = false;

  async function step(): Promise<boolean> {
    const { lines, next } = await readTail(directory, position, size(), BATCH_ENTRIES);
    const [first] = lines;
    if (first === undefined) {
      const moved = next.segment !== position.segment;
      if (!moved) return startOver();
      const lost = next.index - position.index;
      // Of a position that was lost itself nobody can tell.
      if (position.segment !== '' && lost > 0) options.onGap?.(lost);
      position = next;
      return true;
    }
    const entries = lines.map(placed);
    const ledgerId = position.ledgerId || (await ledgerIdOf(db, entries));
    const written = await write(db, ledgerId, entries, letterCounts, maxLetters);
    position = { ...next, ledgerId };
    options.onWritten?.(written);
    saveSoon();
    return true;
  }

  /** Entries are there, and the position leads to none of them: it counts as lost. Once, as a ledger that is damaged leads nowhere either. */
  function startOver(): boolean {
    if (startedOver) return false;
    startedOver = true;
    position = BEGINNING;
    return true;
  }

  async function drain(): Promise<void> {
    try {
      do {
        nudged = false;
        while (position.index < size() && (await step())) retryMs = FIRST_RETRY_MS;
      } while (nudged);
      failure = undefined;
    } catch (error) {
      failure = error;
      options.onError?.(error);
    }
  }

  function save(): Promise<void> {
    saving = saving
      .catch(() => undefined)
      .then(async () => {
        const { index } = position;
        if (index === savedIndex) return;
        await writePosition(directory, position);
        savedIndex = index;
      });
    return saving;
  }

  function saveSoon(): void {
    if (closed || saveTimer !== undefined) return;
    saveTimer = setTimeout(() => {
      saveTimer = undefined;
      save().catch(options.onError);
    }, SAVE_MS);
    saveTimer.unref();
  }

  /** One attempt at a time; one that failed is made again later. */
  function start(): Promise<void> {
    clearTimeout(retry);
    retry = undefined;
    running ??= drain().finally(() => {
      running = undefined;
      if (closed) return;
      if (failure !== undefined) {
        retry = setTimeout(start, retryMs);
        retry.unref();
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      } else if (nudged) start();
    });
    return running;
  }

  async function flush(): Promise<void> {
    // One that is under way may have looked at the size already.
    await running;
    await start();
    if (failure !== undefined) throw failure;
  }

  if (position.index < size()) void start();
  return {
    nudge() {
      nudged = true;
      if (retry === undefined && !closed) void start();
    },
    get indexed() {
      return position.index;
    },
    get healthy() {
      return failure === undefined;
    },
    flush,
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(retry);
      clearTimeout(saveTimer);
      const done = flush()
        .catch(() => undefined)
        .then(save)
        .catch(options.onError);
      await Promise.race([done, wait(CLOSING_MS, undefined, { ref: false })]);
    },
  };
}

/** New dead letters by lane, on one day. */
type LetterCounts = Map<string | null, { readonly day: string; readonly count: number }>;

async function write(
  db: Database,
  ledgerId: string,
  entries: readonly Placed[],
  counts: LetterCounts,
  maxLetters: number,
): Promise<Written> {
  const lanes = new Map<string | null, Placed[]>();
  for (const one of entries) {
    const lane = lanes.get(one.tenant) ?? [];
    lanes.set(one.tenant, lane);
    lane.push(one);
  }
  let audits = 0;
  let deadLetters = 0;
  for (const [tenant, lane] of lanes) {
    const letters: DeadLetter[] = [];
    const rows = lane.flatMap(({ index, entry }) => {
      const letter = entry === undefined ? unsound(ledgerId, index) : deadLetterOf(entry, tenant);
      if (letter !== undefined) letters.push(letter);
      return entry === undefined ? [] : [{ ...indexRow(ledgerId, index, tenant, entry), record: entry }];
    });
    const day = rows.at(-1)?.recorded_at.slice(0, 10) ?? '';
    const before = counts.get(tenant);
    const count = before?.day === day ? before.count : 0;
    const isFull = tenant !== null && count >= maxLetters;
    const calls = rows.filter(({ kind }) => kind === 'admin');
    const added = await withTenant(db, tenant, async (query) => {
      await writeIndexRows(
        query,
        rows.map(({ record: _record, ...row }) => row),
      );
      if (calls.length > 0) await writeAudit(query, calls);
      return letters.length === 0 || isFull ? 0 : writeDeadLetters(query, letters);
    });
    if (added > 0) counts.set(tenant, { day, count: count + added });
    deadLetters += added;
    audits += calls.length;
  }
  return { entries: entries.length, audits, deadLetters };
}

/** An entry that is not sound has no row; `portcullis ledger verify` says what is wrong with it. */
function unsound(ledgerId: string, index: number): DeadLetter {
  return {
    tenant: null,
    sourceId: `${ledgerId}:${index}`,
    errorClass: 'ledger_entry_unsound',
    detail: 'An entry of the ledger is not as it was written; see portcullis ledger verify',
  };
}
