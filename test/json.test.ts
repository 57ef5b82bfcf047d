import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonDocument, literalText, MAX_JSON_DEPTH, parseJson, unescapeJson, valueAt } from '../src/json.ts';

function parsed(text: string): JsonDocument {
  const result = parseJson(text);
  if (!result.ok) throw new Error(result.code);
  return result.document;
}

const code = (text: string) => {
  const result = parseJson(text);
  return result.ok ? 'ok' : result.code;
};

/** What a pointer leads to, by the definition of RFC 6901. */
const follow = (document: JsonDocument, node: number) => valueAt(document.value, document.pointer(node));

describe('what it accepts', () => {
  const value = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' });

  test('is what JSON.parse accepts, with the same value', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (input, indent) => {
        const text = JSON.stringify(input, null, indent);
        expect(parsed(text).value).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test('is never more than JSON.parse accepts', () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '"a"',
        '"b"',
        '"\\u0061"',
        '1',
        '-',
        '.5',
        'e1',
        'true',
        'null',
        ' ',
        '\n',
        '0',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const result = parseJson(text);
        let native: unknown;
        let isValid = true;
        try {
          native = JSON.parse(text);
        } catch {
          isValid = false;
        }
        if (result.ok) expect([isValid, result.document.value]).toEqual([true, native]);
        else if (isValid) expect(result.code).toBe('PTC_D107');
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    '',
    ' ',
    '{',
    '[',
    '"',
    '{]',
    '[}',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '01',
    '1 2',
    '\ufeff1',
    'nul',
    '"\n"',
    '"\\x"',
    ',',
    ':',
    '}',
  ])('is not %j', (text) => {
    expect(code(text)).toBe('PTC_D105');
  });
});

describe('duplicate keys', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"b":2,"a":3}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"x":[{"a":{"k":1,"k":2}}]}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"\\ud83d\\ude00":1,"😀":2}',
    '{"/":1,"\\/":2}',
  ])('%s is refused', (text) => {
    expect(code(text)).toBe('PTC_D107');
  });

  test.each([
    '{"a":1,"A":2}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"]}',
    '{"a\\\\u0061":1,"aa":2}',
    '{"é":1,"e\u0301":2}',
  ])('%s is not', (text) => {
    expect(code(text)).toBe('ok');
  });

  test.each([
    ['{"a":1,"a":2', 'PTC_D107'],
    ['{"a":1,"a":2}}', 'PTC_D107'],
    ['{"a":1,"a":tru}', 'PTC_D107'],
    [`{"a":1,"a":${'['.repeat(33)}`, 'PTC_D107'],
    ['{"a":1}}{"b":1,"b":2}', 'PTC_D105'],
    [`{"x":${'['.repeat(33)}{"a":1,"a":2}`, 'PTC_D108'],
  ])('of %s the first fault is told', (text, first) => {
    expect(code(text)).toBe(first);
  });
});

describe('depth', () => {
  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('%s may be nested 32 deep and no deeper', (open, close) => {
    const nested = (depth: number) => open.repeat(depth - 1) + (open === '[' ? '[]' : '{}') + close.repeat(depth - 1);
    expect(MAX_JSON_DEPTH).toBe(32);
    expect(code(nested(32))).toBe('ok');
    expect(code(nested(33))).toBe('PTC_D108');
  });

  test('counts what is open, not what was', () => {
    expect(code(`[${'[[]],'.repeat(1000)}[]]`)).toBe('ok');
  });

  test('brackets in strings do not count', () => {
    expect(code(JSON.stringify('['.repeat(100)))).toBe('ok');
  });

  test.each(['[', '{"a":', '[{"a":', '{', '"', '\\', '"\\', '[[],', '{"a":1,'])(
    'a million of %j end soon and without harm',
    (piece) => {
      expect(parseJson(piece.repeat(1_000_000 / piece.length)).ok).toBe(false);
    },
  );
});

describe('strings, keys and numbers', () => {
  test('are all there, in order, with their places', () => {
    const document = parsed('{"a":"x","b":["y",{"c":"z"},-1.5e3],"d":12}');
    expect(
      document.strings.map((string) => [literalText(document.text, string), document.pointer(string.node)]),
    ).toEqual([
      ['x', '/a'],
      ['y', '/b/0'],
      ['z', '/b/1/c'],
    ]);
    expect(document.keys.map((key) => [literalText(document.text, key), document.pointer(key.node)])).toEqual([
      ['a', ''],
      ['b', ''],
      ['c', '/b/1'],
      ['d', ''],
    ]);
    expect(
      document.numbers().map(({ start, end, node }) => [document.text.slice(start, end), document.pointer(node)]),
    ).toEqual([
      ['-1.5e3', '/b/2'],
      ['12', '/d'],
    ]);
  });

  test('positions count what is neither', () => {
    const document = parsed('[null,true,false,[],{},"x",[[],"y"]]');
    expect(document.strings.map(({ node }) => document.pointer(node))).toEqual(['/5', '/6/1']);
  });

  test('agree with the value, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (input) => {
        const document = parsed(JSON.stringify(input));
        for (const string of document.strings) {
          expect(follow(document, string.node)).toBe(literalText(document.text, string));
          expect(string.escaped).toBe(document.text.slice(string.start, string.end).includes('\\'));
        }
        for (const { start, end, node } of document.numbers()) {
          expect(follow(document, node)).toBe(JSON.parse(document.text.slice(start, end)));
        }
        const count = (value: unknown): number =>
          typeof value === 'string'
            ? 1
            : typeof value === 'object' && value !== null
              ? Object.values(value).reduce((sum: number, inner) => sum + count(inner), 0)
              : 0;
        expect(document.strings.length).toBe(count(document.value));
      }),
      { numRuns: 500 },
    );
  });

  test('a top-level string has the empty pointer', () => {
    const document = parsed(' "x" ');
    expect(document.strings).toMatchObject([{ start: 2, end: 3, escaped: false, node: 0 }]);
    expect(document.pointer(0)).toBe('');
  });
});

describe('pointers', () => {
  // RFC 6901 section 5.
  const EXAMPLE = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };

  test.each([
    ['', EXAMPLE],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%j leads where RFC 6901 says', (pointer, value) => {
    expect(valueAt(EXAMPLE, pointer)).toEqual(value);
    const document = parsed(JSON.stringify(EXAMPLE));
    const nodes = document.numbers().filter(({ node }) => document.pointer(node) === pointer);
    expect(nodes.length).toBe(typeof value === 'number' ? 1 : 0);
  });

  test('lead to own properties only', () => {
    expect(valueAt({}, '/__proto__')).toBeUndefined();
    expect(valueAt({}, '/constructor')).toBeUndefined();
    expect(valueAt([], '/length')).toBeUndefined();
    expect(valueAt({ length: 1 }, '/length')).toBe(1);
    expect(valueAt(parsed('{"__proto__":{"x":1}}').value, '/__proto__/x')).toBe(1);
    expect(valueAt('text', '/0')).toBeUndefined();
  });

  test('~01 is ~1 and no slash', () => {
    expect(valueAt({ '~1': 1, '/': 2 }, '/~01')).toBe(1);
    expect(parsed('{"~1":1}').pointer(1)).toBe('/~01');
  });

  test('isAt says whether a pointer leads to a node', () => {
    const tokens = (pointer: string) =>
      pointer
        .split('/')
        .slice(1)
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (input) => {
        const document = parsed(JSON.stringify(input));
        const places = [...document.strings, ...document.numbers()].map(
          ({ node }) => [node, document.pointer(node)] as const,
        );
        for (const [node, pointer] of places.slice(0, 20)) {
          for (const [other, path] of places.slice(0, 20)) {
            expect(document.isAt(node, tokens(path))).toBe(node === other);
          }
          expect(document.isAt(node, [...tokens(pointer), 'x'])).toBe(false);
          expect(document.isAt(node, ['x', ...tokens(pointer)])).toBe(false);
        }
      }),
    );
    const escaped = parsed(String.raw`{"\u0061b":["x"]}`);
    expect(escaped.isAt(2, ['ab', '0'])).toBe(true);
    expect(escaped.isAt(2, ['ab', '00'])).toBe(false);
    expect(escaped.isAt(2, [String.raw`\u0061b`, '0'])).toBe(false);
  });

  test('path names keys by position, however long they are', () => {
    const document = parsed(`{"${'k'.repeat(1000)}":[["x"]]}`);
    const [string] = document.strings;
    expect(document.path(string?.node ?? -1)).toEqual([{ start: 2, end: 1002, escaped: false, node: 0 }, 0, 0]);
  });
});

describe('numberText', () => {
  test('gives the digits that a double would round', () => {
    const document = parsed('{"seed":12345678901234567890,"a":1.10,"s":"5","n":{"seed":1},"e":-0E+1}');
    expect(document.numberText('seed')).toBe('12345678901234567890');
    expect(document.numberText('a')).toBe('1.10');
    expect(document.numberText('e')).toBe('-0E+1');
    expect(document.numberText('s')).toBeUndefined();
    expect(document.numberText('n')).toBeUndefined();
    expect(document.numberText('x')).toBeUndefined();
    expect(document.numberText('__proto__')).toBeUndefined();
  });

  test('knows escaped keys, and members of the top-level object only', () => {
    expect(parsed(String.raw`{"\u0073eed":7}`).numberText('seed')).toBe('7');
    expect(parsed('{"a":{"seed":7}}').numberText('seed')).toBeUndefined();
    expect(parsed('[7]').numberText('0')).toBeUndefined();
    expect(parsed('7').numberText('')).toBeUndefined();
  });
});

test('a key named __proto__ is a key like any other', () => {
  const { value } = parsed('{"__proto__":{"polluted":true}}');
  expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('unescapeJson gives back what is no JSON', () => {
  expect(unescapeJson(String.raw`a\u0040\n`)).toBe('a@\n');
  expect(unescapeJson(String.raw`a\x`)).toBe(String.raw`a\x`);
  expect(unescapeJson('"')).toBe('"');
});
