/**
 * Whether the digits of `text` from `start` to `end` end in their Luhn check digit (ISO/IEC 7812-1 annex B).
 * Other characters are skipped. Linear in the range.
 *
 * @example
 * luhn('7992-7398-713', 0, 13); // true
 */
export function luhn(text: string, start: number, end: number): boolean {
  let sum = 0;
  let double = false;
  for (let at = end - 1; at >= start; at--) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) continue;
    const weighted = double ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
    double = !double;
  }
  return sum % 10 === 0;
}
