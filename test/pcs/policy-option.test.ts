import { expect, test } from 'vitest';
import { DEFAULT_PCS_POLICY, type PcsPolicy, STRICT_D_BOUNDS } from '../../src/pcs/policy.ts';
import { policyOption } from '../../src/pcs/policy-option.ts';

const check = (changes: Partial<PcsPolicy>): PcsPolicy =>
  policyOption('policy', { ...DEFAULT_PCS_POLICY, ...changes })(undefined);

test('the defaults, the strict bounds and the edges hold', () => {
  for (const changes of [
    {},
    STRICT_D_BOUNDS,
    { tolD: 0, tolCoh: 0, tolBudget: 0 },
    { minD: 1, maxD: 1 },
    { anomalyAlert: 0, anomalyEscalate: 0 },
    { anomalyAlert: 1, anomalyEscalate: 1 },
    { base: -1, alpha: -1, beta: -1, gamma: -1 },
  ]) {
    expect(check(changes)).toEqual({ ...DEFAULT_PCS_POLICY, ...changes });
  }
});

test.each<[Partial<PcsPolicy>, RegExp]>([
  [{ tolD: -0.01 }, /^PTC_E003 .*: policy\.tolD is the number -0\.01; give a number from 0 /],
  [{ tolCoh: -1 }, /^PTC_E003 .*: policy\.tolCoh/],
  [{ tolBudget: -1 }, /^PTC_E003 .*: policy\.tolBudget/],
  [{ minD: 2, maxD: 1.9 }, /^PTC_E003 .*: policy\.minD is the number 2; .*maxD/],
  [{ anomalyAlert: 0.81 }, /^PTC_E003 .*: policy\.anomalyAlert is the number 0\.81; .*anomalyEscalate/],
  [{ anomalyAlert: -0.1 }, /^PTC_E003 .*: policy\.anomalyAlert .*from 0 to 1/],
  [{ anomalyEscalate: 1.1 }, /^PTC_E003 .*: policy\.anomalyEscalate .*from 0 to 1/],
])('%j cannot be meant', (changes, message) => {
  expect(() => check(changes)).toThrow(message);
  expect(() => policyOption('policy', () => ({ ...DEFAULT_PCS_POLICY, ...changes }))('t')).toThrow(message);
});
