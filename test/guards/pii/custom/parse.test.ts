import { describe, expect, test } from 'vitest';
import { emit } from '../../../../src/guards/pii/custom/emit.ts';
import { costOf, lengthsOf } from '../../../../src/guards/pii/custom/measure.ts';
import { parsePattern } from '../../../../src/guards/pii/custom/parse.ts';
import { trialWork } from '../../../../src/guards/pii/custom/trial.ts';

/** Expected forms follow https://github.com/google/re2/wiki/Syntax. */
describe('patterns in their canonical form', () => {
  test.each([
    ['EMP-\\d{6}', '', 'EMP\\x{2d}(?:[0-9]){6}'],
    ['ask', 'i', '[Aa][Ss\\x{17f}][Kk\\x{212a}]'],
    ['(?i)a(?-i:b)c', '', '[Aa]b[Cc]'],
    ['(?i:a)b', '', '[Aa]b'],
    ['(?P<name>a)(?<other>b)', '', 'ab'],
    ['a|b', '', '(?:a|b)'],
    ['a.b', '', 'a[^\\x{a}]b'],
    ['a.b', 's', 'a[\\x{0}-\\x{10ffff}]b'],
    ['^a$', '', '\\Aa\\z'],
    ['^a$', 'm', '(?m:^)a(?m:$)'],
    ['\\Ab\\b\\B\\z', '', '\\Ab\\b\\B\\z'],
    ['a*?b+', '', '(?:a)*?(?:b)+'],
    ['(?U)a*?b+', '', '(?:a)*(?:b)+?'],
    ['[]a]', '', '[\\x{5d}a]'],
    ['[^]a-c]', '', '[^\\x{5d}a-c]'],
    ['[a-]', '', '[\\x{2d}a]'],
    ['[\\w\\-]', '', '[\\x{2d}0-9A-Z\\x{5f}a-z]'],
    ['[[:xdigit:]]', '', '[0-9A-Fa-f]'],
    ['[^[:^alpha:]]', '', '[^\\x{0}-\\x{40}\\x{5b}-\\x{60}\\x{7b}-\\x{10ffff}]'],
    ['\\S', '', '[\\x{0}-\\x{8}\\x{b}\\x{e}-\\x{1f}\\x{21}-\\x{10ffff}]'],
    ['\\Qa.b\\E+', '', 'a\\x{2e}(?:b)+'],
    ['\\x41\\x{1F600}\\011\\t\\.', '', 'A\\x{1f600}\\x{9}\\x{9}\\x{2e}'],
    ['a{x}', '', 'a\\x{7b}x\\x{7d}'],
  ])('%s %s', (pattern, flags, form) => {
    expect(emit(parsePattern(pattern, flags))).toBe(form);
  });
});

describe('refused', () => {
  test.each([
    ['(?=a)b', 'look-around'],
    ['(?!a)b', 'look-around'],
    ['(?<=a)b', 'look-around'],
    ['(?<!a)b', 'look-around'],
    ['(a)\\1', 'back-references'],
    ['(?P<n>a)\\k<n>', 'back-references'],
    ['a++', 'possessive'],
    ['a*+', 'possessive'],
    ['a{2}+', 'possessive'],
    ['(?>a)', 'atomic'],
    ['(?#a)b', 'form'],
    ['(?x)a', 'flags'],
    ['(?P=n)a', 'form'],
    ['(a', 'not closed'],
    ['a)', 'no opening'],
    ['[a', 'not closed'],
    ['[b-a]', 'backwards'],
    ['[a-\\d]', 'ends in a class'],
    ['*a', 'nothing to repeat'],
    ['a**', 'follows another'],
    ['a{2}{3}', 'follows another'],
    ['a{,3}', 'write {0,n}'],
    ['a{3,2}', 'backwards'],
    ['a{101}', 'more than 100'],
    ['a{1,101}', 'more than 100'],
    ['a{99999999999}', 'more than 100'],
    ['\\b*a', 'matches no character'],
    ['\\Ca', 'single byte'],
    ['\\Za', 'escape'],
    ['\\u0041', 'escape'],
    ['\\p{Klingon}', 'Unicode class'],
    ['\\p{L', 'closing brace'],
    ['[[:nope:]]', 'unknown name'],
    ['\\x{110000}', 'no character'],
    ['\\x{d800}', 'no character'],
    ['a\\', 'backslash'],
    ['\ud800', 'lone surrogate'],
    ['('.repeat(40), 'nested'],
  ])('%s', (pattern, reason) => {
    expect(() => parsePattern(pattern)).toThrow(reason);
  });

  test.each([
    ['(?:a{10}){11}', 'multiply'],
    ['(?:(?:a{5}){5}){5}', 'multiply'],
    ['(?:a{11,}){10}', 'multiply'],
    ['(?:a*)*', 'may match nothing'],
    ['(?:a|\\b){2}', 'may match nothing'],
  ])('%s', (pattern, reason) => {
    expect(() => costOf(parsePattern(pattern))).toThrow(reason);
  });
});

test.each([
  ['EMP-\\d{6}', 10, 10],
  ['a{2,}', 2, Number.POSITIVE_INFINITY],
  ['(?:ab|c)?d', 1, 3],
  ['a{0}b', 1, 1],
  ['😀[😀-😂]\\x{e9}', 5, 5],
  ['[a😀].', 2, 4],
  ['\\b^$', 0, 0],
])('%s is %d to %d code units long', (pattern, min, max) => {
  expect(lengthsOf(parsePattern(pattern))).toEqual({ min, max });
});

test.each([
  ['[ab]{0,40}a[ab]{20}x', true],
  ['.{0,50}b.{0,50}z', true],
  ['[a-z]{1,30}b[a-z]{1,30}z', true],
  ['EMP-\\d{6}', false],
  ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', false],
  ['\\b[A-Za-z0-9+/_=-]{20,100}\\b', false],
])('%s can be matched in too many ways: %s', (pattern, tooMany) => {
  expect(trialWork(parsePattern(pattern)) > 10_000).toBe(tooMany);
});
