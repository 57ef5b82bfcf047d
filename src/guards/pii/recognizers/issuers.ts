/** One range of card numbers: the first six digits, and the lengths that are issued under them. */
interface IssuerRange {
  readonly from: number;
  readonly to: number;
  /** Bit n is set where numbers of n digits exist. */
  readonly lengths: number;
}

const RANGES: readonly IssuerRange[] = [
  range('4', '4', 13, 16, 19), // Visa
  range('51', '55', 16), // Mastercard
  range('2221', '2720', 16), // Mastercard
  range('34', '34', 15), // American Express
  range('37', '37', 15), // American Express
  range('300', '305', 14, 16, 17, 18, 19), // Diners Club
  range('3095', '3095', 14, 16, 17, 18, 19), // Diners Club
  range('36', '36', 14, 15, 16, 17, 18, 19), // Diners Club
  range('38', '39', 14, 16, 17, 18, 19), // Diners Club
  range('3528', '3589', 16, 17, 18, 19), // JCB
  range('6011', '6011', 16, 17, 18, 19), // Discover
  range('644', '649', 16, 17, 18, 19), // Discover
  range('65', '65', 16, 17, 18, 19), // Discover, RuPay, Troy
  range('62', '62', 16, 17, 18, 19), // UnionPay
  range('810', '817', 16, 17, 18, 19), // UnionPay
  range('60', '60', 16), // RuPay, Discover
  range('508', '508', 16), // RuPay
  range('5018', '5018', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5020', '5020', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5038', '5038', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5893', '5893', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6304', '6304', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6759', '6759', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6761', '6763', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6771', '6771', 16, 17, 18, 19), // Maestro, once Laser
  range('5019', '5019', 16), // Dankort
  range('2200', '2204', 16, 17, 18, 19), // Mir
  range('506099', '506198', 16, 18, 19), // Verve
  range('636', '639', 16, 17, 18, 19), // InterPayment, InstaPayment
  range('8600', '8600', 16), // Uzcard
  range('9792', '9792', 16), // Troy
  range('9860', '9860', 16), // Humo
];

function range(from: string, to: string, ...lengths: readonly number[]): IssuerRange {
  return {
    from: Number(from.padEnd(6, '0')),
    to: Number(to.padEnd(6, '9')),
    lengths: lengths.reduce((bits, length) => bits | (1 << length), 0),
  };
}

/**
 * The lengths that numbers beginning with these six digits may have, as bits; 0 if nobody issues them.
 *
 * @example
 * (issuedLengths(411111) & (1 << 16)) !== 0; // true
 */
export function issuedLengths(firstSix: number): number {
  let lengths = 0;
  for (const { from, to, lengths: bits } of RANGES) if (firstSix >= from && firstSix <= to) lengths |= bits;
  return lengths;
}

/** By the first four digits: the lengths of every range that holds any number beginning so. */
const BY_FOUR: Uint32Array = byFour();

function byFour(): Uint32Array {
  const table = new Uint32Array(10_000);
  for (const { from, to, lengths } of RANGES) {
    for (let four = Math.floor(from / 100); four <= Math.floor(to / 100); four++) table[four]! |= lengths;
  }
  return table;
}

/** The lengths that numbers beginning with these four digits may have, as bits: those of {@link issuedLengths}, or more. */
export function possibleLengths(firstFour: number): number {
  return BY_FOUR[firstFour]!;
}
