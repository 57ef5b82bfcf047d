import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatches } from '../src/patch.ts';

test.each([
  ['abcdef', [], 'abcdef'],
  ['abcdef', [{ start: 1, end: 3, text: '_' }], 'a_def'],
  [
    'abcdef',
    [
      { start: 4, end: 6, text: 'Z' },
      { start: 0, end: 1, text: 'A' },
    ],
    'AbcdZ',
  ],
  ['abcdef', [{ start: 3, end: 3, text: '+' }], 'abc+def'],
  // Overlaps: the union is covered by the text of the one that starts first.
  [
    'abcdef',
    [
      { start: 1, end: 4, text: 'X' },
      { start: 2, end: 5, text: 'Y' },
    ],
    'aXf',
  ],
  [
    'abcdef',
    [
      { start: 1, end: 5, text: 'X' },
      { start: 2, end: 3, text: 'Y' },
    ],
    'aXf',
  ],
  [
    'abcdef',
    [
      { start: 1, end: 3, text: 'X' },
      { start: 1, end: 5, text: 'Y' },
    ],
    'aYf',
  ],
  [
    'abcdef',
    [
      { start: 1, end: 2, text: 'X' },
      { start: 2, end: 3, text: 'Y' },
    ],
    'aXYdef',
  ],
  ['é🙂e', [{ start: 1, end: 3, text: '' }], 'ée'],
])('%s %j', (text, patches, expected) => {
  expect(applyPatches(text, patches)).toBe(expected);
});

test('no covered character survives, every other one does, in order', () => {
  const text = 'abcdefghijklmnopqrstuvwxyz';
  const range = fc
    .tuple(fc.nat(26), fc.nat(26))
    .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b), text: '*' }));
  fc.assert(
    fc.property(fc.array(range), (patches) => {
      const kept = [...text].filter((_char, at) => !patches.some(({ start, end }) => start <= at && at < end)).join('');
      expect(applyPatches(text, patches).replaceAll('*', '')).toBe(kept);
    }),
  );
});
