import { expect, test } from 'vitest';
import { ibanAround, ibanEnd } from '../../../../src/guards/pii/recognizers/iban.ts';
import { describeType } from '../corpus.ts';

describeType('iban', { positive: 150, negative: 150 });

// The examples of the SWIFT IBAN registry.
const IBANS = [
  'DE89370400440532013000',
  'GB29NWBK60161331926819',
  'FR1420041010050500013M02606',
  'NO9386011117947',
  'MT84MALT011000012345MTLCAST001S',
  'CH9300762011623852957',
  'NL91ABNA0417164300',
  'ES9121000418450200051332',
  'IT60X0542811101000000123456',
  'BE68539007547034',
];

test.each(IBANS)('%s ends where it ends, bare and in groups', (iban) => {
  const grouped = iban.replace(/(.{4})(?=.)/g, '$1 ');
  expect(ibanEnd(iban, 0)).toBe(iban.length);
  expect(ibanEnd(`to ${grouped}, please`, 3)).toBe(3 + grouped.length);
  expect(ibanEnd(`${iban}1`, 0)).toBe(-1);
  expect(ibanEnd(iban.slice(0, -1), 0)).toBe(-1);
  expect(
    ibanEnd(
      iban.replace(/.(?=.$)/, (char) => (char === '1' ? '2' : '1')),
      0,
    ),
  ).toBe(-1);
});

test('an unknown country, lower case and doubled separators are none', () => {
  expect(ibanEnd('ZZ89370400440532013000', 0)).toBe(-1);
  expect(ibanEnd('de89370400440532013000', 0)).toBe(-1);
  expect(ibanEnd('DE89  3704 0044 0532 0130 00', 0)).toBe(-1);
});

test('digits know that they are inside one', () => {
  const text = 'IBAN DE89 3704 0044 0532 0130 00 and 3704';
  expect(ibanAround(text, text.indexOf('0532'), 0)).toBe(text.indexOf(' and'));
  expect(ibanAround(text, text.lastIndexOf('3704'), 0)).toBe(-1);
  expect(ibanAround(text, text.indexOf('0532'), 8)).toBe(-1);
});
