import type { RateStore, ReplayStore } from 'portcullis';

/** Objects among which a tenant's requests are shared out: one takes some hundreds a second. */
const REPLAY_SHARDS = 16;

/** A store whose every key is an object of its own. A call that fails rejects, and the guard's `onError` says what follows. */
export function objectRateStore(objects: DurableObjectNamespace<RateStore>): RateStore {
  const objectOf = (key: string): DurableObjectStub<RateStore> => objects.get(objects.idFromName(key));
  return {
    take: (key, cost, limits, now) => objectOf(key).take(key, cost, limits, now),
    peek: (key, cost, limits, now) => objectOf(key).peek(key, cost, limits, now),
    charge: (key, cost, limits, now) => objectOf(key).charge(key, cost, limits, now),
  };
}

/** A store whose keys are shared out among objects, the same key always to the same. */
export function objectReplayStore(objects: DurableObjectNamespace<ReplayStore>): ReplayStore {
  const objectOf = (key: string): DurableObjectStub<ReplayStore> =>
    objects.get(objects.idFromName(`replay-${hash(key) % REPLAY_SHARDS}`));
  return {
    claim: (key, digest, now) => objectOf(key).claim(key, digest, now),
    commit: (key, digest, answer, now, ttlMs) => objectOf(key).commit(key, digest, answer, now, ttlMs),
    release: (key, digest) => objectOf(key).release(key, digest),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
