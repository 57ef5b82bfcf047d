/**
 * Whether a text of digits ends in its check digit after ISO 7064 MOD 11,10 (a hybrid system: modulo 11 and modulo 10 by
 * turns). Linear in the text.
 *
 * @example
 * mod1110('86095742719'); // true
 */
export function mod1110(digits: string): boolean {
  let product = 10;
  for (let at = 0; at < digits.length - 1; at++) {
    const sum = (digits.charCodeAt(at) - 0x30 + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (product + digits.charCodeAt(digits.length - 1) - 0x30) % 10 === 1;
}
