import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSame } from '../../src/testing/is-same.ts';

test('any two values: as Node has it', () => {
  const value = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, maxDepth: 2 });
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(isSame(a, structuredClone(a))).toBe(isDeepStrictEqual(a, structuredClone(a)));
      if (!isDeepStrictEqual(a, b)) expect(isSame(a, b)).toBe(false);
    }),
  );
});

test.each<[unknown, unknown, boolean]>([
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ b: undefined }, { a: undefined }, false],
  [[1, 2], [2, 1], false],
  [0, -0, false],
  [Number.NaN, Number.NaN, true],
  [null, {}, false],
  [[], {}, false],
  [Uint8Array.of(1), Uint8Array.of(1), true],
  [Uint8Array.of(1), Uint8Array.of(2), false],
  [Uint8Array.of(1), [1], false],
  [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
  [new Map([['a', undefined]]), new Map([['b', undefined]]), false],
  [new Set([1]), new Set([1]), true],
  [new Set([1]), new Set([2]), false],
  [new Date(1), new Date(1), true],
  [new Date(1), new Date(2), false],
])('%o and %o: %s', (a, b, same) => {
  expect(isSame(a, b)).toBe(same);
});
