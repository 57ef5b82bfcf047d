import { expect, test } from 'vitest';
import { canonicalLine } from '../../src/ledger/canonical-line.ts';

test('what every jq writes back stays as it is, members in their order', () => {
  expect(canonicalLine({ b: [1, -2, true, null], a: { z: 'é😀/', y: '"\\\n\u0001' } })).toBe(
    '{"b":[1,-2,true,null],"a":{"z":"é😀/","y":"\\"\\\\\\n\\u0001"}}',
  );
});

test.each([
  // jq 1.6 writes 1e-05, 1e-07, 1e+17, -0 and 12345678901234567000; jq 1.7 writes what it read.
  [0.00001, '"0.00001"'],
  [1e-7, '"1e-7"'],
  [1e17, '"100000000000000000"'],
  [12345678901234567890n, '"12345678901234567890"'],
  [2 ** 53, '"9007199254740992"'],
  [-0, '0'],
  [0.5, '"0.5"'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  [Number.NaN, 'null'],
  [Number.NEGATIVE_INFINITY, 'null'],
])('number %s is written %s', (value, text) => {
  expect(canonicalLine(value)).toBe(text);
});

test('DEL, which jq escapes, and halves of pairs, which it refuses, become U+FFFD', () => {
  expect(canonicalLine('a\u007fb\ud83dc\ude00d😀')).toBe('"a\ufffdb\ufffdc\ufffdd😀"');
  expect(() => canonicalLine({ 'a\u007f': 1 })).toThrow(TypeError);
  expect(() => canonicalLine({ '\udc00': 1 })).toThrow(TypeError);
  expect(canonicalLine({ '😀': 1 })).toBe('{"😀":1}');
});

test('what JSON leaves out is left out, and toJSON is asked', () => {
  expect(canonicalLine({ a: undefined, b: () => 1, c: Symbol('c'), d: [undefined], e: new Date(0) })).toBe(
    '{"d":[null],"e":"1970-01-01T00:00:00.000Z"}',
  );
  expect(canonicalLine(undefined)).toBe('null');
  expect(canonicalLine(JSON.parse('{"__proto__":{"toJSON":1}}'))).toBe('{"__proto__":{"toJSON":1}}');
});

test('what is more than arrays and objects of JSON is taken member by member', () => {
  class Point {
    x = 0.5;
  }
  expect(canonicalLine({ a: new Point(), b: Object.create({ c: 1 }), d: Object.create(null) })).toBe(
    '{"a":{"x":"0.5"},"b":{},"d":{}}',
  );
  expect(canonicalLine([Object.assign([1], { toJSON: () => 0.5 }), { toJSON: () => 'x' }])).toBe('["0.5","x"]');
  expect(canonicalLine({ a: [{ b: 1n }, Number.NaN, -0] })).toBe('{"a":[{"b":"1"},null,0]}');
});

test('a hole in an array is null, as JSON.stringify has it', () => {
  const holes: unknown[] = [];
  holes[1] = 1;
  holes.length = 3;
  expect(canonicalLine({ holes })).toBe('{"holes":[null,1,null]}');
  expect(canonicalLine({ holes })).toBe(JSON.stringify({ holes }));
});

test('depth is bounded, so a circle is found', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  expect(canonicalLine(nested(16))).toBe(`${'['.repeat(16)}1${']'.repeat(16)}`);
  expect(() => canonicalLine(nested(17))).toThrow(RangeError);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(() => canonicalLine(circle)).toThrow(RangeError);
});
