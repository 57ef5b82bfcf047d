import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('br_cnpj', { positive: 15 });

const scanner = createScanner({ types: ['br_cnpj'], threshold: 0 });

// The first is the example of Receita Federal and Serpro for letters.
const VALUES = ['12.ABC.345/01DE-35', '11.222.333/0001-81', '00.000.000/0001-91'];

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
