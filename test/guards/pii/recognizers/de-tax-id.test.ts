import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('de_tax_id', { positive: 15, negative: 15 });

const isValue = wholeValueOf('de_tax_id');

// The examples of Wikipedia, ELSTER and python-stdnum.
test.each(['86095742719', '47036892816', '65929970489', '57549285017', '36574261809'])(
  '%s passes, and one wrong digit is found out',
  (value) => {
    expect(isValue(value)).toBe(true);
    expect(wrongDigits(value).filter(isValue)).toEqual([]);
  },
);
