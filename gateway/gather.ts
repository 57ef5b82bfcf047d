import type { LedgerRecord } from '../src/ledger/record.ts';

/** Milliseconds that the record of a refused request waits for others at most. */
export const GATHER_MS = 20;
/** Records that wait at most. */
export const GATHER_MOST = 256;
/** Refusals that are answered in one turn of the event loop. */
export const ANSWERS_PER_TURN = 4;

/**
 * Lets records of requests over a limit wait for each other, so that a flood of them takes few syncs of the disk, and those of
 * other requests find it free. Their answers wait as long: each goes out when its record is on the disk, a few at a time, so
 * that other requests come in between.
 *
 * @example
 * const append = gatherThrottled(ledger.append);
 */
export function gatherThrottled<T extends LedgerRecord>(
  append: (record: T) => Promise<void>,
): (record: T) => Promise<void> {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let kept: (() => void)[] = [];

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  }

  function answerSome(): void {
    const some = kept.slice(0, ANSWERS_PER_TURN);
    kept = kept.slice(ANSWERS_PER_TURN);
    for (const go of some) go();
    if (kept.length > 0) setImmediate(answerSome);
  }

  async function keep(record: T): Promise<void> {
    await new Promise<void>((go) => waiting.push(go));
    await append(record);
    await new Promise<void>((go) => kept.push(go) === 1 && setImmediate(answerSome));
  }

  return (record) => {
    if (record.outcome !== 'throttle') return append(record);
    const done = keep(record);
    timer ??= setTimeout(flush, GATHER_MS);
    if (waiting.length >= GATHER_MOST) flush();
    return done;
  };
}
