/** Spanish control letters by the number modulo 23 (Orden of the Ministry of the Interior, DNI; Real Decreto 1553/2005). */
const LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Whether the letter is the control letter of the number. */
export function isSpanishLetter(digits: string, letter: string): boolean {
  return LETTERS.charAt(Number(digits) % 23) === letter;
}
