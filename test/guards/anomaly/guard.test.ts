import { describe, expect, it } from 'vitest';
import { createGate } from '../../../src/gate.ts';
import type { Guard, Verdict } from '../../../src/guard.ts';
import { failureBurst } from '../../../src/guards/anomaly/bursts.ts';
import { type AnomalyOptions, anomaly, type Factor, MAX_FACTORS } from '../../../src/guards/anomaly/guard.ts';
import { buildExchange, createFakeClock } from '../../../src/testing.ts';
import { contextOf } from './context.ts';

const constant = (id: string, score: unknown, pointer?: string): Factor => ({
  id,
  score: () => score as number,
  ...(pointer !== undefined && { pointer }),
});

async function inspect(options: AnomalyOptions, tenant?: string): Promise<Verdict> {
  return anomaly(options).inspect(buildExchange(), contextOf({ tenant }));
}

const first = ([score]: readonly number[]): number => score ?? 0;

describe('the verdict', () => {
  it.each([
    [0, 'pass'],
    [0.4999, 'pass'],
    [0.5, 'flag'],
    [0.7999, 'flag'],
    [0.8, 'escalate'],
    [1, 'escalate'],
  ])('at a score of %d is %s', async (score, kind) => {
    const verdict = await inspect({ factors: [constant('one', score)], combine: first });
    expect(verdict.kind).toBe(kind);
    expect(verdict.facts).toEqual({ anomaly_score: score, anomaly_factors: { one: score } });
  });

  it('has a code, and a finding for each factor above 0', async () => {
    const factors = [constant('a', 1, '/a'), constant('b', 0), constant('c', 0.25)];
    expect(await inspect({ factors, combine: () => 0.6 })).toEqual({
      kind: 'flag',
      code: 'PTC_D508',
      findings: [
        { rule: 'anomaly/a', place: { in: 'body', pointer: '/a' }, score: 1 },
        { rule: 'anomaly/c', place: { in: 'body', pointer: '' }, score: 0.25 },
      ],
      facts: { anomaly_score: 0.6, anomaly_factors: { a: 1, b: 0, c: 0.25 } },
    });
    expect(await inspect({ factors, combine: () => 0.9 })).toMatchObject({ kind: 'escalate', code: 'PTC_D509' });
    expect((await inspect({ factors, combine: () => 0.1 })).findings).toBeUndefined();
  });

  it('clamps factors and score; what is no number is extreme', async () => {
    const factors = [
      constant('high', 7),
      constant('low', -7),
      constant('nan', Number.NaN),
      constant('infinite', Infinity),
      constant('nothing', undefined),
    ];
    expect((await inspect({ factors, combine: () => 0 })).facts?.anomaly_factors).toEqual({
      high: 1,
      low: 0,
      nan: 1,
      infinite: 1,
      nothing: 1,
    });
    expect((await inspect({ factors, combine: () => 3 })).facts?.anomaly_score).toBe(1);
    expect((await inspect({ factors, combine: () => Number.NaN })).kind).toBe('escalate');
  });

  it('combines by noisy-or unless told otherwise', async () => {
    const one = await inspect({ factors: [constant('a', 1), constant('b', 0)] });
    const two = await inspect({ factors: [constant('a', 1), constant('b', 1)] });
    expect([one.kind, two.kind]).toEqual(['flag', 'escalate']);
  });
});

describe('thresholds', () => {
  it('may be each tenant’s own', async () => {
    const options: AnomalyOptions = {
      factors: [constant('one', 0.3)],
      combine: first,
      alert: (tenant) => (tenant === 'strict' ? 0.1 : 0.4),
      escalate: (tenant) => (tenant === 'strict' ? 0.2 : 0.9),
    };
    expect((await inspect(options, 'strict')).kind).toBe('escalate');
    expect((await inspect(options, 'lax')).kind).toBe('pass');
  });

  it('that are no numbers are a failure of the guard, closed', async () => {
    const guard = anomaly({ factors: [constant('one', 0)], alert: () => Number.NaN });
    const gate = createGate({ guards: [guard], stages: { anomaly: 'enforce' } });
    expect(await gate.inspect(buildExchange())).toMatchObject({ status: 503, code: 'PTC_D801' });
  });
});

describe('learning', () => {
  it('happens once per exchange, after the decision, and never before it is scored', async () => {
    const calls: string[] = [];
    const factor: Factor = {
      id: 'one',
      score: () => {
        calls.push('score');
        return 0;
      },
      learn: (_exchange, decision) => calls.push(`learn ${decision.outcome}`),
      record: (decision) => calls.push(`record ${decision.outcome}`),
    };
    const guard = anomaly({ factors: [factor] });
    const gate = createGate({ guards: [guard] });
    await gate.inspect(buildExchange());
    expect(calls).toEqual(['score', 'learn allow']);
    await gate.flush();
    expect(calls).toEqual(['score', 'learn allow', 'record allow']);
  });

  it.each(['enforce', 'report-only'] as const)('counts signatures that failed before it: %s', async (stage) => {
    const signature: Guard = {
      name: 'signature',
      inspect: (exchange) => (exchange.path === '/bad' ? { kind: 'deny', code: 'PTC_D303' } : { kind: 'pass' }),
    };
    const guard = anomaly({ factors: [failureBurst()] });
    const gate = createGate({
      guards: [signature, guard],
      stages: { signature: stage, anomaly: stage },
      tenant: () => 'a',
      clock: createFakeClock(),
    });
    for (let n = 0; n < 25; n++) await gate.inspect(buildExchange({ url: '/bad' }));
    await gate.flush();
    const decision = await gate.inspect(buildExchange({ url: '/good' }));
    expect(decision.facts.anomaly_factors).toEqual({ 'failure-burst': 1 });
    expect(decision).toMatchObject({ outcome: 'allow', wouldBe: { outcome: 'allow' } });
  });
});

describe('options', () => {
  it('give the guard its name and failure mode', () => {
    expect(anomaly({ factors: [constant('a', 0)] })).toMatchObject({
      name: 'anomaly',
      reads: 'body',
      onError: 'closed',
    });
    expect(anomaly({ factors: [constant('a', 0)], name: 'odd', onError: 'open' })).toMatchObject({
      name: 'odd',
      onError: 'open',
    });
  });

  const factors = [constant('a', 0)];
  it.each<[unknown, RegExp]>([
    [undefined, /PTC_E001.*anomaly\.factors/],
    [{ factors: [] }, /PTC_E002.*anomaly\.factors/],
    [{ factors: new Array(MAX_FACTORS + 1).fill(factors[0]) }, /PTC_E002.*anomaly\.factors/],
    [{ factors: [constant('Bad', 0)] }, /PTC_E002.*anomaly\.factors\[0\]\.id/],
    [{ factors: [constant('__proto__', 0)] }, /PTC_E002.*anomaly\.factors\[0\]\.id/],
    [{ factors: [constant('a', 0), constant('a', 0)] }, /PTC_E003.*anomaly\.factors\[1\]\.id/],
    [{ factors: [{ id: 'a' }] }, /PTC_E001.*anomaly\.factors\[0\]\.score/],
    [{ factors: [{ id: 'a', score: () => 0, learn: 1 }] }, /PTC_E002.*anomaly\.factors\[0\]\.learn/],
    [{ factors, combine: 1 }, /PTC_E002.*anomaly\.combine/],
    [{ factors, alert: 1.1 }, /PTC_E003.*anomaly\.alert/],
    [{ factors, alert: 0.9 }, /PTC_E003.*anomaly\.alert/],
    [{ factors, escalate: 0.4 }, /PTC_E003.*anomaly\.alert/],
    [{ factors, threshold: 1 }, /PTC_E004.*anomaly\.threshold/],
  ])('%# are refused', (options, message) => {
    expect(() => anomaly(options as AnomalyOptions)).toThrow(message);
  });
});
