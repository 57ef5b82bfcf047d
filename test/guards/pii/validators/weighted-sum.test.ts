import { expect, test } from 'vitest';
import { weightedSum } from '../../../../src/guards/pii/validators/weighted-sum.ts';

test('adds up each digit times its weight', () => {
  // The worked example of a Dutch explanation of the eleven test: 9 + 16 + 21 + 24 + 25 + 24 + 21 + 16 - 2.
  expect(weightedSum('123456782', [9, 8, 7, 6, 5, 4, 3, 2, -1])).toBe(154);
  expect(weightedSum('', [1, 2])).toBe(0);
  expect(weightedSum('99', [1])).toBe(9);
});
