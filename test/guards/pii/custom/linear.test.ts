import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CustomEngine } from '../../../../src/guards/pii/custom/engine.ts';
import { re2js } from '../../../../src/guards/pii/custom/re2js.ts';
import { createScanner } from '../../../../src/pii.ts';
import { longText, ownPattern, spansOf } from './arbitrary.ts';

const inner = re2js();

/** Characters that an engine was handed for a text. */
function handed(pattern: string, flags: string, text: string): number {
  let count = 0;
  const counting: CustomEngine = {
    name: 'counting',
    compile(source, cost) {
      const compiled = inner.compile(source, cost);
      return {
        find(window, from) {
          count += window.length;
          return compiled.find(window, from);
        },
      };
    },
  };
  spansOf(counting, pattern, flags, text);
  return count;
}

/** Each search hands over a stretch of 64 to 1,024 characters and the length of a match. */
const PATTERNS: readonly (readonly [pattern: string, flags: string, most: number])[] = [
  ['EMP-\\d{6}', 'i', 80],
  ['\\d{6}', '', 80],
  ['\\d', '', 80],
  ['-', '', 80],
  ['\\d{1,90}x', '', 160],
  ['\\w+@\\w+', '', 600],
  ['a[^x]*$|ab', '', 600],
  ['token=\\S+', '', 600],
];
const HOSTILE = [
  '1',
  '1-',
  'a',
  'ab',
  'EMP-12345',
  'emp-',
  'a@',
  '@',
  'token=',
  'token=a ',
  '1x',
  '😀',
  '\ud800',
  'x',
  ' ',
];

test.each(PATTERNS)(
  '%s %s: twice the text is twice the work',
  (pattern, flags, most) => {
    for (const piece of HOSTILE) {
      const text = piece.repeat(Math.ceil(20_000 / piece.length));
      const once = handed(pattern, flags, text);
      const twice = handed(pattern, flags, text + text);
      expect(twice, piece).toBeLessThanOrEqual(2.1 * once + 100_000);
      expect(twice, piece).toBeLessThanOrEqual(most * 2 * text.length + 100_000);
    }
  },
  60_000,
);

test('no text makes a scan throw, and what is found is sorted and lies in the text', () => {
  const wild = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 200,
  });
  const { scan } = createScanner({
    engine: inner,
    patterns: [
      { name: 'any', pattern: '[^\\x00-\\x7f]{2,}' },
      { name: 'digits', pattern: '\\d+', flags: 'i' },
      { name: 'line', pattern: '^.+$', flags: 'm' },
    ],
  });
  fc.assert(
    fc.property(fc.oneof(wild, longText), (text) => {
      let last = 0;
      for (const { start, end } of scan(text)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 300 },
  );
});

test('no pattern makes the parser throw anything but a refusal', () => {
  const garbled = fc
    .array(fc.constantFrom(...'ab1-()[]{}|?*+^$.\\pPLQEdwsx,:=!<>iU&#'), { maxLength: 20 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(garbled, ownPattern), (pattern) => {
      spansOf(inner, pattern, '', 'ab-1 (x)');
    }),
    { numRuns: 2_000 },
  );
});
