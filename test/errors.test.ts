import { expect, test } from 'vitest';
import { ConfigError, kindOf } from '../src/errors.ts';

test('one line: code, meaning, option, kind of value, remedy', () => {
  const error = new ConfigError('PTC_E003', 'gate.x', 'secret value', 'give less');
  expect(error.message).toBe('PTC_E003 An option is out of range: gate.x is a string of 12 characters; give less');
  expect([error.name, error.code, error.option]).toEqual(['ConfigError', 'PTC_E003', 'gate.x']);
});

test('a name with line breaks stays on the line', () => {
  const error = new ConfigError('PTC_E004', 'tenants.a\nb\u2028c\u0007', {}, 'use another');
  expect(error.message).toBe('PTC_E004 An option is not known: tenants.a?b?c? is an object; use another');
});

test.each([
  [undefined, 'missing'],
  [null, 'null'],
  ['', 'an empty string'],
  ['secret', 'a string of 6 characters'],
  [5, 'the number 5'],
  [Number.NaN, 'not a finite number'],
  [true, 'true'],
  [[], 'an empty array'],
  [['secret'], 'an array of 1'],
  [{ secret: 1 }, 'an object'],
  [() => 'secret', 'a function'],
  [Symbol('secret'), 'a symbol'],
  [10n, 'a bigint'],
])('the kind of a value, never the value: %s', (value, kind) => {
  expect(kindOf(value)).toBe(kind);
});
