import { expect, test } from 'vitest';
import { verhoeff } from '../../../../src/guards/pii/validators/verhoeff.ts';

test("Verhoeff's worked examples hold", () => {
  expect(verhoeff('2363')).toBe(true);
  expect(verhoeff('758722')).toBe(true);
  expect(verhoeff('1428570')).toBe(true);
  expect(verhoeff('84736430954837284567892')).toBe(true);
});

test('one wrong digit and every exchange of neighbours is found out', () => {
  const value = '84736430954837284567892';
  for (let at = 0; at < value.length; at++) {
    for (const digit of '0123456789') {
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      expect(verhoeff(other)).toBe(other === value);
    }
    const exchanged = value.slice(0, at) + value.charAt(at + 1) + value.charAt(at) + value.slice(at + 2);
    expect(verhoeff(exchanged)).toBe(exchanged === value);
  }
});
