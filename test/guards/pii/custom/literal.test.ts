import { expect, test } from 'vitest';
import { foldText, literalOf } from '../../../../src/guards/pii/custom/literal.ts';
import { parsePattern } from '../../../../src/guards/pii/custom/parse.ts';

test.each([
  ['EMP-\\d{6}', '', 'EMP-', 0, 0],
  ['\\d{2,4}EMP', '', 'EMP', 2, 4],
  ['\\w+@corp', '', '@corp', 1, Number.POSITIVE_INFINITY],
  ['a(?:bc)d', '', 'abcd', 0, 0],
  ['a\\bbc', '', 'abc', 0, 0],
  ['x{3}', '', 'xxx', 0, 0],
  ['(?:\\d-long){2,3}', '', '-long', 1, 1],
  ['Key\\d', 'i', 'key', 0, 0],
  ['é(?i:ab)', '', 'ab', 1, 1],
  ['é-ü', 'i', '-', 1, 1],
  ['😀a', '', '😀a', 0, 0],
])('%s %s', (pattern, flags, text, minBefore, maxBefore) => {
  expect(literalOf(parsePattern(pattern, flags))).toMatchObject({ text, minBefore, maxBefore });
});

test.each(['\\d+', 'a|b', '(?:abc)?\\d', '(?:abc)*\\d', '[a]', '(?i:é)'])('%s has none', (pattern) => {
  expect(literalOf(parsePattern(pattern))).toBeUndefined();
});

test('folding keeps every offset, and what V8 folds to an ASCII letter becomes that letter', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const char = String.fromCodePoint(code);
    const folded = foldText(char);
    if (folded.length !== char.length) expect.fail(`U+${code.toString(16)} changes its length`);
    const letter = code > 127 ? /[a-z]/iu.test(char) : /[a-z]/i.test(char);
    if (letter !== /^[a-z]$/.test(folded)) expect.fail(`U+${code.toString(16)} is ${folded}`);
  }
});
