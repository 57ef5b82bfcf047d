import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('es_nie', { positive: 15, negative: 15 });

const isValue = wholeValueOf('es_nie');

// The usual example and those of python-stdnum; the last two from a few lines of Python.
test.each(['X1234567L', 'X2482300W', 'X5253868R', 'Y1234567X', 'Z1234567R'])(
  '%s passes, and one wrong digit is found out',
  (value) => {
    expect(isValue(value)).toBe(true);
    expect(wrongDigits(value).filter(isValue)).toEqual([]);
  },
);
