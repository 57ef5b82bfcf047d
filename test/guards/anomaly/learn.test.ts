import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/decide.ts';
import { mayTeach, wasTakenIn } from '../../../src/guards/anomaly/learn.ts';
import { decisionOf } from './context.ts';

it.each<[Outcome, Outcome, boolean, boolean]>([
  // outcome, with every guard enforced, may teach, was taken in
  ['allow', 'allow', true, true],
  ['allow', 'escalate', false, true],
  ['escalate', 'escalate', false, true],
  ['allow', 'deny', false, false],
  ['allow', 'throttle', false, false],
  ['allow', 'answer', false, false],
  ['deny', 'deny', false, false],
  ['answer', 'answer', false, false],
  // A settlement that failed refuses what every verdict allowed.
  ['deny', 'allow', false, true],
])('%s, %s enforced: teaches %s, counts %s', (outcome, would, teaches, counts) => {
  const decision = decisionOf({ outcome, would: { outcome: would } });
  expect(mayTeach(decision)).toBe(teaches);
  expect(wasTakenIn(decision)).toBe(counts);
});
