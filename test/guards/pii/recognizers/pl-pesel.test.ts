import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('pl_pesel', { positive: 15, negative: 15 });

const isValue = wholeValueOf('pl_pesel');

// The examples of Wikipedia and gov.pl.
test.each(['44051401359', '02070803628'])('%s passes, and one wrong digit is found out', (value) => {
  expect(isValue(value)).toBe(true);
  expect(wrongDigits(value).filter(isValue)).toEqual([]);
});

test('the month tells the century, and the day has to exist', () => {
  // Check digits from a few lines of Python.
  expect(['90020230044', '02270803624', '12430512343', '00222940018'].every(isValue)).toBe(true);
  expect(['01222940015', '99133112344', '70053212349'].some(isValue)).toBe(false);
});
