import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('nl_bsn', { positive: 15, negative: 15 });

const isValue = wholeValueOf('nl_bsn');

// RvIG test number; the usual examples of the eleven test.
test.each(['111222333', '123456782', '249566758'])('%s passes, and one wrong digit is found out', (value) => {
  expect(isValue(value)).toBe(true);
  expect(wrongDigits(value).filter(isValue)).toEqual([]);
});
