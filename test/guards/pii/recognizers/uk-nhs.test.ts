import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('uk_nhs', { positive: 15, negative: 15 });

const isValue = wholeValueOf('uk_nhs');

// NHS Data Dictionary; NHS Digital developer guides.
test.each(['9434765919', '4010232137', '4505577104'])('%s passes, and one wrong digit is found out', (value) => {
  expect(isValue(value)).toBe(true);
  expect(wrongDigits(value).filter(isValue)).toEqual([]);
});

test('two digits that changed places are found out', () => {
  expect(['9343765919', '9437465919', '9434765991'].filter(isValue)).toEqual([]);
});
