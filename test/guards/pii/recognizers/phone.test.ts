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

test('the codes are those that libphonenumber knows, and 379, which E.164 gives the Vatican', () => {
  const assigned =
    '1 7 20 27 30-34 36 39-41 43-49 51-58 60-66 81 82 84 86 90-95 98 211-213 216 218 220-258 260-269 290 291 297-299 ' +
    '350-359 370-383 385-387 389 420 421 423 500-509 590-599 670 672-683 685-692 800 808 850 852 853 855 856 870 878 ' +
    '880-883 886 888 960-968 970-977 979 992-996 998';
  const codes = assigned.split(' ').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last! - first + 1 }, (_, i) => first + i);
  });
  const found = new Set<number>();
  for (let digits = 0; digits < 1000; digits++) found.add(callingCode(String(digits).padStart(3, '0'), 0));
  found.delete(0);
  expect([...found].sort((a, b) => a - b)).toEqual(codes);
});

test('what looks like an example is less certain than what may be dialled', () => {
  const confidence = (text: string) => createScanner({ types: ['phone'] }).scan(text)[0]?.confidence ?? 0;
  expect(confidence('+1 415 555 2671')).toBeGreaterThan(confidence('415-555-2671'));
  expect(confidence('415-555-2671')).toBeGreaterThan(confidence('415-155-2671'));
  expect(confidence('415-155-2671')).toBeGreaterThan(confidence('115-155-2671'));
});
