import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('es_nif', { positive: 15, negative: 15 });

const isValue = wholeValueOf('es_nif');

// The examples of the Spanish interior ministry and of python-stdnum.
test.each(['12345678Z', '54362315K', '00000001R', '99999999R', '11111111H', 'L1111111G'])(
  '%s passes, and one wrong digit is found out',
  (value) => {
    expect(isValue(value)).toBe(true);
    expect(wrongDigits(value).filter(isValue)).toEqual([]);
  },
);
