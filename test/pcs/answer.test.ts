import { describe, expect, it } from 'vitest';
import type { Outcome, Reason } from '../../src/decide.ts';
import { DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import { createGate } from '../../src/gate.ts';
import type { Guard, KnownResponse } from '../../src/guard.ts';
import { pcsAnswer } from '../../src/pcs/answer.ts';
import { pcsFormat } from '../../src/pcs/format.ts';
import { recompute } from '../../src/pcs/recompute.ts';
import { PCS_FACT } from '../../src/pcs/record.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { type Body, SAMPLE, SAMPLE_RECORD } from './sample.ts';

const FACTS = { [PCS_FACT]: SAMPLE_RECORD, recomputed_D_hat: 1, recomputed_budget: 0.349073359 };

function answer(outcome: Outcome, codes: readonly DecisionCode[] = [], facts: Body = FACTS): KnownResponse | undefined {
  const reasons: Reason[] = codes.map((code) => ({ guard: 'x', code, reason: DECISION_CODES[code].reason }));
  const status = outcome === 'escalate' ? 202 : 200;
  return pcsAnswer({ outcome, status, reasons, findings: [], patches: [], headers: { a: 'b' }, id: 'd-1', facts });
}

const bodyOf = (response: KnownResponse | undefined): Body => JSON.parse(response!.body) as Body;

describe('pcsAnswer', () => {
  it('says in full what was accepted', () => {
    expect(answer('allow')).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', a: 'b' },
      body:
        '{"pcs_id":"ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e","outcome":"accepted",' +
        '"accepted":true,"escalated":false,"D_hat":1,"recomputed_D_hat":1,"recomputed_budget":0.349073359,' +
        '"regime":"mixed","decision_id":"d-1"}',
    });
  });

  it.each([
    [['PTC_D506'], true, 'regime_mismatch'],
    [['PTC_D507'], true, 'budget_mismatch'],
    [['PTC_D509'], true, 'anomaly'],
    [['PTC_D509', 'PTC_D506'], true, 'anomaly'],
    [['PTC_D501'], false, 'd_hat_mismatch'],
    [['PTC_D502'], false, 'coherence_out_of_bounds'],
    [['PTC_D503'], false, 'nj_missing'],
    [['PTC_D504'], false, 'signal_out_of_range'],
    [['PTC_D505'], false, 'nj_not_monotonic'],
    [['PTC_D510'], false, 'nj_growth'],
    [['PTC_D412'], false, 'implausible'],
    [['PTC_D305'], false, 'vrf_invalid'],
    [['PTC_D509', 'PTC_D501'], false, 'd_hat_mismatch'],
    [['PTC_D506', 'PTC_D505', 'PTC_D501'], false, 'nj_not_monotonic'],
  ] as const)('escalated for %j: accepted %s, reason %s', (codes, accepted, reason) => {
    const response = answer('escalate', codes);
    expect(response?.status).toBe(202);
    expect(bodyOf(response)).toMatchObject({ outcome: 'escalated', accepted, escalated: true, reason });
  });

  it.each(['deny', 'throttle', 'answer'] as const)('has nothing to say to %s', (outcome) => {
    expect(answer(outcome, ['PTC_D501'])).toBeUndefined();
  });

  it('has nothing to say where no record was read', () => {
    expect(answer('allow', [], {})).toBeUndefined();
    expect(answer('escalate', ['PTC_D509'], {})).toBeUndefined();
  });

  it.each([null, undefined, Number.NaN, Infinity, '1'])('gives null for a recomputed value that is %s', (value) => {
    const facts = { ...FACTS, recomputed_D_hat: value, recomputed_budget: value };
    expect(bodyOf(answer('allow', [], facts))).toMatchObject({ recomputed_D_hat: null, recomputed_budget: null });
  });

  it('is the same bytes for the same decision', () => {
    expect(answer('escalate', ['PTC_D501'])).toEqual(answer('escalate', ['PTC_D501']));
  });
});

describe('the three together in a gate', () => {
  const guards: Guard[] = [pcsFormat(), recompute()];
  const gate = createGate({ guards, stages: { recompute: 'enforce' }, answer: pcsAnswer, newId: () => 'd-1' });
  const post = async (changes: Body): Promise<KnownResponse> =>
    (await gate.inspect(buildExchange({ body: { ...SAMPLE, ...changes } }))).response!;

  it.each([
    ['everything holds', {}, 200, { accepted: true, escalated: false, recomputed_D_hat: 1 }],
    ['regime mismatch', { regime: 'sticky' }, 202, { accepted: true, escalated: true, reason: 'regime_mismatch' }],
    ['budget off', { budget: 0.5 }, 202, { accepted: true, escalated: true, reason: 'budget_mismatch' }],
    ['D_hat off', { D_hat: 1.5 }, 202, { accepted: false, escalated: true, reason: 'd_hat_mismatch' }],
    ['N_j missing', { N_j: { 2: 4 } }, 202, { accepted: false, recomputed_D_hat: null, reason: 'nj_missing' }],
    [
      'coherence out of bounds',
      { coh_star: 1.2, regime: 'sticky', budget: 0.55 },
      202,
      { accepted: false, reason: 'coherence_out_of_bounds' },
    ],
    ['wrong schema', { schema: 'x' }, 400, { code: 'PTC_D403', guard: 'pcs-format' }],
    ['another id', { epoch: 2 }, 400, { code: 'PTC_D405', guard: 'pcs-format' }],
  ] as const)('%s', async (_name, changes, status, expected) => {
    const response = await post(changes);
    expect(response.status).toBe(status);
    expect(bodyOf(response)).toMatchObject(expected);
  });
});
