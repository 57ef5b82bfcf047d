import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { groupCommit, MAX_WAITING_BYTES } from '../../gateway/group-commit.ts';

function pausing(): { readonly batches: string[][]; commit(batch: readonly string[]): Promise<void>; go(): void } {
  const batches: string[][] = [];
  let go = (): void => undefined;
  return {
    batches,
    commit(batch) {
      batches.push([...batch]);
      return new Promise((resolve) => {
        go = resolve;
      });
    },
    go: () => go(),
  };
}

/** A turn of the event loop, and what follows from it. */
const turn = (): Promise<void> => setImmediate();

test('what comes in one turn of the event loop is a batch; what comes while it is committed is the next, in order', async () => {
  const { batches, commit, go } = pausing();
  const queue = groupCommit(commit);
  const done: string[] = [];
  const push = (item: string): Promise<unknown> => queue.push(item, 1).then(() => done.push(item));
  const first = ['a', 'b'].map(push);
  expect(batches).toEqual([]);
  await turn();
  const rest = ['c', 'd', 'e'].map(push);
  expect(batches).toEqual([['a', 'b']]);
  go();
  await Promise.all(first);
  expect([batches, done]).toEqual([
    [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ],
    ['a', 'b'],
  ]);
  go();
  await Promise.all(rest);
  await queue.idle();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('the next batch begins before the writers of the one before go on', async () => {
  const { batches, commit, go } = pausing();
  const queue = groupCommit(commit);
  const first = queue.push('a', 1).then(() => batches.length);
  await turn();
  const second = queue.push('b', 1);
  go();
  expect(await first).toBe(2);
  go();
  await second;
});

test('many writers that come again at once fall into two halves, and none is overtaken', async () => {
  const sizes: number[] = [];
  const committed: number[] = [];
  const queue = groupCommit<number>(async (batch) => {
    sizes.push(batch.length);
    await turn();
    committed.push(...batch);
  });
  let next = 0;
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      for (let turns = 0; turns < 5; turns++) await queue.push(next++, 1);
    }),
  );
  expect(sizes).toEqual(Array.from({ length: 10 }, () => 50));
  expect(committed).toEqual(Array.from({ length: 500 }, (_, at) => at));
});

test('a batch that fails refuses its items and no others, however it fails', async () => {
  for (const fail of [
    () => Promise.reject(new Error('no disk')),
    () => {
      throw new Error('no disk');
    },
  ]) {
    let fails = true;
    const queue = groupCommit<number>(() => (fails ? fail() : Promise.resolve()));
    for (let at = 0; at < 3; at++) await expect(queue.push(at, 1)).rejects.toThrow('no disk');
    fails = false;
    await queue.push(3, 1);
  }
});

test('what waits is bounded, and what is being committed does not count', async () => {
  const { commit, go, batches } = pausing();
  const queue = groupCommit(commit);
  const first = queue.push('a', MAX_WAITING_BYTES);
  await turn();
  expect(queue.room).toBe(MAX_WAITING_BYTES);
  const second = queue.push('b', MAX_WAITING_BYTES - 1);
  expect(queue.room).toBe(1);
  await expect(queue.push('c', 2)).rejects.toThrow('too many bytes wait for the disk');
  go();
  await first;
  const third = queue.push('d', 1);
  go();
  await second;
  go();
  await third;
  expect(batches).toEqual([['a'], ['b'], ['d']]);
});
