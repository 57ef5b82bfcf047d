import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJsonEscapes, decodePercent } from '../../../src/guards/pii/decode.ts';

describe('escapes of JSON', () => {
  test('decode to what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (value, everything) => {
        const raw = everything
          ? Array.from(
              { length: value.length },
              (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`,
            ).join('')
          : JSON.stringify(value).slice(1, -1);
        expect(decodeJsonEscapes(raw).text).toBe(JSON.parse(`"${raw}"`));
      }),
    );
  });

  test('each character knows where it came from', () => {
    const raw = String.raw`a\u0040b\n\"c\ud83d\ude00d\\e`;
    const { text, rawOffset } = decodeJsonEscapes(raw);
    expect(text).toBe('a@b\n"c😀d\\e');
    expect([...Array(text.length + 1).keys()].map(rawOffset)).toEqual([0, 1, 7, 8, 10, 12, 13, 19, 25, 26, 28, 29]);
  });

  test('what is no escape stays', () => {
    const raw = String.raw`\x \u12 \uzzzz C:\dir \ `;
    expect(decodeJsonEscapes(raw).text).toBe(raw);
  });
});

describe('percent-encoding', () => {
  test('decodes to what URLSearchParams reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (value) => {
        const encoded = new URLSearchParams([['a', value]]).toString();
        expect(decodePercent(encoded).text).toBe(`a=${value}`);
      }),
    );
  });

  test('never throws, and keeps what is no encoding', () => {
    const piece = fc.constantFrom(
      '%',
      '%4',
      '%40',
      '%C3',
      '%A9',
      '%E4%BD%A0',
      '%F0%9F%98%80',
      '%FF',
      '%ED%A0%80',
      '+',
      'a',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const source = pieces.join('');
        const { text, rawOffset } = decodePercent(source);
        expect(rawOffset(text.length)).toBe(source.length);
      }),
    );
    expect(decodePercent('100% %4 %zz').text).toBe('100% %4 %zz');
    expect(decodePercent('%ff%41').text).toBe('\ufffdA');
  });

  test('each character knows where it came from', () => {
    const { text, rawOffset } = decodePercent('a%40%C3%A9+%F0%9F%98%80z');
    expect(text).toBe('a@é 😀z');
    expect([0, 1, 2, 3, 4, 6, 7].map(rawOffset)).toEqual([0, 1, 4, 10, 11, 23, 24]);
  });
});
