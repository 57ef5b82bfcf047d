import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('date_of_birth', { positive: 15 });

const scanner = createScanner({ types: ['date_of_birth'], threshold: 0 });

test('every day of a year is found in every order, and no other', () => {
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  for (const year of [1999, 2000]) {
    for (let month = 1; month <= 13; month++) {
      for (let day = 28; day <= 32; day++) {
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        for (const text of [
          `${year}-${pad(month)}-${pad(day)}`,
          `${day}.${month}.${year}`,
          `${pad(month)}/${pad(day)}/${year}`,
        ]) {
          expect(scanner.scan(`born ${text}`).length, text).toBe(exists ? 1 : 0);
        }
      }
    }
  }
});

test('never counts without its word', () => {
  const usual = createScanner({ types: ['date_of_birth'] });
  expect(usual.scan('1980-03-12')).toEqual([]);
  expect(usual.scan('1980-03-12', { key: 'birthDate' })).toHaveLength(1);
  expect(usual.scan('1980-03-12', { key: 'createdAt' })).toEqual([]);
});
