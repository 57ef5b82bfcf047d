import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('us_aba', { positive: 15, negative: 15 });

const isValue = wholeValueOf('us_aba');

// Numbers that the banks and the Federal Reserve publish.
test.each(['021000021', '111000025', '011000015', '026009593', '091000022'])(
  '%s passes, and one wrong digit is found out',
  (value) => {
    expect(isValue(value)).toBe(true);
    expect(wrongDigits(value).filter(isValue)).toEqual([]);
  },
);

test('the first two digits are of a Federal Reserve district, a thrift, an electronic number or a cheque', () => {
  const found: string[] = [];
  for (let first = 0; first < 100; first++) {
    const digits = String(first).padStart(2, '0');
    if (Array.from({ length: 10 }, (_, last) => `${digits}123456${last}`).some(isValue)) found.push(digits);
  }
  expect(found.join(' ')).toBe(
    '00 01 02 03 04 05 06 07 08 09 10 11 12 21 22 23 24 25 26 27 28 29 30 31 32 61 62 63 64 65 66 67 68 69 70 71 72 80',
  );
});
