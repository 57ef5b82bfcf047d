import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('fr_nir', { positive: 15, negative: 15 });

const isValue = wholeValueOf('fr_nir');

// The examples of Wikipedia, python-stdnum and nir_validate; with Corsica's departments.
test.each([
  '269054958815780',
  '295109912611193',
  '255081416802538',
  '186022A21532523',
  '253072A07300443',
  '253072B07300470',
])('%s passes, and one wrong digit is found out', (value) => {
  expect(isValue(value)).toBe(true);
  expect(wrongDigits(value).filter(isValue)).toEqual([]);
});
