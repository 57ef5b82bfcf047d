import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('au_medicare', { positive: 15 });

const scanner = createScanner({ types: ['au_medicare'], threshold: 0 });

// METEOR 270101: 2123 45670 1. The issue and the holder's place are not part of the sum.
test('of ten check digits, one is right', () => {
  const right = [...'0123456789'].filter((digit) => scanner.scan(`2123 4567${digit} 1`).length > 0);
  expect(right).toEqual(['0']);
  for (const issue of '123456789') expect(scanner.scan(`2123 45670 ${issue}`)).toHaveLength(1);
});

test('the worked example of doccy.com.au passes', () => {
  expect(scanner.scan('2951 87312 5 1')).toHaveLength(1);
});

test('one wrong digit before the check is found out', () => {
  for (const at of [0, 1, 2, 3, 5, 6, 7, 8]) {
    for (const digit of '0123456789') {
      const other = `${'2123 45670 1'.slice(0, at)}${digit}${'2123 45670 1'.slice(at + 1)}`;
      if (other !== '2123 45670 1') expect(scanner.scan(other), other).toEqual([]);
    }
  }
});
