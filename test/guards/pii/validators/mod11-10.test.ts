import { expect, test } from 'vitest';
import { mod1110 } from '../../../../src/guards/pii/validators/mod11-10.ts';

// ISO 7064 names 0794 with check digit 5; the German numbers are Wikipedia's and ELSTER's.
test.each(['07945', '86095742719', '47036892816', '65929970489'])('%s ends in its check digit', (digits) => {
  expect(mod1110(digits)).toBe(true);
  const last = Number(digits.slice(-1));
  for (let other = 0; other < 10; other++) expect(mod1110(digits.slice(0, -1) + other)).toBe(other === last);
});
