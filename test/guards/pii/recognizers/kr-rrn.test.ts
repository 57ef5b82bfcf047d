import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('kr_rrn', { positive: 15 });

const scanner = createScanner({ types: ['kr_rrn'], threshold: 0 });

// Reckoned in Python from the published weights.
test('a right check digit is worth more than a wrong one', () => {
  const sure = [...'0123456789'].filter((digit) => scanner.scan(`900101-123456${digit}`)[0]!.confidence >= 0.5);
  expect(sure).toEqual(['8']);
});

test.each(['880411-2238459', '760406-1679592', '900417-2806195', '931112-6271351'])(
  '%s, made up for the tests of python-stdnum, is sure',
  (value) => {
    expect(scanner.scan(value)[0]!.confidence).toBeGreaterThanOrEqual(0.5);
  },
);

test('foreigners have two more, or the same', () => {
  const sure = [...'0123456789'].filter((digit) => scanner.scan(`880808-512345${digit}`)[0]!.confidence >= 0.5);
  expect(sure).toEqual(['3', '5']);
});

test('a changed digit is never sure, unless sum and date allow it', () => {
  const value = '900101-1234568';
  for (let at = 7; at < value.length; at++) {
    for (const digit of '12345678') {
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      if (other === value || at === 7) continue;
      expect(scanner.scan(other)[0]!.confidence, other).toBeLessThan(0.5);
    }
  }
});
