import { expect, test } from 'vitest';
import { isSpanishLetter } from '../../../../src/guards/pii/validators/spanish-letter.ts';

test('the control letter of a number', () => {
  expect(isSpanishLetter('12345678', 'Z')).toBe(true);
  expect(isSpanishLetter('00000000', 'T')).toBe(true);
  expect([...'ABCDEFGHIJKLMNOPQRSTUVWXY'].some((letter) => isSpanishLetter('12345678', letter))).toBe(false);
});
