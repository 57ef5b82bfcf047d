import { expect, test } from 'vitest';
import { insuredRateStore } from '../../../gateway/stores/insured-rate.ts';
import { memoryRateStore } from '../../../src/guards/rate-limit/memory-store.ts';
import type { RateStore } from '../../../src/guards/rate-limit/store.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const LIMITS = { rate: 100, burst: 200, dailyQuota: 120 };

/** A shared store that fails while it is told to. */
function breakable(): RateStore & { fails: boolean } {
  const store = memoryRateStore();
  const broken = {
    fails: false,
    take: async (...args: Parameters<RateStore['take']>) => working().take(...args),
    peek: async (...args: Parameters<RateStore['peek']>) => working().peek(...args),
    charge: async (...args: Parameters<RateStore['charge']>) => working().charge(...args),
  };
  function working(): RateStore {
    if (broken.fails) throw new Error('down');
    return store;
  }
  return broken;
}

async function taken(store: RateStore, asked: number, now: number): Promise<number> {
  let ok = 0;
  for (let i = 0; i < asked; i++) if ((await store.take('k', 1, LIMITS, now)).ok) ok++;
  return ok;
}

test('while the shared store works, nothing changes', async () => {
  const store = insuredRateStore(breakable(), 0.25);
  expect(await taken(store, 500, NOON)).toBe(120);
});

test('an outage has its part of the burst, then of the rate, and of the day', async () => {
  const shared = breakable();
  const store = insuredRateStore(shared, 0.25);
  shared.fails = true;
  // A quarter of 200 is 50, but a quarter of the day's 120 is 30.
  expect(await taken(store, 500, NOON)).toBe(30);
  const wide = { rate: 100, burst: 200, dailyQuota: undefined };
  let ok = 0;
  for (let i = 0; i < 500; i++) if ((await store.take('wide', 1, wide, NOON)).ok) ok++;
  expect(ok).toBe(50);
  for (let i = 0; i < 500; i++) if ((await store.take('wide', 1, wide, NOON + 1_000)).ok) ok++;
  expect(ok).toBe(75);
});

test('many short outages have no more of the day than one long one', async () => {
  const shared = breakable();
  const store = insuredRateStore(shared, 0.25);
  let insured = 0;
  for (let outage = 0; outage < 20; outage++) {
    shared.fails = true;
    insured += await taken(store, 10, NOON + outage * 60_000);
    shared.fails = false;
    await store.peek('k', 1, LIMITS, NOON + outage * 60_000);
  }
  expect(insured).toBe(30);
  // What the shared store knows is untouched by it.
  expect(await taken(store, 500, NOON + 3_600_000)).toBe(120);
});

test('what costs more than the part holds takes all of it; a quarter of a day of three is nothing', async () => {
  const shared = breakable();
  shared.fails = true;
  const store = insuredRateStore(shared, 0.25);
  expect((await store.take('dear', 200, LIMITS, NOON)).ok).toBe(true);
  expect((await store.peek('dear', 1, LIMITS, NOON)).ok).toBe(false);
  const one = { rate: 0.00001, burst: 1, dailyQuota: undefined };
  expect((await store.take('one', 1, one, NOON)).ok).toBe(true);
  expect((await store.take('one', 1, one, NOON)).ok).toBe(false);
  await store.charge('one', 1, one, NOON);
  const three = { rate: 1, burst: 10, dailyQuota: 3 };
  const refused = await store.take('three', 1, three, NOON);
  expect(refused).toMatchObject({ ok: false, refusedBy: 'quota', waitMs: 43_200_000, quota: { remaining: 0 } });
});

test.each([
  [0, 2],
  [1, 1],
  [2, 0],
  [8, 0],
])('of a day of 8, %i that passed before the outage leave %i to the insurance', async (before, left) => {
  const shared = breakable();
  const store = insuredRateStore(shared, 0.25);
  const day = { rate: 1_000, burst: 1_000, dailyQuota: 8 };
  for (let i = 0; i < before; i++) expect((await store.take('k', 1, day, NOON)).ok).toBe(true);
  shared.fails = true;
  let insured = 0;
  for (let i = 0; i < 10; i++) if ((await store.take('k', 1, day, NOON)).ok) insured++;
  expect(insured).toBe(left);
  // Another day, another part.
  expect((await store.take('k', 1, day, NOON + 86_400_000)).ok).toBe(true);
});
