import { expect, test } from 'vitest';
import { isDate } from '../../../../src/guards/pii/validators/calendar.ts';

test('agrees with Date', () => {
  for (const year of [1800, 1899, 1900, 1996, 2000, 2001, 2100]) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const date = new Date(Date.UTC(year, month - 1, day));
        const isSame = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
        expect(isDate(year, month, day)).toBe(isSame);
      }
    }
  }
});
