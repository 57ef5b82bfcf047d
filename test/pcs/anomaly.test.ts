import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, type Gate } from '../../src/gate.ts';
import type { Guard } from '../../src/guard.ts';
import {
  anomalyScoreV1,
  anomalyScoreV2,
  type PcsAnomalyOptions,
  type PcsSignals,
  pcsAnomaly,
} from '../../src/pcs/anomaly.ts';
import { DEFAULT_PCS_POLICY, type PcsPolicy } from '../../src/pcs/policy.ts';
import { PCS_FACT, type Regime } from '../../src/pcs/record.ts';
import { regimeOf } from '../../src/pcs/regime.ts';
import { buildExchange, createFakeClock, type FakeClock } from '../../src/testing.ts';

const P = DEFAULT_PCS_POLICY;
const REGIMES: readonly Regime[] = ['sticky', 'mixed', 'non_sticky'];

/** A record with the regime that its signals have, or another. */
function signals(D_hat: number, coh_star: number, r: number, mismatch = false): PcsSignals {
  const regime = regimeOf(D_hat, coh_star, P);
  const other = REGIMES.find((word) => word !== regime) as Regime;
  return { D_hat, coh_star, r, regime: mismatch ? other : regime };
}

const inBounds = (max: number) => fc.double({ min: 0, max, noNaN: true });
const anyRecord = fc.tuple(inBounds(3.5), inBounds(1.05), inBounds(1), fc.boolean());

const REAL = readFileSync(new URL('../../fixtures/pcs/real-inputs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as PcsSignals & { readonly source: string });

describe('formula v1', () => {
  it.each<[string, PcsSignals, number]>([
    ['nothing unusual', signals(1.2, 0.3, 0.5), 0],
    // 0.30 · (0.5 - 0.25) / 0.5
    ['a low D', signals(0.25, 0.3, 0.5), 0.15],
    // 0.30 · (3.15 - 2.8) / 0.7
    ['a high D', signals(3.15, 0.3, 0.5), 0.15],
    ['D at its inner edges', signals(0.5, 0.3, 0.5), 0],
    ['D at its inner edges', signals(2.8, 0.3, 0.5), 0],
    // 0.25 · (0.9 - 0.8) · (2.7 - 2.5)
    ['coherent though high', signals(2.7, 0.9, 0.5), 0.005],
    ['coherent, D at 2.5', signals(2.5, 0.9, 0.5), 0],
    // 0.20 · (0.1 - 0.025) / 0.1
    ['a low r', signals(1.2, 0.3, 0.025), 0.15],
    // 0.20 · (0.975 - 0.95) / 0.05
    ['a high r', signals(1.2, 0.3, 0.975), 0.1],
    // 0.25 · 0.4
    ['another regime', signals(1.2, 0.3, 0.5, true), 0.1],
    // 0.30 + 0.25 · 0.25 · 1 + 0.20 + 0.10
    ['everything at once', signals(3.5, 1.05, 0, true), 0.6625],
    // Outside the bounds nothing is clamped: 0.30 · (7 - 2.8) / 0.7
    ['a D of 7', signals(7, 0.3, 0.5), 1.8],
  ])('%s', (_what, record, expected) => {
    expect(anomalyScoreV1(record, P)).toBeCloseTo(expected, 12);
  });

  it('cannot exceed 0.6625 inside the sanity bounds, so 0.8 never fires', () => {
    let most = 0;
    for (let d = 0; d <= 70; d++) {
      for (let coh = 0; coh <= 21; coh++) {
        for (let r = 0; r <= 20; r++) {
          most = Math.max(most, anomalyScoreV1(signals(d / 20, coh / 20, r / 20, true), P));
        }
      }
    }
    expect(most).toBeCloseTo(0.6625, 12);
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(anomalyScoreV1(signals(...record), P)).toBeLessThanOrEqual(0.6625 + 1e-12);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('formula v2', () => {
  // (1 - Π (1 - 0.6 f)) / (1 - 0.4⁴), computed with fractions in python3.
  it.each<[string, PcsSignals, number]>([
    ['nothing unusual', signals(1.2, 0.3, 0.5), 0],
    ['the inner edge of every factor', signals(2.8, 0.8, 0.95), 0],
    ['D 0', signals(0, 0.3, 0.5), 0.6157635467980295],
    ['D 3.5', signals(3.5, 0.3, 0.5), 0.6157635467980295],
    ['half an extreme D', signals(0.25, 0.3, 0.5), 0.3 / 0.9744],
    ['r 0', signals(1.2, 0.3, 0), 0.6157635467980295],
    ['r 1', signals(1.2, 0.3, 1), 0.6157635467980295],
    ['another regime', signals(1.2, 0.3, 0.5, true), 0.6157635467980295],
    // Factors 1 and 0.2 / 0.7: (1 - 0.4 · (1 - 0.6 · 2 / 7)) / 0.9744
    ['D 3 on lines', signals(3, 1, 0.5), (1 - 0.4 * (1 - 1.2 / 7)) / 0.9744],
    // 0.5 · 0.4
    ['half coherent, D 2.7', signals(2.7, 0.9, 0.5), 0.12 / 0.9744],
    ['D 0 and r 0', signals(0, 0.3, 0), 0.8620689655172413],
    ['D 0, r 1, another regime', signals(0, 0.3, 1, true), 0.960591133004926],
  ])('%s', (_what, record, expected) => {
    expect(anomalyScoreV2(record, P)).toBeCloseTo(expected, 12);
  });

  it('reaches 1 exactly', () => {
    expect(anomalyScoreV2(signals(3.5, 1, 0, true), P)).toBe(1);
    expect(anomalyScoreV2(signals(3.5, 1.05, 1, true), P)).toBe(1);
    expect(anomalyScoreV2(signals(3.5, 1, 0), P)).toBeLessThan(1);
  });

  it('lies in 0..1, and never falls towards an extreme', () => {
    fc.assert(
      fc.property(anyRecord, fc.double({ min: 0, max: 1, noNaN: true }), ([d, coh, r, mismatch], by) => {
        const score = anomalyScoreV2(signals(d, coh, r, mismatch), P);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        const farther = (value: number, middle: number, low: number, high: number): number =>
          value < middle ? value + by * (low - value) : value + by * (high - value);
        const atLeast = (record: PcsSignals): void =>
          expect(anomalyScoreV2(record, P)).toBeGreaterThanOrEqual(score - 1e-12);
        atLeast(signals(farther(d, 0.5, 0, 3.5), coh, r, mismatch));
        atLeast(signals(d, coh + by * (1.05 - coh), r, mismatch));
        atLeast(signals(d, coh, farther(r, 0.5, 0, 1), mismatch));
        atLeast(signals(d, coh, r, true));
      }),
      { numRuns: 500 },
    );
  });

  it('alerts on one extreme signal, and escalates on two', () => {
    const extremes = [
      (record: PcsSignals) => ({ ...record, D_hat: 0 }),
      (record: PcsSignals) => ({ ...record, r: 0 }),
      (record: PcsSignals) => ({ ...record, regime: 'non_sticky' as const }),
    ];
    const plain = signals(1.2, 0.3, 0.5);
    for (const one of extremes) {
      expect(anomalyScoreV2(one(plain), P)).toBeGreaterThanOrEqual(P.anomalyAlert);
      expect(anomalyScoreV2(one(plain), P)).toBeLessThan(P.anomalyEscalate);
      for (const two of extremes) {
        if (two !== one) expect(anomalyScoreV2(one(two(plain)), P)).toBeGreaterThanOrEqual(P.anomalyEscalate);
      }
    }
  });
});

describe('real records', () => {
  it('score 0 by both formulas, all 510', () => {
    expect(REAL).toHaveLength(510);
    for (const record of REAL) {
      expect(anomalyScoreV1(record, P)).toBe(0);
      expect(anomalyScoreV2(record, P)).toBe(0);
    }
  });

  it('stay below the alert threshold beside the records of their tenant, though its streams differ', async () => {
    const { submit } = harness();
    let most = 0;
    for (const record of REAL) {
      const { outcome, facts } = await submit(record);
      expect(outcome).toBe('allow');
      most = Math.max(most, facts.anomaly_score as number);
    }
    expect(most).toBeLessThan(P.anomalyAlert);
  });
});

function harness(options: PcsAnomalyOptions = {}, stage: 'enforce' | 'report-only' = 'enforce') {
  const clock: FakeClock = createFakeClock(Date.UTC(2030, 0, 1));
  const anomaly = pcsAnomaly(options);
  const signature: Guard = {
    name: 'signature',
    inspect: (exchange) => (exchange.path === '/forged' ? { kind: 'deny', code: 'PTC_D303' } : { kind: 'pass' }),
  };
  const format: Guard = {
    name: 'pcs-format',
    reads: 'body',
    inspect(exchange) {
      const json = exchange.json();
      return { kind: 'pass', facts: { [PCS_FACT]: json.ok ? json.document.value : undefined } };
    },
  };
  const gate: Gate = createGate({
    guards: [signature, format, anomaly],
    stages: { signature: stage, 'pcs-format': stage, anomaly: stage },
    tenant: (exchange) => exchange.header('x-tenant-id'),
    clock,
  });
  const submit = (record: object, tenant = 'a', url = '/') =>
    gate.inspect(buildExchange({ url, body: record, headers: { 'x-tenant-id': tenant } }));
  return { submit, gate, clock };
}

describe('the guard', () => {
  it('flags from the alert threshold on and escalates from the other', async () => {
    const { submit } = harness({ adaptive: false });
    expect((await submit(signals(1.2, 0.3, 0.5))).verdicts[2]?.verdict).toEqual({
      kind: 'pass',
      facts: {
        anomaly_score: 0,
        anomaly_factors: { 'extreme-d': 0, 'coherence-conflict': 0, 'extreme-r': 0, 'regime-mismatch': 0 },
      },
    });
    const flagged = await submit(signals(0, 0.3, 0.5));
    expect(flagged).toMatchObject({ outcome: 'allow', facts: { anomaly_factors: { 'extreme-d': 1 } } });
    expect(flagged.verdicts[2]?.verdict).toMatchObject({
      kind: 'flag',
      code: 'PTC_D508',
      findings: [{ rule: 'anomaly/extreme-d', place: { in: 'body', pointer: '/D_hat' }, score: 1 }],
    });
    expect(await submit(signals(0, 0.3, 0))).toMatchObject({ outcome: 'escalate', status: 202, code: 'PTC_D509' });
  });

  it('takes thresholds from the policy of the tenant', async () => {
    const strict: PcsPolicy = { ...P, anomalyAlert: 0.1, anomalyEscalate: 0.3 };
    const { submit } = harness({ policy: (tenant) => (tenant === 'strict' ? strict : P) });
    const record = signals(0.25, 0.3, 0.5); // 0.3079
    expect((await submit(record, 'strict')).outcome).toBe('escalate');
    expect((await submit(record, 'lax')).outcome).toBe('allow');
  });

  it('scores by v1 where asked to, clamped', async () => {
    const { submit } = harness({ formula: 'v1' });
    const scoreOf = async (record: object): Promise<unknown> => (await submit(record)).facts.anomaly_score;
    expect(await scoreOf(signals(3.5, 1.05, 0, true))).toBeCloseTo(0.6625, 12);
    expect(await scoreOf(signals(100, 1, 0.5))).toBe(1);
    expect(Object.keys((await submit(signals(1, 0, 0.5))).facts.anomaly_factors as object)).toHaveLength(4);
  });

  it('passes where there is no record', async () => {
    const gate = createGate({ guards: [pcsAnomaly()], stages: { anomaly: 'enforce' } });
    expect(await gate.inspect(buildExchange({ body: 'x' }))).toMatchObject({
      outcome: 'allow',
      facts: { anomaly_score: 0 },
    });
  });

  it.each<[unknown, RegExp]>([
    [{ formula: 'v3' }, /PTC_E003.*pcsAnomaly\.formula/],
    [{ formula: 'v1', adaptive: true }, /PTC_E003.*pcsAnomaly\.adaptive/],
    [{ adaptive: 'yes' }, /PTC_E002.*pcsAnomaly\.adaptive/],
    [{ policy: {} }, /PTC_E001.*pcsAnomaly\.policy/],
    [{ factors: [] }, /PTC_E004.*pcsAnomaly\.factors/],
  ])('refuses %j', (options, message) => {
    expect(() => pcsAnomaly(options as PcsAnomalyOptions)).toThrow(message);
  });
});

describe('adaptive factors', () => {
  /** Sends good records, one every ten seconds. */
  async function settleIn({ submit, clock }: ReturnType<typeof harness>, count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      clock.advance(10_000);
      expect((await submit(signals(1 + (n % 5) * 0.01, 0.2, 0.35))).facts.anomaly_score).toBe(0);
    }
  }
  const factorsOf = async (submitted: Promise<{ readonly facts: Readonly<Record<string, unknown>> }>) =>
    (await submitted).facts.anomaly_factors as Readonly<Record<string, number>>;

  it('alert, and no more, when a tenant’s records change; then they get used to it', async () => {
    const run = harness();
    await settleIn(run, 64);
    const changed = await run.submit(signals(2.4, 0.6, 0.8));
    expect(changed.facts.anomaly_factors).toMatchObject({ deviation: 1, 'extreme-d': 0 });
    expect(changed.outcome).toBe('allow');
    expect(changed.facts.anomaly_score).toBeGreaterThanOrEqual(P.anomalyAlert);
    for (let n = 0; n < 40; n++) {
      run.clock.advance(10_000);
      expect((await run.submit(signals(2.4, 0.6, 0.8))).outcome).toBe('allow');
    }
    expect((await factorsOf(run.submit(signals(2.4, 0.6, 0.8)))).deviation).toBe(0);
  });

  it('never count before they are warm, nor for another tenant', async () => {
    const run = harness();
    await settleIn(run, 31);
    expect((await factorsOf(run.submit(signals(2.4, 0.6, 0.8), 'a'))).deviation).toBe(0);
    expect((await factorsOf(run.submit(signals(2.4, 0.6, 0.8), 'b'))).deviation).toBe(0);
    expect((await factorsOf(run.submit(signals(2.4, 0.6, 0.8), 'a'))).deviation).toBe(1);
  });

  it('see a spike, and a burst of forged signatures; together they escalate', async () => {
    const run = harness();
    await settleIn(run, 90);
    const record = signals(1.02, 0.2, 0.35);
    run.clock.advance(60_000);
    for (let n = 0; n < 85; n++) await run.submit(record);
    const spike = await run.submit(record);
    expect(spike.facts.anomaly_factors).toMatchObject({ 'rate-spike': 1, 'failure-burst': 0 });
    expect(spike.outcome).toBe('allow');
    for (let n = 0; n < 25; n++) expect((await run.submit(record, 'a', '/forged')).status).toBe(401);
    await run.gate.flush();
    const both = await run.submit(record);
    expect(both.facts.anomaly_factors).toMatchObject({ 'rate-spike': 1, 'failure-burst': 1 });
    expect(both).toMatchObject({ outcome: 'escalate', code: 'PTC_D509' });
  });

  it('do not let forged signatures alone hold up a tenant', async () => {
    const run = harness();
    for (let n = 0; n < 500; n++) await run.submit({}, 'a', '/forged');
    await run.gate.flush();
    const decision = await run.submit(signals(1, 0.2, 0.35));
    expect(decision.facts.anomaly_factors).toMatchObject({ 'failure-burst': 1 });
    expect(decision.outcome).toBe('allow');
  });

  it('learn the same while all guards only report', async () => {
    const request = fc.tuple(anyRecord, fc.boolean(), fc.constantFrom(0, 1_000, 70_000));
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 40, maxLength: 80 }), async (requests) => {
        const [enforced, reporting] = [harness({}, 'enforce'), harness({}, 'report-only')];
        for (const [record, forged, later] of requests) {
          const decisions = [];
          for (const run of [enforced, reporting]) {
            run.clock.advance(later);
            decisions.push(await run.submit(signals(...record), 'a', forged ? '/forged' : '/'));
            await run.gate.flush();
          }
          const [real, shadow] = decisions;
          if (!forged) expect(shadow?.facts).toEqual(real?.facts);
          expect(shadow?.wouldBe.code).toBe(real?.code);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are gone where they are off', async () => {
    const { submit } = harness({ adaptive: false });
    expect(Object.keys(await factorsOf(submit(signals(1, 0.2, 0.35))))).toHaveLength(4);
  });
});
