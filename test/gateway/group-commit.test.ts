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

test('what comes while a batch is committed is the next batch, in order', async () => {
  const { batches, commit, go } = pausing();
  const queue = groupCommit(commit);
  const done: string[] = [];
  const push = (item: string): Promise<unknown> => queue.push(item, 1).then(() => done.push(item));
  const first = push('a');
  const rest = ['b', 'c', 'd'].map(push);
  expect(batches).toEqual([['a']]);
  go();
  await first;
  expect([batches, done]).toEqual([[['a'], ['b', 'c', 'd']], ['a']]);
  go();
  await Promise.all(rest);
  await queue.idle();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test('many writers that come again at once fall into two halves, and none is overtaken', async () => {
  const sizes: number[] = [];
  const committed: number[] = [];
  const queue = groupCommit<number>(async (batch) => {
    sizes.push(batch.length);
    await new Promise((resolve) => setImmediate(resolve));
    committed.push(...batch);
  });
  let next = 0;
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      for (let turn = 0; turn < 5; turn++) await queue.push(next++, 1);
    }),
  );
  expect(sizes.slice(0, 5)).toEqual([1, 50, 50, 50, 50]);
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
  const second = queue.push('b', MAX_WAITING_BYTES);
  await expect(queue.push('c', 1)).rejects.toThrow('too many bytes wait for the disk');
  go();
  await first;
  const third = queue.push('d', 1);
  go();
  await second;
  go();
  await third;
  expect(batches).toEqual([['a'], ['b'], ['d']]);
});
