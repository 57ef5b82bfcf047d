const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
const NOT_BASE64 = 0xff;

const CODES: Uint8Array = /* @__PURE__ */ Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));

/** Value of each character code below 128; everything else is no base64. */
const VALUES: Uint8Array = /* @__PURE__ */ (() => {
  const values = new Uint8Array(128).fill(NOT_BASE64);
  for (let value = 0; value < CODES.length; value++) values[CODES[value]!] = value;
  return values;
})();

/**
 * Decodes standard base64 (RFC 4648 section 4) strictly, so that each byte string has exactly one text:
 * padding required, no whitespace, no URL alphabet, no bits set behind the last byte.
 * The empty text is the empty byte string. Linear; never throws for a string.
 *
 * @returns the bytes, or `undefined` if the text is not strict base64.
 *
 * @example
 * decodeBase64('AQI='); // Uint8Array [1, 2]
 * decodeBase64('AQI'); // undefined
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const padding = text.charCodeAt(length - 1) !== PAD ? 0 : text.charCodeAt(length - 2) !== PAD ? 1 : 2;
  const digits = length - padding;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  let bits = 0;
  let out = 0;
  for (let i = 0; i < digits; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NOT_BASE64;
    if (value === NOT_BASE64) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    // Characters 1, 2 and 3 of a group complete a byte; 4, 2 and 0 bits are left over.
    const place = i & 3;
    if (place !== 0) bytes[out++] = bits >> (6 - 2 * place);
  }
  const leftOver = padding === 0 ? 0 : (1 << (2 * padding)) - 1;
  return (bits & leftOver) === 0 ? bytes : undefined;
}

/**
 * Encodes bytes as standard base64 with padding (RFC 4648 section 4). Linear.
 *
 * @example
 * encodeBase64(new Uint8Array([1, 2])); // 'AQI='
 */
export function encodeBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  let out = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    codes[out++] = CODES[group >> 18]!;
    codes[out++] = CODES[(group >> 12) & 63]!;
    if (left > 1) codes[out++] = CODES[(group >> 6) & 63]!;
    if (left > 2) codes[out++] = CODES[group & 63]!;
  }
  return new TextDecoder().decode(codes);
}
