import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('au_tfn', { positive: 15 });

const scanner = createScanner({ types: ['au_tfn'], threshold: 0 });

// Published examples of nine and of eight digits.
const VALUES = ['123 456 782', '876 543 210', '37118629', '85655734'];

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
