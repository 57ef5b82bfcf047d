import { lazy } from '../../../lazy.ts';

/** One range of card numbers: the first six digits, and the lengths that are issued under them. */
interface IssuerRange {
  readonly from: number;
  readonly to: number;
  /** Bit n is set where numbers of n digits exist. */
  readonly lengths: number;
}

/**
 * As Wikipedia, Payment card number, lists them; where that is narrower than what is issued, as braintree/credit-card-type
 * does and as the test numbers of processors show (Maestro, Elo, Napas, older JCB). Of the wide ranges only the lengths 16,
 * 18 and 19: with 12 to 15 digits, one bar code in ten would be a card.
 */
const RANGES = lazy((): readonly IssuerRange[] => [
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
  range('3088', '3094', 16), // JCB, older
  range('3096', '3102', 16), // JCB, older
  range('3112', '3120', 16), // JCB, older
  range('3158', '3159', 16), // JCB, older
  range('3337', '3349', 16), // JCB, older
  range('6011', '6011', 16, 17, 18, 19), // Discover
  range('644', '649', 16, 17, 18, 19), // Discover
  range('65', '65', 16, 17, 18, 19), // Discover, RuPay, Troy, Elo, Verve
  range('62', '62', 16, 17, 18, 19), // UnionPay
  range('810', '817', 16, 17, 18, 19), // UnionPay
  range('81', '82', 16), // RuPay
  range('60', '60', 16, 18, 19), // RuPay, Discover, Hipercard, GPN
  range('6040', '6042', 16, 17, 18, 19), // UkrCard
  range('50', '50', 16, 18, 19), // Maestro, RuPay, Elo, Verve, GPN, Dankort
  range('56', '58', 16, 18, 19), // Maestro, Bankcard, Uzcard, GPN
  range('61', '61', 16, 18, 19), // GPN
  range('63', '63', 16, 18, 19), // Maestro, InstaPayment, Hiper, Elo, GPN
  range('67', '67', 16, 18, 19), // Maestro, Bancontact
  range('636', '636', 16, 17, 18, 19), // InterPayment
  range('5018', '5018', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5020', '5020', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5038', '5038', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('5893', '5893', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6304', '6304', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6759', '6759', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6761', '6763', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro
  range('6771', '6771', 16, 17, 18, 19), // Maestro, once Laser
  range('2200', '2204', 16, 17, 18, 19), // Mir
  range('2205', '2205', 16), // BORICA
  range('8600', '8600', 16), // Uzcard
  range('9704', '9704', 16, 19), // Napas
  range('9792', '9792', 16), // Troy
  range('9860', '9860', 16), // Humo
]);

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
  for (const { from, to, lengths: bits } of RANGES()) if (firstSix >= from && firstSix <= to) lengths |= bits;
  return lengths;
}

/** By the first four digits: the lengths of every range that holds any number beginning so. */
const BY_FOUR = lazy(() => {
  const table = new Uint32Array(10_000);
  for (const { from, to, lengths } of RANGES()) {
    for (let four = Math.floor(from / 100); four <= Math.floor(to / 100); four++) table[four]! |= lengths;
  }
  return table;
});

/** The lengths that numbers beginning with these four digits may have, as bits: those of {@link issuedLengths}, or more. */
export function possibleLengths(firstFour: number): number {
  return BY_FOUR()[firstFour]!;
}
