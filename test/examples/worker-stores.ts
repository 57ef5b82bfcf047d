import { memoryRateStore, memoryReplayStore, type RateStore, type ReplayStore } from 'portcullis';
import { LEASE_MS } from '../../examples/worker/src/replay-object.ts';
import { objectRateStore, objectReplayStore } from '../../examples/worker/src/stores.ts';

/** What two stores answered to the same calls. */
export interface Compared {
  readonly objects: readonly unknown[];
  readonly memory: readonly unknown[];
}

/** Numbers from 0 to below `count`, the same for the same seed. */
function draws(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

/**
 * Random calls with two keys and two bodies. A claim that waits is not waited for; in the end all that are held are released,
 * so that those who wait get them one after the other.
 */
export async function compareReplays(namespace: DurableObjectNamespace<ReplayStore>, seed: number): Promise<Compared> {
  const draw = draws(seed);
  const objects: unknown[] = [];
  const memory: unknown[] = [];
  const stores = [objectReplayStore(inOrder(namespace)), memoryReplayStore()] as const;
  const said = [objects, memory] as const;
  const waiting: Promise<void>[] = [];

  async function claim(step: number, key: string, digest: string): Promise<void> {
    const claims = stores.map((store) => store.claim(key, digest, 0));
    const isWaiting = claims[1] instanceof Promise;
    const done = claims.map(async (claimed, at) => {
      said[at]![step] = [isWaiting, await claimed];
    });
    if (isWaiting) waiting.push(...done);
    else await Promise.all(done);
  }

  async function release(key: string, digest: string): Promise<void> {
    for (const store of stores) await store.release(key, digest);
  }

  for (let step = 0; step < 40; step++) {
    const key = `seed ${seed} key ${draw(2)}`;
    const digest = `body ${draw(2)}`;
    const call = draw(8);
    const answer = draw(3) === 0 ? undefined : { status: 200, headers: {}, body: String(step) };
    if (call === 0) for (const store of stores) await store.commit(key, digest, answer, 0, 60_000);
    else if (call === 1) await release(key, digest);
    else await claim(step, key, digest);
  }
  for (let turn = 0; turn < 40; turn++) {
    for (const key of [0, 1]) for (const body of [0, 1]) await release(`seed ${seed} key ${key}`, `body ${body}`);
  }
  await Promise.all(waiting);
  return { objects, memory };
}

/** Random calls with two keys under limits so slow that nothing flows back in the meantime. */
export async function compareRates(namespace: DurableObjectNamespace<RateStore>, seed: number): Promise<Compared> {
  const run = async (store: RateStore): Promise<readonly unknown[]> => {
    const draw = draws(seed);
    const said: unknown[] = [];
    for (let step = 0; step < 40; step++) {
      const limits = { rate: 0.00001, burst: 10, dailyQuota: draw(2) === 0 ? 15 : undefined };
      const key = `seed ${seed} key ${draw(2)}`;
      const cost = draw(4);
      const call = (['take', 'take', 'peek', 'charge'] as const)[draw(4)]!;
      const result = await store[call](key, cost, limits, Date.now());
      said.push(result && [result.ok, result.refusedBy ?? null, result.remaining, result.quota?.remaining ?? null]);
    }
    return said;
  };
  return { objects: await run(objectRateStore(namespace)), memory: await run(memoryRateStore()) };
}

/** What becomes of a claim that nobody ends, and of an answer past its time. */
export async function outlive(namespace: DurableObjectNamespace<ReplayStore>): Promise<readonly unknown[]> {
  const store = objectReplayStore(namespace);
  const said: unknown[] = [];
  const { now } = Date;
  let later = 0;
  // Objects of one Worker share its globals.
  Date.now = () => now() + later;
  try {
    said.push(await store.claim('lifetime', 'body', 0), await store.claim('lifetime', 'body', 0));
    later = LEASE_MS + 60_000;
    said.push(await store.claim('lifetime', 'body', 0));
    await store.commit('lifetime', 'body', undefined, 0, 60_000);
    said.push(await store.claim('lifetime', 'body', 0));
    later += 120_000;
    said.push(await store.claim('lifetime', 'body', 0));
    await store.release('lifetime', 'body');
  } finally {
    Date.now = now;
  }
  return said;
}

/** The same stub for the same object: calls of one arrive in the order in which they were made. */
function inOrder<T>(namespace: DurableObjectNamespace<T>): DurableObjectNamespace<T> {
  const stubs = new Map<object, DurableObjectStub<T>>();
  const names = new Map<string, object>();
  return {
    idFromName(name) {
      const id = names.get(name) ?? namespace.idFromName(name);
      names.set(name, id);
      return id;
    },
    get(id) {
      const stub = stubs.get(id) ?? namespace.get(id);
      stubs.set(id, stub);
      return stub;
    },
  };
}
