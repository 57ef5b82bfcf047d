import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('crypto_wallet', { positive: 15 });

const scanner = createScanner({ types: ['crypto_wallet'], threshold: 0 });

test('one wrong character in an address is found out', () => {
  for (const address of [
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
    '3P14159f73E4gFr7JterCCQh9QjiTjiZrG',
    'bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs',
  ]) {
    for (let at = 0; at < address.length; at++) {
      const other = address.slice(0, at) + (address.charAt(at) === 'q' ? 'p' : 'q') + address.slice(at + 1);
      expect(scanner.scan(other), other).toEqual([]);
    }
  }
});
