import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../src/base64.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 4648 section 10. */
const RFC_VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const;

describe('base64', () => {
  it.each(RFC_VECTORS)('agrees with RFC 4648 on %j', (plain, encoded) => {
    expect(encodeBase64(utf8(plain))).toBe(encoded);
    expect(decodeBase64(encoded)).toEqual(utf8(plain));
  });

  it('agrees with Buffer on every byte value and on random bytes', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
    expect(encodeBase64(all)).toBe(Buffer.from(all).toString('base64'));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const encoded = Buffer.from(bytes).toString('base64');
        expect(encodeBase64(bytes)).toBe(encoded);
        expect(decodeBase64(encoded)).toEqual(bytes);
      }),
    );
  });

  it('encodes a view by its own bytes, not its buffer', () => {
    const whole = utf8('xfoobarx');
    expect(encodeBase64(whole.subarray(1, 7))).toBe('Zm9vYmFy');
  });

  it.each([
    ['padding missing', 'Zg'],
    ['padding short', 'Zg='],
    ['padding too long', 'Zm9v===='],
    ['three pads', 'Z==='],
    ['only padding', '===='],
    ['padding in the middle', 'Zg==Zm9v'],
    ['pad before the last character', 'Zm=v'],
    ['one character too many', 'Zm9vY'],
    ['bits behind one byte', 'Zh=='],
    ['bits behind two bytes', 'Zm9='],
    ['space inside', 'Zm 9'],
    ['space around', ' Zg='],
    ['newline at the end', 'Zm9v\n'],
    ['line break inside', 'Zm9v\nZm9'],
    ['URL alphabet, minus', 'Zm-v'],
    ['URL alphabet, underscore', 'Zm_v'],
    ['control character', 'Zm9\u0000'],
    ['character above 127', 'Zm9\u00e9'],
    ['full-width letter whose low byte is a letter', 'Zm9\uff41'],
    ['surrogate pair', 'Zm\ud83d\ude00'],
    ['lone surrogate', 'Zm9\ud800'],
  ])('refuses: %s', (_, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it('has one text for each byte string: what decodes encodes back to the same text', () => {
    const characters = fc.constantFrom(...'AQgwBZaz09+/=-_ \n\u00e9');
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text);
        const canonical = Buffer.from(text, 'base64').toString('base64') === text;
        expect(bytes !== undefined).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts every character of the alphabet and both special ones', () => {
    expect(decodeBase64('+/+/')).toEqual(Uint8Array.of(0xfb, 0xff, 0xbf));
    expect(decodeBase64('ABCD')).toEqual(Uint8Array.of(0, 16, 131));
  });

  it('takes large inputs', () => {
    const bytes = new Uint8Array(1 << 20).fill(0xa5);
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    // toEqual walks a typed array element by element: too slow for a megabyte.
    expect(Buffer.from(decodeBase64(text) ?? []).equals(bytes)).toBe(true);
    expect(decodeBase64(`${text}!AAA`)).toBeUndefined();
  });
});
