import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimsUtf8, MAX_MEDIA_TYPE_CHARS, parseMediaType } from '../src/media-type.ts';

/** Type and parameters as one plain value. */
function parsed(value: string): unknown {
  const media = parseMediaType(value);
  return media && [media.type, ...[...media.parameters].map(([name, text]) => `${name}=${text}`)];
}

// The first four are the equivalent forms of RFC 9110 section 8.3.1.
test.each([
  ['text/html;charset=utf-8', ['text/html', 'charset=utf-8']],
  ['Text/HTML;Charset="utf-8"', ['text/html', 'charset=utf-8']],
  ['text/html; charset="utf-8"', ['text/html', 'charset=utf-8']],
  ['text/html;charset=UTF-8', ['text/html', 'charset=UTF-8']],
  ['application/json', ['application/json']],
  [' \tapplication/vnd.x+json \t; a=1\t ', ['application/vnd.x+json', 'a=1']],
  ['a/b;;; ;c=d;', ['a/b', 'c=d']],
  ['a/b; c="\\"; charset=utf-7; \\\\"; charset=utf-8', ['a/b', 'c="; charset=utf-7; \\', 'charset=utf-8']],
  ['a/b; c=""; d=" \t\u00e9,;="', ['a/b', 'c=', 'd= \t\u00e9,;=']],
  ['a/b; c="utf\\-8"', ['a/b', 'c=utf-8']],
  ['a/b; __proto__=c', ['a/b', '__proto__=c']],
  ["a/b; c='d'", ['a/b', "c='d'"]],
])('%j is read', (value, expected) => {
  expect(parsed(value)).toEqual(expected);
});

test.each([
  ['', 'nothing'],
  ['json', 'no subtype'],
  ['a/', 'an empty subtype'],
  ['a /b', 'a space in the type'],
  ['a/b c=d', 'no semicolon'],
  ['a/b, a/b', 'a list'],
  ['a/b; c=d, e', 'a comma after a value'],
  ['a/b; c', 'a name alone'],
  ['a/b; c=', 'no value'],
  ['a/b; =d', 'no name'],
  ['a/b; c =d', 'a space before ='],
  ['a/b; c= d', 'a space after ='],
  ['a/b; c="d', 'an open quote'],
  ['a/b; c="d\\"', 'an open quote behind a quoted one'],
  ['a/b; c="d"e', 'text behind a quoted value'],
  ['a/b; c=d"e"', 'a quote inside a token'],
  ['a/b; c="\u0000"', 'a control character'],
  ['a/b; c="\u212a"', 'a character that no header has'],
  ['a/b;\nc=d', 'a line end'],
  ['a/b\u00a0', 'a space of another kind'],
  ['a/b; c=d; C=e', 'a name twice'],
  ['a/b; charset=utf-8; charset=utf-8', 'a name twice, with one value'],
  ["a/b; charset*=utf-8''utf-7", 'an extended charset'],
  ['a/b; charset*0=utf-; charset*1=7', 'a charset in parts'],
])('%j is refused: %s', (value) => {
  expect(parseMediaType(value)).toBeUndefined();
});

test('length is limited, just above what is read', () => {
  const longest = `a/b; c="${'\\"'.repeat((MAX_MEDIA_TYPE_CHARS - 10) / 2)}"`;
  expect(longest.length).toBeLessThanOrEqual(MAX_MEDIA_TYPE_CHARS);
  expect(parseMediaType(longest)).toBeDefined();
  expect(parseMediaType(longest.padEnd(MAX_MEDIA_TYPE_CHARS))).toBeDefined();
  expect(parseMediaType(longest.padEnd(MAX_MEDIA_TYPE_CHARS + 1))).toBeUndefined();
});

test('what is written by the rules is read back', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,8}$/);
  const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,12}$/);
  const names = fc.uniqueArray(
    token.filter((name) => !name.startsWith('charset*')),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(token, token, names, fc.array(value, { minLength: 4, maxLength: 4 }), (type, subtype, keys, values) => {
      const quoted = keys.map((key, i) => `${key}="${values[i]!.replace(/["\\]/g, '\\$&')}"`);
      expect(parsed([`${type}/${subtype}`, ...quoted].join(' ; '))).toEqual([
        `${type}/${subtype}`,
        ...keys.map((key, i) => `${key}=${values[i]}`),
      ]);
    }),
  );
});

test('nothing makes it throw', () => {
  const part = fc.constantFrom('a/b', ';', '"', '\\', '=', 'charset', 'utf-8', ' ', ',', '\u0000', '\ud800');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part, { maxLength: 20 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(['object', 'undefined']).toContain(typeof parseMediaType(value));
    }),
  );
});

test.each([
  ['a/b', true],
  ['a/b; charset=utf-8', true],
  ['a/b; charset="UTF8"', true],
  ['a/b; x=";charset=utf-7"', true],
  ['a/b; charset=utf-16', false],
  ['a/b; charset=us-ascii', false],
  ['a/b; charset=""', false],
  ['a/b; charset=" utf-8"', false],
  ["a/b; charset='utf-8'", false],
])('%j claims UTF-8: %s', (value, expected) => {
  expect(claimsUtf8(parseMediaType(value)!)).toBe(expected);
});
