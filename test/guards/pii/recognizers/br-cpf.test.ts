import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('br_cpf', { positive: 15 });

const scanner = createScanner({ types: ['br_cpf'], threshold: 0 });

// Examples in wide use; made up.
const VALUES = ['111.444.777-35', '529.982.247-25'];

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
