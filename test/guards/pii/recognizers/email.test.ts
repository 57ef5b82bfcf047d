import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('email', { positive: 150, negative: 150 });

const scanner = createScanner({ types: ['email'] });
const letters = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), minLength: min, maxLength: max });

test('any ordinary address is found whole, and no part of it outside', () => {
  const address = fc
    .tuple(
      letters(1, 30),
      letters(1, 20),
      fc.constantFrom('com', 'org', 'de', 'io', 'info', 'museum', 'travel', 'co.uk'),
    )
    .map(([local, domain, top]) => `${local}@${domain}.${top}`);
  fc.assert(
    fc.property(address, (value) => {
      expect(scanner.scan(`to ${value}, now`)).toEqual([
        { type: 'email', rule: 'pii/email', start: 3, end: 3 + value.length, confidence: 0.95 },
      ]);
    }),
  );
});

test('a local part has 64 characters at most, a domain 253, a label 63', () => {
  const found = (text: string) => scanner.scan(text).length;
  const label = 'd'.repeat(63);
  expect(found(`${'a'.repeat(64)}@example.com`)).toBe(1);
  expect(found(`${'a'.repeat(65)}@example.com`)).toBe(0);
  expect(found(`a@${label}.com`)).toBe(1);
  expect(found(`a@${label}d.com`)).toBe(0);
  expect(found(`a@${`${label}.`.repeat(3)}${'d'.repeat(57)}.com`)).toBe(1);
  expect(found(`a@${`${label}.`.repeat(3)}${'d'.repeat(58)}.com`)).toBe(0);
});
