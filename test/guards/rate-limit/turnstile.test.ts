import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLimits } from '../../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../../src/guards/rate-limit/memory-store.ts';
import type { RateResult } from '../../../src/guards/rate-limit/store.ts';
import { createTurnstile, MAX_DRY_KEYS, type Turn, type Turnstile } from '../../../src/guards/rate-limit/turnstile.ts';

const LIMITS = checkLimits('test', { rate: 10, burst: 20 });
const T = Date.UTC(2030, 0, 1);

const refused = (waitMs: number, refusedBy: 'rate' | 'quota' = 'rate'): RateResult => ({
  ok: false,
  waitMs,
  refusedBy,
  remaining: 0,
  nextMs: waitMs,
});
const taken = (remaining: number, nextMs: number): RateResult => ({ ok: true, waitMs: 0, remaining, nextMs });

/** A turnstile of which one request has found out that there is a token in 100 ms. */
function dry(wait = refused(100)): Turnstile {
  const turnstile = createTurnstile();
  expect(turnstile.enter({}, 'k', LIMITS, T)).toBe('go');
  turnstile.told({}, 'k', LIMITS, T, wait);
  return turnstile;
}

/** What a promise has come to by now. */
async function soFar(turn: Turn | Promise<Turn>): Promise<Turn | 'waits'> {
  return Promise.race([turn, new Promise<'waits'>((resolve) => setImmediate(() => resolve('waits')))]);
}

describe('a key without tokens', () => {
  test('is refused until there is one, with the wait from its own time on, and not a millisecond longer', () => {
    const turnstile = dry();
    expect(turnstile.enter({}, 'k', LIMITS, T)).toEqual({ waitMs: 100, refusedBy: 'rate' });
    expect(turnstile.enter({}, 'k', LIMITS, T + 99)).toEqual({ waitMs: 1, refusedBy: 'rate' });
    expect(turnstile.enter({}, 'k', LIMITS, T + 100)).toBe('go');
    expect(turnstile.enter({}, 'another', LIMITS, T)).toBe('go');
  });

  test('others wait for the one that may find a token, and are refused where it has taken it', async () => {
    const turnstile = dry();
    const first = {};
    expect(turnstile.enter(first, 'k', LIMITS, T + 100)).toBe('go');
    const second = turnstile.enter({}, 'k', LIMITS, T + 130);
    expect(await soFar(second)).toBe('waits');
    turnstile.told(first, 'k', LIMITS, T + 100, taken(0, 100));
    expect(await soFar(second)).toEqual({ waitMs: 70, refusedBy: 'rate' });
  });

  test('one that the store has spoken to is no longer under way, though it is not over', () => {
    const turnstile = dry();
    const first = {};
    turnstile.enter(first, 'k', LIMITS, T + 100);
    turnstile.told(first, 'k', LIMITS, T + 100, taken(1, 0));
    expect(turnstile.enter({}, 'k', LIMITS, T + 101)).toBe('go');
  });

  test('one that is refused before the store, as for a wrong signature, leaves its turn to the next', async () => {
    const turnstile = dry();
    const strangers = [{}, {}];
    expect(turnstile.enter(strangers[0]!, 'k', LIMITS, T + 100)).toBe('go');
    const second = turnstile.enter(strangers[1]!, 'k', LIMITS, T + 101);
    const owner = turnstile.enter({}, 'k', LIMITS, T + 102);
    turnstile.leave(strangers[0]!);
    expect([await soFar(second), await soFar(owner)]).toEqual(['go', 'waits']);
    turnstile.leave(strangers[1]!);
    expect(await soFar(owner)).toBe('go');
  });

  test('one that no longer waits is passed by', async () => {
    const turnstile = dry();
    const first = {};
    const impatient = {};
    turnstile.enter(first, 'k', LIMITS, T + 100);
    turnstile.enter(impatient, 'k', LIMITS, T + 101);
    const third = turnstile.enter({}, 'k', LIMITS, T + 102);
    turnstile.leave(impatient);
    turnstile.leave(first);
    expect(await soFar(third)).toBe('go');
  });

  test('as many are under way at once as there can be tokens', async () => {
    const turnstile = dry();
    // 10 a second from 100 ms on: three by 300 ms.
    const turns = [1, 2, 3, 4].map(() => turnstile.enter({}, 'k', LIMITS, T + 300));
    expect(await Promise.all(turns.map(soFar))).toEqual(['go', 'go', 'go', 'waits']);
  });

  test('a wait of a day is believed for a second, then one at a time asks again', async () => {
    const turnstile = dry(refused(86_400_000, 'quota'));
    expect(turnstile.enter({}, 'k', LIMITS, T + 999)).toEqual({ waitMs: 86_399_001, refusedBy: 'quota' });
    const probe = {};
    expect(turnstile.enter(probe, 'k', LIMITS, T + 1_000)).toBe('go');
    const second = turnstile.enter({}, 'k', LIMITS, T + 1_001);
    expect(await soFar(second)).toBe('waits');
    turnstile.told(probe, 'k', LIMITS, T + 1_000, refused(86_399_000, 'quota'));
    expect(await soFar(second)).toEqual({ waitMs: 86_398_999, refusedBy: 'quota' });
  });

  test('a daily quota whose last request has passed counts as one that refuses', () => {
    const turnstile = dry();
    const probe = {};
    turnstile.enter(probe, 'k', LIMITS, T + 100);
    const quota = { remaining: 0, resetMs: 5_000 };
    turnstile.told(probe, 'k', LIMITS, T + 100, { ...taken(3, 0), quota });
    expect(turnstile.enter({}, 'k', LIMITS, T + 200)).toEqual({ waitMs: 4_900, refusedBy: 'quota' });
  });
});

describe('nothing is known any more', () => {
  test('of limits that changed: those who wait go on too', async () => {
    const turnstile = dry();
    turnstile.enter({}, 'k', LIMITS, T + 100);
    const second = turnstile.enter({}, 'k', LIMITS, T + 100);
    expect(turnstile.enter({}, 'k', checkLimits('test', LIMITS), T + 1)).toBe('go');
    expect(await soFar(second)).toBe('go');
    expect(turnstile.enter({}, 'k', LIMITS, T + 1)).toBe('go');
  });

  test.each([
    ['a clock that was set back', -1],
    ['long after there should be tokens', 2_000],
  ])('by %s', (_name, later) => {
    const turnstile = dry();
    expect(turnstile.enter({}, 'k', LIMITS, T + later)).toBe('go');
    expect(turnstile.enter({}, 'k', LIMITS, T + 1)).toBe('go');
  });

  test('once half a bucket is there', async () => {
    const turnstile = dry();
    const probe = {};
    turnstile.enter(probe, 'k', LIMITS, T + 1_050);
    turnstile.told(probe, 'k', LIMITS, T + 1_050, taken(10, 0));
    const turns = Array.from({ length: 40 }, () => turnstile.enter({}, 'k', LIMITS, T + 1_050));
    expect(new Set(await Promise.all(turns.map(soFar)))).toEqual(new Set(['go']));
  });
});

test('only what the store refused begins it', () => {
  const turnstile = createTurnstile();
  turnstile.told({}, 'k', LIMITS, T, taken(0, 100));
  turnstile.leave({});
  expect(turnstile.enter({}, 'k', LIMITS, T)).toBe('go');
});

test('a number of keys is remembered, the newest ones; a long one is not', () => {
  const turnstile = createTurnstile();
  for (let at = 0; at <= MAX_DRY_KEYS; at++) turnstile.told({}, `k${at}`, LIMITS, T, refused(100));
  turnstile.told({}, 'x'.repeat(129), LIMITS, T, refused(100));
  const known = (key: string): boolean => turnstile.enter({}, key, LIMITS, T) !== 'go';
  expect([known('k0'), known('k1'), known(`k${MAX_DRY_KEYS}`), known('x'.repeat(129))]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

/** One request: when it comes after the one before, how long it takes to the store and to its end, and whether it gets there. */
const request = fc.record({
  gap: fc.nat(40),
  toStore: fc.nat(120),
  toEnd: fc.nat(60),
  isStranger: fc.boolean(),
});

test('nobody is refused whom the store would have let pass, and nobody waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 60 }),
      fc.record({
        rate: fc.integer({ min: 1, max: 100 }),
        burst: fc.integer({ min: 1, max: 10 }),
        dailyQuota: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      }),
      async (requests, given) => {
        const limits = checkLimits('test', given);
        const store = memoryRateStore();
        const turnstile = createTurnstile();
        const due: { at: number; run: () => unknown }[] = [];
        const wrongly: RateResult[] = [];
        let answered = 0;
        let now = T;
        const after = (ms: number, run: () => unknown): unknown => due.push({ at: now + ms, run });

        const come = async (visitor: (typeof requests)[number], arrived: number): Promise<void> => {
          const turn = await turnstile.enter(visitor, 'k', limits, arrived);
          if (turn !== 'go') {
            const would = store.peek('k', 1, limits, arrived) as RateResult;
            if (would.ok || turn.waitMs > would.waitMs) wrongly.push(would);
            turnstile.leave(visitor);
            answered++;
            return;
          }
          after(visitor.toStore, () => {
            if (!visitor.isStranger) {
              const result = store.take('k', 1, limits, arrived) as RateResult;
              turnstile.told(visitor, 'k', limits, arrived, result);
            }
            after(visitor.toEnd, () => {
              turnstile.leave(visitor);
              answered++;
            });
          });
        };

        let arrival = 0;
        for (const visitor of requests) {
          arrival += visitor.gap;
          const arrived = T + arrival;
          due.push({ at: arrived, run: () => void come(visitor, arrived) });
        }
        while (due.length > 0) {
          due.sort((a, b) => a.at - b.at);
          const next = due.shift()!;
          now = next.at;
          next.run();
          for (let turn = 0; turn < 5; turn++) await null;
        }
        expect([answered, wrongly]).toEqual([requests.length, []]);
      },
    ),
    { numRuns: 300 },
  );
});
