import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decide.ts';
import { type DeviationOptions, deviation, STALE_AFTER_MS, WARM_UP } from '../../../src/guards/anomaly/deviation.ts';
import { buildExchange } from '../../../src/testing.ts';
import { contextOf, decisionOf } from './context.ts';

const exchange = buildExchange();

function harness(options: Partial<DeviationOptions> = {}) {
  const factor = deviation({
    signals: [{ value: (_exchange, { facts }) => facts.x as number | undefined, minSpread: 1 }],
    ...options,
  });
  const contextFor = (x: unknown, tenant: string | undefined, now: number) => contextOf({ tenant, now, facts: { x } });
  return {
    score: (x: unknown, tenant: string | undefined = 'a', now = 0): number =>
      factor.score(exchange, contextFor(x, tenant, now)),
    learn: (x: unknown, tenant: string | undefined = 'a', now = 0, decision: Decision = decisionOf()): void =>
      factor.learn?.(exchange, decision, contextFor(x, tenant, now)),
  };
}

describe('a baseline', () => {
  it('says nothing until it is warm', () => {
    const { learn, score } = harness();
    for (let n = 0; n < WARM_UP - 1; n++) learn(10);
    expect(score(1e6)).toBe(0);
    learn(10);
    expect(score(1e6)).toBe(1);
    expect(score(10)).toBe(0);
  });

  it('counts from 3.5 to 7 robust standard deviations, either way', () => {
    const { learn, score } = harness();
    // Median 0, MAD 2: a spread of 2 · 1.482602218505602 = 2.965204437011204.
    for (let n = 0; n < 32; n++) learn([-3, -2, 0, 0, 2, 3, -2, 2][n % 8]);
    expect(score(3.499 * 2.965204437011204)).toBe(0);
    expect(score(3.6 * 2.965204437011204)).toBeCloseTo(0.1 / 3.5, 12);
    expect(score(5.25 * 2.965204437011204)).toBeCloseTo(0.5, 12);
    expect(score(-5.25 * 2.965204437011204)).toBeCloseTo(0.5, 12);
    expect(score(7.001 * 2.965204437011204)).toBe(1);
  });

  it('takes a spread below the least for the least', () => {
    const { learn, score } = harness();
    for (let n = 0; n < 32; n++) learn(10);
    expect(score(13.5)).toBe(0);
    expect(score(15.25)).toBe(0.5);
  });

  it('does not judge a request by itself', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 8; n++) learn(10);
    expect(score(1e6)).toBe(1);
    learn(1e6);
    expect(score(1e6)).toBe(1);
  });

  it('learns from accepted requests only', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 64; n++) {
      learn(10, 'a', 0, decisionOf({ outcome: 'escalate' }));
      learn(10, 'a', 0, decisionOf({ outcome: 'allow', would: { outcome: 'deny' } }));
      learn(10, 'a', 0, decisionOf({ outcome: 'answer' }));
    }
    expect(score(1e6)).toBe(0);
  });

  it('follows a change that goes on, after half a window', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 64; n++) learn(10);
    for (let n = 0; n < 31; n++) learn(100);
    expect(score(100)).toBe(1);
    for (let n = 0; n < 33; n++) learn(100);
    expect(score(100)).toBe(0);
    expect(score(10)).toBe(1);
  });

  it('does not move for a minority of outliers', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 64; n++) learn(n % 3 === 0 ? 1e9 : 10);
    expect(score(1e9)).toBe(1);
    expect(score(11)).toBe(0);
  });

  it('starts over when it has learned nothing for a day', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 8; n++) learn(10);
    expect(score(1e6, 'a', STALE_AFTER_MS)).toBe(1);
    expect(score(1e6, 'a', STALE_AFTER_MS + 1)).toBe(0);
    for (let n = 0; n < 7; n++) learn(20, 'a', STALE_AFTER_MS + 1);
    expect(score(1e6, 'a', STALE_AFTER_MS + 1)).toBe(0);
    learn(20, 'a', STALE_AFTER_MS + 1);
    expect(score(1e6, 'a', STALE_AFTER_MS + 1)).toBe(1);
  });

  it('is each tenant’s own, nobody’s included', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 8; n++) {
      learn(10, 'a');
      learn(1e6, 'b');
    }
    expect(score(1e6, 'a')).toBe(1);
    expect(score(1e6, 'b')).toBe(0);
    expect(score(10, 'b')).toBe(1);
    expect(score(10, 'c')).toBe(0);
    expect(score(10, undefined)).toBe(0);
  });

  it('is forgotten where there are too many tenants', () => {
    const { learn, score } = harness({ warmUp: 8, maxTenants: 2 });
    for (const tenant of ['a', 'b', 'c']) {
      for (let n = 0; n < 8; n++) learn(10, tenant);
    }
    expect(score(1e6, 'a')).toBe(0);
    expect(score(1e6, 'b')).toBe(1);
    expect(score(1e6, 'c')).toBe(1);
  });

  it('neither learns nor judges what is no number', () => {
    const { learn, score } = harness({ warmUp: 8 });
    for (let n = 0; n < 8; n++) learn(10);
    for (const value of [undefined, Number.NaN, Infinity, '12']) learn(value);
    expect(score(undefined)).toBe(0);
    expect(score(10)).toBe(0);
    expect(score(Number.NaN)).toBe(1);
    expect(score(Infinity)).toBe(1);
  });
});

it('the signal that lies farthest counts', () => {
  const factor = deviation({
    warmUp: 8,
    signals: [
      { value: (_exchange, { facts }) => facts.x as number, minSpread: 1 },
      { value: (_exchange, { facts }) => facts.y as number, minSpread: 2 },
    ],
  });
  for (let n = 0; n < 8; n++) factor.learn?.(exchange, decisionOf(), contextOf({ facts: { x: 0, y: 0 } }));
  const score = (x: number, y: number): number => factor.score(exchange, contextOf({ facts: { x, y } }));
  expect(score(0, 0)).toBe(0);
  expect(score(5.25, 0)).toBe(0.5);
  expect(score(0, 10.5)).toBe(0.5);
  expect(score(5.25, 14)).toBe(1);
});

it.each<[unknown, RegExp]>([
  [undefined, /PTC_E001.*deviation\.signals/],
  [{ signals: [] }, /PTC_E002.*deviation\.signals/],
  [{ signals: [{ minSpread: 1 }] }, /PTC_E001.*deviation\.signals\[0\]\.value/],
  [{ signals: [{ value: () => 1 }] }, /PTC_E003.*deviation\.signals\[0\]\.minSpread/],
  [{ signals: [{ value: () => 1, minSpread: 0 }] }, /PTC_E003.*minSpread/],
  [{ signals: [{ value: () => 1, minSpread: 1 }], warmUp: 7 }, /PTC_E003.*deviation\.warmUp/],
  [{ signals: [{ value: () => 1, minSpread: 1 }], warmUp: 65 }, /PTC_E003.*deviation\.warmUp/],
  [{ signals: [{ value: () => 1, minSpread: 1 }], maxTenants: 0 }, /PTC_E003.*deviation\.maxTenants/],
  [{ signals: [{ value: () => 1, minSpread: 1 }], decay: 1 }, /PTC_E004.*deviation\.decay/],
])('options %# are refused', (options, message) => {
  expect(() => deviation(options as DeviationOptions)).toThrow(message);
});
