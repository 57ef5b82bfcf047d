import { expect, test } from 'vitest';
import { describeType, wholeValueOf, wrongDigits } from '../corpus.ts';

describeType('it_codice_fiscale', { positive: 15, negative: 15 });

const isValue = wholeValueOf('it_codice_fiscale');

// The usual example, and those of Wikipedia and python-stdnum: three with letters for digits, as namesakes have them.
test.each([
  'RSSMRA80A01H501U',
  'MRTMTT91D08F205J',
  'RCCMNL83S18D969H',
  'FOXDRA26C24H872Y',
  'RSSMRA45C12F20RX',
  'RSSMRA45C12F2L5N',
  'RSSMRA45C12F2LRI',
])('%s passes, and one wrong digit is found out', (value) => {
  expect(isValue(value)).toBe(true);
  expect(wrongDigits(value).filter(isValue)).toEqual([]);
});

test('one wrong letter is found out', () => {
  const value = 'RSSMRA80A01H501U';
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const wrong = [...value].flatMap((char, at) =>
    letters.filter((letter) => letter !== char).map((letter) => value.slice(0, at) + letter + value.slice(at + 1)),
  );
  expect(wrong.filter(isValue)).toEqual([]);
});
