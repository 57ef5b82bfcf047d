import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ReplayBackend, type SharedReplayOptions, sharedReplayStore } from '../../gateway/stores/shared-replay.ts';
import type { ReplayStore } from '../../src/guards/replay/store.ts';

const ANSWER = { status: 200, headers: {}, body: 'x' };
const TTL = 60_000;

/**
 * What a place must do that several gateways share, besides what every replay store must: gateways die, stop for a while, and lose
 * answers on the way. `open` gives an empty place, and with it backends whose claims end after `leaseMs`.
 */
export function sharedConformance(name: string, open: () => Promise<(leaseMs: number) => ReplayBackend>): void {
  const gateway = (backend: ReplayBackend, options: SharedReplayOptions = {}): ReplayStore =>
    sharedReplayStore(backend, { waitMs: 20_000, ...options });

  describe(`shared replay: ${name}`, () => {
    test('the claim of a gateway that died ends, and another one goes on', async () => {
      const backend = (await open())(80);
      expect(await gateway(backend).claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
      expect(await gateway(backend).claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
    });

    test('who comes back after the claim has ended, and gives up, ends nobody else’s', async () => {
      const at = await open();
      const [late, next, third] = [gateway(at(60)), gateway(at(30_000)), gateway(at(60))];
      await late.claim('t|k', 'a', 0);
      expect(await next.claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
      await late.release('t|k', 'a');
      expect(await third.claim('t|k', 'b', 0)).toEqual({ kind: 'other-body' });
    });

    test('who comes back late and was accepted changes nothing, and those who waited here get the first answer', async () => {
      const at = await open();
      const [late, next, third] = [gateway(at(60)), gateway(at(30_000)), gateway(at(60))];
      await late.claim('t|k', 'a', 0);
      const waiting = late.claim('t|k', 'a', 0);
      expect(await next.claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
      await next.commit('t|k', 'a', ANSWER, 0, TTL);
      await late.commit('t|k', 'a', { ...ANSWER, body: 'late' }, 0, TTL);
      expect(await waiting).toEqual({ kind: 'stored', answer: ANSWER });
      expect(await third.claim('t|k', 'a', 0)).toEqual({ kind: 'stored', answer: ANSWER });
    });

    test('who waits longer than allowed is told so, and holds nothing', async () => {
      const backend = (await open())(30_000);
      const [owner, other] = [gateway(backend), gateway(backend, { waitMs: 30 })];
      await owner.claim('t|k', 'a', 0);
      const claims = await Promise.all([other.claim('t|k', 'a', 0), other.claim('t|k', 'a', 0)]);
      expect(claims).toEqual([{ kind: 'busy' }, { kind: 'busy' }]);
      await owner.release('t|k', 'a');
      expect(await owner.claim('t|k', 'b', 0)).toEqual({ kind: 'new' });
    });

    test('those who wait at one gateway are bounded', async () => {
      const store = gateway((await open())(30_000), { maxWaiting: 1 });
      await store.claim('t|k', 'a', 0);
      const first = store.claim('t|k', 'a', 0);
      expect(await store.claim('t|k', 'a', 0)).toEqual({ kind: 'busy' });
      await store.commit('t|k', 'a', ANSWER, 0, TTL);
      expect(await first).toEqual({ kind: 'stored', answer: ANSWER });
    });

    test('a claim whose answer was lost on the way is taken over by the same gateway at once', async () => {
      const backend = (await open())(30_000);
      let loses = true;
      const store = gateway({
        ...backend,
        async ask(...args) {
          const asked = await backend.ask(...args);
          if (loses) throw new Error('no answer in time');
          return asked;
        },
      });
      const both = [store.claim('t|k', 'a', 0), store.claim('t|k', 'a', 0)];
      for (const claim of both) await expect(claim).rejects.toThrow('no answer');
      loses = false;
      expect(await store.claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
    });

    test('an old question that arrives late takes nothing from a newer one', async () => {
      const backend = (await open())(30_000);
      const by = randomUUID();
      expect(await backend.ask('t|k', 'a', { gateway: by, serial: 6 }, false)).toEqual({ kind: 'new' });
      expect(await backend.ask('t|k', 'a', { gateway: by, serial: 5 }, false)).toEqual({ kind: 'held' });
      await backend.free('t|k', 'a', { gateway: by, serial: 5 });
      expect(await backend.ask('t|k', 'b', { gateway: by, serial: 7 }, false)).toEqual({ kind: 'other-body' });
    });

    test('a commit that fails tells those who wait, and the next one may try again', async () => {
      const backend = (await open())(30_000);
      let fails = true;
      const store = gateway({
        ...backend,
        keep: (...args) => (fails ? Promise.reject(new Error('down')) : backend.keep(...args)),
      });
      await store.claim('t|k', 'a', 0);
      const waiting = store.claim('t|k', 'a', 0);
      const told = expect(waiting).rejects.toThrow('down');
      await expect(store.commit('t|k', 'a', ANSWER, 0, TTL)).rejects.toThrow('down');
      await told;
      fails = false;
      expect(await store.claim('t|k', 'a', 0)).toEqual({ kind: 'new' });
    });
  });
}
