import { expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../src/utf8.ts';

it.each([
  ['a sequence that is cut off', [0xe2, 0x82]],
  ['an overlong form', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
])('takes %s for no text, and the text after it as it is', (_what, bytes) => {
  expect(fromUtf8(Uint8Array.from(bytes))).toBeUndefined();
  expect(fromUtf8(utf8('\ufeff\u20ac 5'))).toBe('\ufeff\u20ac 5');
});
