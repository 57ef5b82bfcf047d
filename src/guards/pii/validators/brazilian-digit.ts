/**
 * Whether the check digit at `at` is right as Receita Federal reckons it: the values before it, weighted from the right
 * with 2 upwards, and again from 2 after the highest weight; modulo 11; a result of 10 or 11 is written 0. A letter's value is
 * its place in ASCII less 48, as in the alphanumeric CNPJ.
 *
 * @param most the highest weight: 11 for a CPF, 9 for a CNPJ
 */
export function brazilianDigit(compact: string, at: number, most: number): boolean {
  let sum = 0;
  for (let i = at - 1; i >= 0; i--) sum += (compact.charCodeAt(i) - 0x30) * (2 + ((at - 1 - i) % (most - 1)));
  const rest = sum % 11;
  return compact.charCodeAt(at) - 0x30 === (rest < 2 ? 0 : 11 - rest);
}
