import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthsOf } from '../../../../src/guards/pii/custom/measure.ts';
import { parsePattern } from '../../../../src/guards/pii/custom/parse.ts';
import { re2Wasm } from '../../../../src/guards/pii/custom/re2-wasm.ts';
import { re2js } from '../../../../src/guards/pii/custom/re2js.ts';
import { commonPattern, foldingPattern, longText, ownPattern, shortText, spansOf, spansOfV8 } from './arbitrary.ts';

/** Some fifteen seconds; ten times as many have been run by hand. */
const RUNS = 150;
const wasm = re2Wasm();
const portable = re2js();
const flags = fc.constantFrom('', '', 'i', 'm', 's', 'im');

test('both engines find the same, whatever the pattern', () => {
  let tried = 0;
  fc.assert(
    fc.property(ownPattern, flags, fc.oneof(shortText, longText), (pattern, flag, text) => {
      const expected = spansOf(portable, pattern, flag, text);
      expect(spansOf(wasm, pattern, flag, text)).toEqual(expected);
      if (expected !== undefined) tried++;
    }),
    { numRuns: RUNS },
  );
  expect(tried).toBeGreaterThan(RUNS / 4);
}, 120_000);

test.each([wasm, portable])(
  '$name finds what V8 finds, where both read a pattern alike',
  (engine) => {
    let tried = 0;
    fc.assert(
      fc.property(commonPattern, shortText, (pattern, text) => {
        const found = spansOf(engine, pattern, '', text);
        fc.pre(found !== undefined);
        tried++;
        expect(found).toEqual(spansOfV8(pattern, '', text));
      }),
      { numRuns: RUNS },
    );
    fc.assert(
      fc.property(foldingPattern, shortText, (pattern, text) => {
        const found = spansOf(engine, pattern, 'i', text);
        fc.pre(found !== undefined);
        expect(found).toEqual(spansOfV8(pattern, 'i', text));
      }),
      { numRuns: RUNS },
    );
    expect(tried).toBeGreaterThan(RUNS / 4);
  },
  120_000,
);

test.each([wasm, portable])(
  '$name in windows finds what V8 finds in the whole of a long text',
  (engine) => {
    fc.assert(
      fc.property(commonPattern, longText, (pattern, text) => {
        const found = spansOf(engine, pattern, '', text);
        fc.pre(found !== undefined && lengthsOf(parsePattern(pattern)).max < Number.POSITIVE_INFINITY);
        expect(found).toEqual(spansOfV8(pattern, '', text));
        expect(spansOf(engine, pattern, '', text, true)).toEqual(found);
      }),
      { numRuns: RUNS },
    );
  },
  120_000,
);
