import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('in_aadhaar', { positive: 15 });

const scanner = createScanner({ types: ['in_aadhaar'], threshold: 0 });

// The first is a test number of the UIDAI; the second was reckoned in Python with another Verhoeff.
const VALUES = ['9999 4105 7058', '2345 6789 0124'];

test.each(VALUES)('%s: every other last character is wrong, and so is every other digit before', (value) => {
  expect(scanner.scan(value)).toHaveLength(1);
  for (let at = 0; at < value.length; at++) {
    if (!/[0-9]/.test(value.charAt(at))) continue;
    for (const digit of '0123456789') {
      if (digit === value.charAt(at)) continue;
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      expect(scanner.scan(other), other).toEqual([]);
    }
  }
});
