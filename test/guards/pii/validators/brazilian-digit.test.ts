import { expect, test } from 'vitest';
import { brazilianDigit } from '../../../../src/guards/pii/validators/brazilian-digit.ts';

// Made-up numbers in wide use; with letters, the example of Receita Federal and Serpro.
test.each([
  ['11144477735', 9, 11],
  ['52998224725', 9, 11],
  ['11222333000181', 12, 9],
  ['12ABC34501DE35', 12, 9],
])('%s has its two check digits', (value, first, most) => {
  for (const at of [first, first + 1]) {
    for (const digit of '0123456789') {
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      expect(brazilianDigit(other, at, most)).toBe(other === value);
    }
  }
});
