import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decide.ts';
import {
  FAILURE_HALF_LIFE_MS,
  failureBurst,
  RATE_WARM_UP,
  RATE_WINDOW_MS,
  rateSpike,
} from '../../../src/guards/anomaly/bursts.ts';
import { STALE_AFTER_MS } from '../../../src/guards/anomaly/deviation.ts';
import { buildExchange } from '../../../src/testing.ts';
import { contextOf, decisionOf } from './context.ts';

const exchange = buildExchange();

describe('rateSpike', () => {
  function harness(options: Parameters<typeof rateSpike>[0] = {}) {
    const factor = rateSpike(options);
    return {
      score: (window: number, tenant = 'a'): number =>
        factor.score(exchange, contextOf({ tenant, now: window * RATE_WINDOW_MS })),
      send(window: number, count: number, decision: Decision = decisionOf(), tenant = 'a'): void {
        const context = contextOf({ tenant, now: window * RATE_WINDOW_MS });
        for (let n = 0; n < count; n++) factor.learn?.(exchange, decision, context);
      },
    };
  }

  it('says nothing until it is warm', () => {
    const { send, score } = harness();
    for (let window = 1; window <= RATE_WARM_UP; window++) send(window, 2);
    send(RATE_WARM_UP, 1_000);
    expect(score(RATE_WARM_UP)).toBe(0);
    send(RATE_WARM_UP + 1, 1_000);
    expect(score(RATE_WARM_UP + 1)).toBe(1);
  });

  it('counts from 3.5 to 7 spreads above the usual', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 9; window++) send(window, 100);
    // Usual 100, spread 0.25 · 100: 187.5 is 3.5 spreads above it, 275 is 7.
    send(10, 187);
    expect(score(10)).toBe(0);
    send(10, 44);
    expect(score(10)).toBeCloseTo((231 - 187.5) / 87.5, 12);
    send(10, 44);
    expect(score(10)).toBe(1);
  });

  it('lets a quiet tenant send some more', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 9; window++) send(window, 2);
    // Usual 2, spread 10.
    send(10, 37);
    expect(score(10)).toBe(0);
    send(10, 35);
    expect(score(10)).toBe(1);
  });

  it('does not take the batches of a tenant that is mostly silent for spikes', () => {
    const { send, score } = harness();
    for (let batch = 1; batch <= 20; batch++) {
      send(batch * 60, 500);
      expect(score(batch * 60)).toBe(0);
    }
    expect(score(21 * 60)).toBe(0);
  });

  it('counts every request that was taken in, and learns from the accepted ones', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 9; window++) {
      send(window, 10);
      send(window, 500, decisionOf({ outcome: 'escalate' }));
      send(window, 500, decisionOf({ outcome: 'deny' }));
    }
    send(10, 100, decisionOf({ outcome: 'deny' }));
    expect(score(10)).toBe(0);
    send(10, 100, decisionOf({ outcome: 'escalate' }));
    expect(score(10)).toBe(1);
  });

  it('follows a rate that stays', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 64; window++) send(window, 10);
    for (let window = 65; window <= 65 + 40; window++) send(window, 1_000);
    send(110, 1_000);
    expect(score(110)).toBe(0);
  });

  it('starts over when it has learned nothing for a day', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 9; window++) send(window, 10);
    const later = 10 + STALE_AFTER_MS / RATE_WINDOW_MS;
    send(later, 1_000);
    expect(score(later)).toBe(0);
  });

  it('keeps tenants apart and survives a clock that goes back', () => {
    const { send, score } = harness();
    for (let window = 1; window <= 9; window++) send(window, 10);
    send(10, 500);
    expect(score(10, 'b')).toBe(0);
    send(3, 500);
    expect(score(3)).toBe(0);
    expect(score(10)).toBe(1);
  });

  it.each<[object, RegExp]>([
    [{ windowMs: 10 }, /PTC_E003.*rateSpike\.windowMs/],
    [{ warmUp: 2 }, /PTC_E003.*rateSpike\.warmUp/],
    [{ minSpread: 0 }, /PTC_E003.*rateSpike\.minSpread/],
    [{ maxTenants: 0.5 }, /PTC_E003.*rateSpike\.maxTenants/],
    [{ window: 1 }, /PTC_E004.*rateSpike\.window/],
  ])('refuses %j', (options, message) => {
    expect(() => rateSpike(options)).toThrow(message);
  });
});

describe('failureBurst', () => {
  function harness(options: Parameters<typeof failureBurst>[0] = {}) {
    const factor = failureBurst(options);
    return {
      score: (now = 0, tenant: string | undefined = 'a'): number => factor.score(exchange, contextOf({ tenant, now })),
      fail(count: number, parts: Parameters<typeof decisionOf>[0] = { outcome: 'deny', code: 'PTC_D303' }): void {
        for (let n = 0; n < count; n++) factor.record?.(decisionOf(parts));
      },
    };
  }

  it('counts from 5 to 20 failures', () => {
    const { fail, score } = harness();
    fail(5);
    expect(score()).toBe(0);
    fail(6);
    expect(score()).toBeCloseTo(0.4, 12);
    fail(9);
    expect(score()).toBe(1);
  });

  it('forgets half of them in a half-life', () => {
    const { fail, score } = harness();
    fail(40);
    expect(score(FAILURE_HALF_LIFE_MS)).toBe(1);
    expect(score(2 * FAILURE_HALF_LIFE_MS)).toBeCloseTo(5 / 15, 12);
    expect(score(3 * FAILURE_HALF_LIFE_MS)).toBe(0);
    // 40 have become 10, and 10 more make 20.
    fail(10, { outcome: 'deny', code: 'PTC_D303', at: 2 * FAILURE_HALF_LIFE_MS });
    expect(score(2 * FAILURE_HALF_LIFE_MS)).toBe(1);
  });

  it('counts failures that are only reported, and nothing else', () => {
    const { fail, score } = harness();
    fail(50, {});
    fail(50, { outcome: 'deny', code: 'PTC_D304' });
    expect(score()).toBe(0);
    fail(20, { outcome: 'allow', would: { outcome: 'deny', code: 'PTC_D303' } });
    expect(score()).toBe(1);
  });

  it('keeps tenants apart', () => {
    const { fail, score } = harness();
    fail(20, { outcome: 'deny', code: 'PTC_D303', tenant: 'b' });
    expect(score(0, 'a')).toBe(0);
    expect(score(0, 'b')).toBe(1);
  });

  it('counts the codes it is told to', () => {
    const { fail, score } = harness({ codes: ['PTC_D305'], from: 1, to: 2 });
    fail(20);
    expect(score()).toBe(0);
    fail(2, { outcome: 'deny', code: 'PTC_D305' });
    expect(score()).toBe(1);
  });

  it.each<[object, RegExp]>([
    [{ codes: [] }, /PTC_E002.*failureBurst\.codes/],
    [{ codes: ['PTC_X'] }, /PTC_E002.*failureBurst\.codes/],
    [{ halfLifeMs: 1 }, /PTC_E003.*failureBurst\.halfLifeMs/],
    [{ from: 20, to: 20 }, /PTC_E003.*failureBurst\.to/],
    [{ after: 1 }, /PTC_E004.*failureBurst\.after/],
  ])('refuses %j', (options, message) => {
    expect(() => failureBurst(options)).toThrow(message);
  });
});
