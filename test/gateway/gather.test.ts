import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANSWERS_PER_TURN, GATHER_MOST, GATHER_MS, gatherThrottled } from '../../gateway/gather.ts';
import type { DecisionRecord } from '../../src/ledger/record.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const record = (outcome: string, at = 0): DecisionRecord => ({ outcome, at }) as unknown as DecisionRecord;

/** A ledger that keeps nothing until it is told to. */
function ledger(): {
  appended: unknown[];
  settle: (error?: Error) => void;
  append: (one: DecisionRecord) => Promise<void>;
} {
  const appended: unknown[] = [];
  const pending: ((error?: Error) => void)[] = [];
  return {
    appended,
    settle(error) {
      for (const done of pending.splice(0)) done(error);
    },
    append: (one) =>
      new Promise((resolve, reject) => {
        appended.push(one);
        pending.push((error) => (error ? reject(error) : resolve()));
      }),
  };
}

test('records of refusals over a limit go to the ledger together, in their order, others at once', async () => {
  const { appended, settle, append } = ledger();
  const gather = gatherThrottled(append);
  const answered: string[] = [];
  const kept = [
    gather(record('throttle', 1)).then(() => answered.push('first')),
    gather(record('throttle', 2)).then(() => answered.push('second')),
    gather(record('allow', 3)).then(() => answered.push('other')),
  ];
  expect(appended).toEqual([record('allow', 3)]);
  await vi.advanceTimersByTimeAsync(GATHER_MS - 1);
  expect(appended).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(appended).toEqual([record('allow', 3), record('throttle', 1), record('throttle', 2)]);
  expect(answered).toEqual([]);
  settle();
  await vi.runAllTimersAsync();
  await Promise.all(kept);
  expect(answered.sort()).toEqual(['first', 'other', 'second']);
});

test('they do not wait for more than a number of them', async () => {
  const { appended, append } = ledger();
  const gather = gatherThrottled(append);
  for (let at = 0; at < GATHER_MOST + 3; at++) void gather(record('throttle', at));
  await vi.advanceTimersByTimeAsync(0);
  expect(appended).toHaveLength(GATHER_MOST);
});

test('a few are answered in one turn of the loop, and the next few in the next one', async () => {
  const gather = gatherThrottled(() => Promise.resolve());
  let answered = 0;
  const count = (): void => {
    answered++;
  };
  const total = 2 * ANSWERS_PER_TURN + 1;
  for (let at = 0; at < total; at++) void gather(record('throttle', at)).then(count);
  await vi.advanceTimersByTimeAsync(GATHER_MS - 1);
  const seen: number[] = [];
  while (answered < total) {
    await vi.advanceTimersToNextTimerAsync();
    seen.push(answered);
  }
  expect(seen).toEqual([ANSWERS_PER_TURN, 2 * ANSWERS_PER_TURN, total]);
});

test('a record that the ledger refuses is refused to whoever waits for it, and the next is tried', async () => {
  const { settle, append } = ledger();
  const gather = gatherThrottled(append);
  for (const error of [new Error('full'), undefined]) {
    const outcome = gather(record('throttle')).then(
      () => undefined,
      (reason) => reason,
    );
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    settle(error);
    await vi.runAllTimersAsync();
    expect(await outcome).toBe(error);
  }
});

test('one that throws at once does not keep the others from it', async () => {
  let calls = 0;
  const gather = gatherThrottled<DecisionRecord>(() => {
    calls++;
    if (calls === 1) throw new Error('closed');
    return Promise.resolve();
  });
  const kept = Promise.allSettled([gather(record('throttle')), gather(record('throttle'))]);
  await vi.runAllTimersAsync();
  expect((await kept).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});
