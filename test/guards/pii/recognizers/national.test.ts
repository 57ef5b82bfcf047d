import { afterEach, describe, expect, test, vi } from 'vitest';
import { scanText } from '../../../../src/guards/pii/pass.ts';
import { planOf } from '../../../../src/guards/pii/plan.ts';
import { type NationalOptions, nationalNumber } from '../../../../src/guards/pii/recognizers/national.ts';
import { createScanner, PII_TYPES } from '../../../../src/pii.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a recognizer of these forms finds, whatever the confidence. */
function finds(patterns: readonly string[], text: string, more: Partial<NationalOptions> = {}): readonly string[] {
  const recognizer = nationalNumber({
    type: 'uk_nino',
    forms: patterns.map((pattern) => ({ pattern, confidence: 0.6 })),
    isValid: () => true,
    context: { words: ['word'], confidence: 0.9 },
    ...more,
  });
  const { list } = scanText(text, planOf([recognizer]));
  return list.map(({ start, end, confidence }) => text.slice(start, end) + confidence);
}

describe('forms', () => {
  test.each([
    ['ddddddd', '1234567'],
    ['ddd ddd', '123 456'],
    ['ddd-ddd', '123–456'],
    ['dd.dd/dd', '12.34/56'],
    ['Add', 'B12'],
    ['ddA', '12B'],
    ['WWW', 'A1B'],
    ['WWW', '1AB'],
    ['dddWddd', '1234567'],
    ['dddWddd', '123A567'],
    ['A dddddd ', 'B 123456 '],
    ['AA dd dd', 'BC 12 34'],
    ['A-dddd', 'B-1234'],
    ['AAA AAA WWAWW', 'BCD EFG 12H34'],
    ['A.dd-A', 'B.12-C'],
  ])('%j finds %j', (pattern, text) => {
    expect(finds([pattern], text)).toEqual([`${text}0.6`]);
  });

  test.each([
    ['ddddddd', '12345678'],
    ['ddddddd', '123456A'],
    ['ddd-ddd', '123 456'],
    ['ddd ddd', '123\n456'],
    ['ddd ddd', '123  456'],
    ['Add', 'b12'],
    ['Add', 'AB12'],
    ['Add', 'B123'],
    ['Add', 'éB12'],
    ['Add', 'B12é'],
    ['Add', '_B12'],
    ['Add', 'x-B12'],
    ['Add', 'B12-x'],
    ['Add', '+B12'],
    ['Add', '1.B12'],
    ['Add', 'B12.5'],
    ['AA dd dd', 'ABC 12 34'],
    ['AA dd dd', 'A-BC 12 34'],
    ['dd A', '12 Bc'],
    ['WWW', 'ABC'],
  ])('%j does not find %j', (pattern, text) => {
    expect(finds([pattern], text)).toEqual([]);
  });

  test('the first form that fits counts, unless what follows speaks against it', () => {
    expect(finds(['dd dd dd', 'dd dd'], '12 34 56')).toEqual(['12 34 560.6']);
    expect(finds(['dd dd dd', 'dd dd'], '12 34 56x')).toEqual(['12 340.6']);
    expect(finds(['dd dd dd', 'dd dd'], '12 34 5')).toEqual(['12 340.6']);
  });

  test('two values may stand side by side, and share nothing', () => {
    expect(finds(['A dddd'], 'B 1234 5678 C 1234 ')).toEqual(['B 12340.6', 'C 12340.6']);
    expect(finds(['dd dd'], '12 34 56 78')).toEqual(['12 340.6', '56 780.6']);
  });

  test('a form without a digit is an error in the program', () => {
    expect(() => finds(['AAA'], '')).toThrow(TypeError);
  });
});

test('the check gets letters and digits only', () => {
  const seen: string[] = [];
  const isValid = (compact: string) => seen.push(compact) > 0;
  finds(['AA-dd.dd A'], 'BC-12.34 D', { isValid });
  finds(['AAdd'], 'bC12', { isValid, anyCase: true });
  expect(seen).toEqual(['BC1234D', 'BC12']);
});

test('small letters count half where they count at all', () => {
  expect(finds(['Add'], 'B12 b12', { anyCase: true, threshold: 0 })).toEqual(['B120.6', 'b120.3']);
  expect(finds(['Add'], 'B12 b12', { anyCase: true })).toEqual(['B120.6']);
  expect(finds(['A-dddd'], 'word b-1234', { anyCase: true })).toEqual(['b-12340.9']);
});

test('without another threshold, a half counts', () => {
  expect(finds(['Add'], 'B12', { forms: [{ pattern: 'Add', confidence: 0.5 }] })).toEqual(['B120.5']);
  expect(finds(['Add'], 'B12', { forms: [{ pattern: 'Add', confidence: 0.4 }] })).toEqual([]);
  expect(finds(['Add'], 'word B12', { forms: [{ pattern: 'Add', confidence: 0.4 }] })).toEqual(['B120.9']);
});

/** Near-misses of each type. */
const NEAR_MISSES: readonly string[] = [
  '900-49-0000 ',
  '021000022 ',
  'passport 12345678 ',
  'passport 123456789 ',
  'DL 123 456 78 ',
  'DL D1234567 ',
  'M-123-456-789-01 ',
  '943 476 5918 ',
  'AB 12 34 56 E ',
  'AB 12 34 56 C-',
  'ab123456c ',
  '12.345.678-A ',
  'X-1234567-M ',
  'X-1234567-',
  'RSS MRA 80A01 H501V ',
  'RSSMRA80A01H501U-',
  '86 095 742 718 ',
  '2 55 08 14 168 025 39 ',
  '2 55 08 14 168 025 38-1',
  '44051401358 ',
  '1112.22.334 ',
  '123 ',
  '12 ',
  'A 1 ',
  'A-1-',
];

/** How often a scan for everything looks at a character. */
function steps(text: string): number {
  let count = 0;
  const { charCodeAt } = String.prototype;
  vi.spyOn(String.prototype, 'charCodeAt').mockImplementation(function (this: string, at: number) {
    count++;
    return charCodeAt.call(this, at);
  });
  createScanner({ types: PII_TYPES }).scan(text);
  vi.restoreAllMocks();
  return count;
}

test.each(NEAR_MISSES)('%j, over and over: twice the text is twice the work', (piece) => {
  const text = piece.repeat(Math.ceil(1000 / piece.length));
  // Tables that are made at first use do not count.
  steps(text);
  const once = steps(text);
  const twice = steps(text + text);
  const fourTimes = steps(text.repeat(4));
  expect(fourTimes - twice).toBeLessThanOrEqual(2.1 * (twice - once) + 200);
});
