import type { LedgerRecord } from '../src/ledger/record.ts';

/** Milliseconds that the record of a refused request waits for others at most. */
export const GATHER_MS = 20;
/** Records that wait at most. */
export const GATHER_MOST = 256;

/**
 * Lets records of requests over a limit wait for each other, so that a flood of them takes few syncs of the disk, and those of
 * other requests find it free. Their answers wait as long: each goes out when its record is on the disk.
 *
 * @example
 * const append = gatherThrottled(ledger.append);
 */
export function gatherThrottled<T extends LedgerRecord>(
  append: (record: T) => Promise<void>,
): (record: T) => Promise<void> {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  }

  return (record) => {
    if (record.outcome !== 'throttle') return append(record);
    const turn = new Promise<void>((go) => waiting.push(go));
    timer ??= setTimeout(flush, GATHER_MS);
    if (waiting.length >= GATHER_MOST) flush();
    return turn.then(() => append(record));
  };
}
