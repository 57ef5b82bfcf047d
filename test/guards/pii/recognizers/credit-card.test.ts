import { expect, test } from 'vitest';
import { issuedLengths } from '../../../../src/guards/pii/recognizers/issuers.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('credit_card', { positive: 150, negative: 150 });

test('issuer ranges end where they end', () => {
  const has = (firstSix: number, length: number) => (issuedLengths(firstSix) & (1 << length)) !== 0;
  // Wikipedia, Payment card number, and braintree/credit-card-type.
  for (const [inside, outside, length] of [
    [222100, 222099, 16],
    [272099, 272100, 16],
    [509999, 510000, 18],
    [340000, 339999, 15],
    [379999, 380000, 15],
    [352800, 352799, 16],
    [358999, 359000, 16],
    [644000, 643999, 16],
    [300000, 299999, 14],
    [308800, 308799, 16],
    [334999, 335000, 16],
    [220000, 219999, 16],
    [220599, 220600, 16],
    [500000, 499999, 18],
    [560000, 559999, 18],
    [589999, 590000, 16],
    [639999, 640000, 18],
    [670000, 669999, 19],
    [679999, 680000, 19],
    [829999, 830000, 16],
    [970499, 970500, 19],
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
