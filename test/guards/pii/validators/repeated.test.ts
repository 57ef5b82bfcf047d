import { expect, test } from 'vitest';
import { isRepeated } from '../../../../src/guards/pii/validators/repeated.ts';

test('one character over and over', () => {
  expect(['', '0', '00', '999999999'].every(isRepeated)).toBe(true);
  expect(['01', '0001', '1000', '999899999'].some(isRepeated)).toBe(false);
});
