import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('fi_hetu', { positive: 15 });

const scanner = createScanner({ types: ['fi_hetu'], threshold: 0 });

// Fictitious persons of the Digital and Population Data Services Agency.
const VALUES = ['131052-308T', '020504A902E', '010594Y9032', '010516B903X'];

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
