import { expect, test } from 'vitest';
import { callingCode, isNationalLength } from '../../../../src/guards/pii/recognizers/calling-codes.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('phone', { positive: 150, negative: 150 });

test('calling codes are read without doubt', () => {
  // ITU-T E.164, list of assigned codes.
  for (const [digits, code] of [
    ['14155552671', 1],
    ['442079460958', 44],
    ['35312345678', 353],
    ['79161234567', 7],
    ['999123456', 0],
    ['0', 0],
    ['', 0],
  ] as const) {
    expect(callingCode(digits, 0)).toBe(code);
    expect(callingCode(`+${digits}`, 1)).toBe(code);
  }
  // None is the beginning of another.
  for (let code = 1; code < 1000; code++) {
    if (isNationalLength(code, 9) || isNationalLength(code, 8)) expect(callingCode(String(code), 0)).toBe(code);
  }
});

test('what looks like an example is less certain than what may be dialled', () => {
  const confidence = (text: string) => createScanner({ types: ['phone'] }).scan(text)[0]?.confidence ?? 0;
  expect(confidence('+1 415 555 2671')).toBeGreaterThan(confidence('415-555-2671'));
  expect(confidence('415-555-2671')).toBeGreaterThan(confidence('415-155-2671'));
  expect(confidence('415-155-2671')).toBeGreaterThan(confidence('115-155-2671'));
});
