import { codeAt } from '../chars.ts';
/**
 * Whether a key ends with the check value of what is before: CRC-32 in six digits of base 62, as GitHub and npm write it
 * ("Behind GitHub's new authentication token formats", 2021).
 */
export function hasCrc(body: string): boolean {
  const split = body.length - 6;
  let value = 0;
  for (const digit of body.slice(split)) {
    const place = DIGITS.indexOf(digit);
    if (place < 0) return false;
    value = value * 62 + place;
  }
  return value === crc32(body.slice(0, split));
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of ASCII text (ISO 3309, reflected 0xEDB88320). */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= codeAt(text, i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
