import { expect, test } from 'vitest';
import { issuedLengths } from '../../../../src/guards/pii/recognizers/issuers.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('credit_card', { positive: 150, negative: 150 });

test('issuer ranges end where they end', () => {
  const has = (firstSix: number, length: number) => (issuedLengths(firstSix) & (1 << length)) !== 0;
  // ISO/IEC 7812 ranges as the networks publish them.
  for (const [inside, outside, length] of [
    [222100, 222099, 16],
    [272099, 272100, 16],
    [510000, 509999, 16],
    [559999, 560000, 16],
    [340000, 339999, 15],
    [379999, 380000, 15],
    [352800, 352799, 16],
    [358999, 359000, 16],
    [644000, 643999, 16],
    [300000, 299999, 14],
  ] as const) {
    expect([has(inside, length), has(outside, length)]).toEqual([true, false]);
  }
  expect([has(400000, 13), has(400000, 14), has(400000, 16), has(400000, 19)]).toEqual([true, false, true, true]);
});

test('one wrong digit is found out', () => {
  const scanner = createScanner({ types: ['credit_card'] });
  const card = '4242424242424242';
  for (let at = 1; at < card.length; at++) {
    const wrong = `${card.slice(0, at)}${(Number(card[at]) + 1) % 10}${card.slice(at + 1)}`;
    expect(scanner.scan(wrong)).toEqual([]);
  }
});
