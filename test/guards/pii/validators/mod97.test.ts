import { expect, test } from 'vitest';
import { mod97 } from '../../../../src/guards/pii/validators/mod97.ts';

test('agrees with arithmetic on big integers', () => {
  for (const digits of ['3214282912345698765432161182', '0', '96', '97', '98', '123456789012345678901234567890']) {
    expect(mod97(digits)).toBe(Number(BigInt(digits) % 97n));
  }
});

test('letters count as 10 to 35', () => {
  expect(mod97('A')).toBe(10);
  expect(mod97('Z')).toBe(35);
  expect(mod97('WEST12345698765432GB82')).toBe(1);
});
