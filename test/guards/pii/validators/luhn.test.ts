import { expect, test } from 'vitest';
import { luhn } from '../../../../src/guards/pii/validators/luhn.ts';

test('the worked examples of ISO/IEC 7812-1 and US patent 2,950,048 hold', () => {
  expect(luhn('79927398713', 0, 11)).toBe(true);
  expect(luhn('17893729974', 0, 11)).toBe(true);
});

test('of ten check digits, one is right', () => {
  const right = [...'0123456789'].filter((digit) => luhn(`7992739871${digit}`, 0, 11));
  expect(right).toEqual(['3']);
});

test('what is no digit, and what is outside the range, is skipped', () => {
  expect(luhn('x7992-7398-713y9', 1, 14)).toBe(true);
  expect(luhn('79927398713', 0, 10)).toBe(false);
});
