import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CheckedLimits, MAX_RATE, MAX_TOKENS, MIN_RATE } from '../../src/guards/rate-limit/limits.ts';
import { chargeTokens, peekTokens, type RateState, takeTokens } from '../../src/guards/rate-limit/state.ts';
import type { RateStore } from '../../src/guards/rate-limit/store.ts';

/** Two views of one store, as two gateways have them, which go by the time that they are told. The same one twice where only one process can see it. */
export type RateStores = readonly [RateStore, RateStore];

const NOON = Date.UTC(2026, 0, 2, 12);
const DAY = 86_400_000;

const limits = (rate: number, burst: number, dailyQuota?: number): CheckedLimits => ({ rate, burst, dailyQuota });

/** What every `RateStore` must do, whatever stands behind it. `open` gives an empty store; each test asks for its own. */
export function rateConformance(name: string, open: () => Promise<RateStores>): void {
  describe(`rate store: ${name}`, () => {
    test('takes a burst, then says the exact wait', async () => {
      const [store] = await open();
      const slow = limits(3, 2);
      expect(await store.take('k', 1, slow, NOON)).toEqual({ ok: true, waitMs: 0, remaining: 1, nextMs: 0 });
      expect(await store.take('k', 1, slow, NOON)).toEqual({ ok: true, waitMs: 0, remaining: 0, nextMs: 334 });
      const refused = { ok: false, waitMs: 334, refusedBy: 'rate', remaining: 0, nextMs: 334 };
      expect(await store.take('k', 1, slow, NOON)).toEqual(refused);
      // A third of a second is no whole number of milliseconds: one earlier there is no token.
      expect(await store.take('k', 1, slow, NOON + 333)).toMatchObject({ ok: false, waitMs: 1 });
      expect(await store.take('k', 1, slow, NOON + 334)).toMatchObject({ ok: true });
      expect(await store.take('k', 1, slow, NOON + 667)).toMatchObject({ ok: true });
      // Nothing was rounded on the way: after one second three tokens have flowed back, not two.
      expect(await store.take('k', 1, slow, NOON + 1_000)).toMatchObject({ ok: true });
    });

    test('the wait is exact also where a division rounds up or down', async () => {
      const [store] = await open();
      const odd = limits(0.7, 1_000);
      for (const spent of [1_020, 1_041, 1_062, 1_118]) {
        const key = String(spent);
        await store.charge(key, 1_000, odd, NOON);
        await store.charge(key, spent - 1_000, odd, NOON);
        const { waitMs } = await store.peek(key, 1, odd, NOON);
        expect(await store.peek(key, 1, odd, NOON + waitMs - 1)).toMatchObject({ ok: false, waitMs: 1 });
        expect(await store.peek(key, 1, odd, NOON + waitMs)).toMatchObject({ ok: true });
      }
    });

    test('a debt is at most one burst of the limits that hold now', async () => {
      const [store] = await open();
      await store.charge('k', 100, limits(1, 100), NOON);
      await store.charge('k', 100, limits(1, 100), NOON);
      expect(await store.peek('k', 1, limits(1, 100), NOON)).toMatchObject({ waitMs: 101_000 });
      expect(await store.peek('k', 1, limits(1, 10), NOON)).toMatchObject({ waitMs: 11_000 });
    });

    test('where bucket and quota are back at the same moment, it is the rate that makes wait', async () => {
      const [store] = await open();
      const both = limits(1, 1, 1);
      const last = Date.UTC(2026, 0, 3) - 1_000;
      expect((await store.take('k', 1, both, last)).ok).toBe(true);
      expect(await store.take('k', 1, both, last)).toMatchObject({ ok: false, refusedBy: 'rate', waitMs: 1_000 });
    });

    test('a quota ends at 00:00 UTC, and not a millisecond before', async () => {
      const [store] = await open();
      const daily = limits(1_000, 1_000, 3);
      const midnight = Date.UTC(2026, 0, 3);
      expect(await store.take('k', 3, daily, midnight - 10_000)).toMatchObject({
        ok: true,
        quota: { remaining: 0, resetMs: 10_000 },
      });
      const refused = { ok: false, refusedBy: 'quota', waitMs: 1, quota: { remaining: 0, resetMs: 1 } };
      expect(await store.take('k', 1, daily, midnight - 1)).toMatchObject(refused);
      expect(await store.take('k', 1, daily, midnight)).toMatchObject({
        ok: true,
        quota: { remaining: 2, resetMs: DAY },
      });
    });

    test('what the quota refuses takes nothing from the bucket, and the other way round', async () => {
      const [store] = await open();
      const both = limits(0.001, 5, 4);
      expect(await store.take('k', 3, both, NOON)).toMatchObject({ ok: true, remaining: 2, quota: { remaining: 1 } });
      // The bucket has two, the quota one.
      expect(await store.take('k', 2, both, NOON)).toMatchObject({ ok: false, refusedBy: 'quota', remaining: 2 });
      expect(await store.take('k', 1, both, NOON)).toMatchObject({ ok: true, remaining: 1, quota: { remaining: 0 } });
      const wide = limits(0.001, 5, 100);
      expect(await store.take('k', 2, wide, NOON)).toMatchObject({ refusedBy: 'rate', quota: { remaining: 96 } });
    });

    test('a clock that is set back gives no tokens and no second quota, and takes none away', async () => {
      const [store] = await open();
      const hourly = limits(1 / 3_600, 2, 3);
      expect((await store.take('k', 2, hourly, NOON)).ok).toBe(true);
      // Late by less than the slack: counts as the latest time seen.
      expect(await store.take('k', 1, hourly, NOON - 1_000)).toMatchObject({ ok: false, waitMs: 3_600_000 });
      // A day and a half back: the level stays, and refills from there on.
      const back = NOON - 1.5 * DAY;
      expect(await store.take('k', 1, hourly, back)).toMatchObject({ ok: false, waitMs: 3_600_000 });
      expect(await store.take('k', 1, hourly, back + 3_600_000)).toMatchObject({ ok: true, quota: { remaining: 0 } });
      expect(await store.take('k', 1, hourly, back + 7_200_000)).toMatchObject({ refusedBy: 'quota' });
    });

    test('peek takes nothing; charge takes what is not there, down to one burst of debt', async () => {
      const [store] = await open();
      const slow = limits(1, 4);
      for (let i = 0; i < 3; i++)
        expect(await store.peek('k', 4, slow, NOON)).toMatchObject({ ok: true, remaining: 4 });
      for (let i = 0; i < 5; i++) expect(await store.charge('k', 4, slow, NOON)).toBeUndefined();
      // Four of debt and one to take.
      expect(await store.peek('k', 1, slow, NOON)).toMatchObject({ ok: false, waitMs: 5_000, remaining: 0 });
      expect(await store.peek('k', 1, slow, NOON + 5_000)).toMatchObject({ ok: true });
    });

    test('costs of nothing are never refused; keys do not touch each other, however alike they look', async () => {
      const [store] = await open();
      const one = limits(0.001, 1, 1);
      const keys = [
        'a',
        'A',
        'a ',
        'a\n',
        'a:',
        'a}:{a',
        '{a}',
        'a*',
        '',
        'é',
        'e\u0301',
        '\ud800',
        '\ufffd',
        'x'.repeat(129),
        'x'.repeat(5_000),
      ];
      for (const key of keys)
        expect(await store.take(key, 1, one, NOON), JSON.stringify(key)).toMatchObject({ ok: true });
      for (const key of keys) {
        expect(await store.take(key, 1, one, NOON), JSON.stringify(key)).toMatchObject({ ok: false });
        expect(await store.take(key, 0, one, NOON)).toMatchObject({ ok: true, waitMs: 0 });
      }
    });

    test('of many at once exactly as many pass as there are tokens', async () => {
      const stores = await open();
      const some = limits(0.001, 50);
      const asked = Array.from({ length: 200 }, async (_, at) => stores[at % 2]!.take('k', 1, some, NOON));
      const results = await Promise.all(asked);
      expect(results.filter(({ ok }) => ok)).toHaveLength(50);
      expect(new Set(results.filter(({ ok }) => ok).map(({ remaining }) => remaining)).size).toBe(50);
      const quota = limits(1_000, 1_000, 30);
      const daily = await Promise.all(asked.map(async (_, at) => stores[at % 2]!.take('q', 1, quota, NOON)));
      expect(daily.filter(({ ok }) => ok)).toHaveLength(30);
    });

    test('says what the pure functions say, for any calls, limits and times', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
          const stores = await open();
          const model = new Map<string, RateState>();
          let now = NOON;
          for (const { what, key, at, share, by, under } of calls) {
            now = Math.max(0, now + by);
            const store = stores[at]!;
            const cost = Math.floor(share * Math.min(under.burst, under.dailyQuota ?? under.burst));
            const kept = model.get(key);
            if (what === 'peek') {
              expect(await store.peek(key, cost, under, now)).toEqual(peekTokens(kept, cost, under, now));
            } else if (what === 'take') {
              const { state, result } = takeTokens(kept, cost, under, now);
              model.set(key, state);
              expect(await store.take(key, cost, under, now)).toEqual(result);
            } else {
              model.set(key, chargeTokens(kept, cost, under, now));
              await store.charge(key, cost, under, now);
            }
          }
        }),
      );
    });
  });
}

const someLimits = fc.oneof(
  fc.constantFrom(limits(2, 4, 10), limits(2, 4), limits(1 / 3, 5, 7), limits(50, 100, 100_000)),
  fc.constantFrom(limits(MIN_RATE, 1), limits(MAX_RATE, MAX_TOKENS, MAX_TOKENS), limits(MIN_RATE, MAX_TOKENS)),
  fc.record({
    rate: fc.double({ min: MIN_RATE, max: 1_000, noNaN: true }),
    burst: fc.integer({ min: 1, max: 1_000 }),
    dailyQuota: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  }),
);

const call = fc.record({
  what: fc.constantFrom('take' as const, 'take' as const, 'peek' as const, 'charge' as const),
  key: fc.constantFrom('a', 'b'),
  at: fc.constantFrom(0 as const, 1 as const),
  share: fc.oneof(fc.constantFrom(0, 0.01, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  by: fc.oneof(
    fc.integer({ min: 0, max: 2_000 }),
    fc.integer({ min: -60_001, max: 60_001 }),
    fc.integer({ min: -3 * DAY, max: 3 * DAY }),
  ),
  under: someLimits,
});
