import { expect, test } from 'vitest';
import { describeType, wholeValueOf } from '../corpus.ts';

describeType('uk_nino', { positive: 15, negative: 15 });

const isValue = wholeValueOf('uk_nino');
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

test('prefixes are those of NIM39110', () => {
  const found = LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).filter((prefix) =>
    isValue(`${prefix}123456A`),
  );
  // 20 first letters, 19 second ones, less the seven prefixes that are not given out.
  expect(found.length).toBe(20 * 19 - 7);
  expect(found.filter((prefix) => /[DFIQUV]|O$|^(?:BG|GB|KN|NK|NT|TN|ZZ)$/.test(prefix))).toEqual([]);
});

test('the example of Wikipedia passes, and that of NIM39110 does not', () => {
  expect(isValue('AB 12 34 56 C')).toBe(true);
  expect(isValue('QQ 12 34 56 A')).toBe(false);
});

test('the last letter is one of A to D', () => {
  expect(LETTERS.filter((letter) => isValue(`AB123456${letter}`)).join('')).toBe('ABCD');
});
