import { expect, test } from 'vitest';
import { describeType, wholeValueOf } from '../corpus.ts';

describeType('us_itin', { positive: 15, negative: 15 });

const isValue = wholeValueOf('us_itin');

test('fourth and fifth digit are of the ranges of IRM 3.21.263', () => {
  const found: number[] = [];
  for (let group = 0; group < 100; group++) {
    if (isValue(`912-${String(group).padStart(2, '0')}-3456`)) found.push(group);
  }
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
  expect(found).toEqual([...range(50, 65), ...range(70, 88), ...range(90, 92), ...range(94, 99)]);
});

test('the example of python-stdnum passes', () => {
  expect(isValue('912-90-3456')).toBe(true);
  expect(isValue('912-93-4567')).toBe(false);
});

test('no social security number is one', () => {
  expect(isValue('812-70-3456')).toBe(false);
});
