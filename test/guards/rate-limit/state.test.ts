import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeTokens, isAsNew, peekTokens, type RateState, takeTokens } from '../../../src/guards/rate-limit/state.ts';

const LIMITS = { rate: 2, burst: 4, dailyQuota: 10 };
const MIDDAY = Date.UTC(2026, 0, 2, 12);

test('what is kept is plain data: a state that went through JSON says the same', () => {
  const calls = fc.array(
    fc.record({
      call: fc.constantFrom('take', 'peek', 'charge'),
      cost: fc.integer({ min: 0, max: 4 }),
      after: fc.integer({ min: 0, max: 5_000 }),
      quota: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(calls, (list) => {
      let kept: RateState | undefined;
      let stored: string | undefined;
      let now = MIDDAY;
      for (const { call, cost, after, quota } of list) {
        now += after;
        const limits = { ...LIMITS, dailyQuota: quota ? LIMITS.dailyQuota : undefined };
        const read = stored === undefined ? undefined : (JSON.parse(stored) as RateState);
        if (call === 'peek') {
          expect(peekTokens(read, cost, limits, now)).toEqual(peekTokens(kept, cost, limits, now));
          continue;
        }
        if (call === 'take') {
          const [one, other] = [takeTokens(kept, cost, limits, now), takeTokens(read, cost, limits, now)];
          expect(other.result).toEqual(one.result);
          expect(peekTokens(kept, cost, limits, now).ok).toBe(one.result.ok);
          [kept, stored] = [one.state, JSON.stringify(other.state)];
        } else {
          kept = chargeTokens(kept, cost, limits, now);
          stored = JSON.stringify(chargeTokens(read, cost, limits, now));
        }
      }
    }),
  );
});

test('four at once, the fifth waits half a second, and the day ends after ten', () => {
  let state: RateState | undefined;
  const take = (now: number) => {
    const taken = takeTokens(state, 1, LIMITS, now);
    state = taken.state;
    return taken.result;
  };
  for (let at = 0; at < 4; at++) expect(take(MIDDAY)).toMatchObject({ ok: true, waitMs: 0, remaining: 3 - at });
  expect(take(MIDDAY)).toMatchObject({ ok: false, refusedBy: 'rate', waitMs: 500 });
  for (let at = 1; at <= 6; at++) expect(take(MIDDAY + 500 * at).ok).toBe(true);
  expect(take(MIDDAY + 60_000)).toMatchObject({ ok: false, refusedBy: 'quota', waitMs: 12 * 3_600_000 - 60_000 });
});

test('a key is as good as new when its bucket is full and nothing of the day is used', () => {
  const { state } = takeTokens(undefined, 1, { ...LIMITS, dailyQuota: undefined }, MIDDAY);
  expect(isAsNew(state, MIDDAY)).toBe(false);
  expect(isAsNew(state, MIDDAY + 500)).toBe(true);
  const { state: withQuota } = takeTokens(undefined, 1, LIMITS, MIDDAY);
  expect(isAsNew(withQuota, MIDDAY + 500)).toBe(false);
  expect(isAsNew(withQuota, MIDDAY + 12 * 3_600_000)).toBe(true);
});
