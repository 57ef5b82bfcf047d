import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { weighed } from './weigh.ts';

const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Values of A to Z; I, O and Q do not occur. */
const LETTER_VALUES = '12345678012345070923456789';

/** No I, O or Q; the last four are digits (ISO 3779, vehicle indicator section). */
const FORM = /^[A-HJ-NPR-Z0-9]{13}\d{4}$/;

/** Where the check digit is law: North America (49 CFR 565.15; also 7F to 70) and China (GB 16735). */
const IN_CHECKED_REGION = /^(?:[1-5L]|7[F-Z0])/;
/** There, the tenth place tells the year. */
const HAS_YEAR = /^.{9}[A-HJ-NPR-TV-Y1-9]/;

/** Worth where the check digit is not right, nor need be. */
const UNCHECKED = 0.5;
/** Worth of seventeen digits, which may number anything. */
const BARE_DIGITS = 0.35;

/**
 * Vehicle identification number (ISO 3779): seventeen capitals and digits. With its check digit, which one in eleven has
 * by chance, it counts alone; numbers of regions that need not have one count near a word that says so.
 */
export const vin: Recognizer = weighed(
  nationalNumber({
    type: 'vin',
    forms: [{ pattern: 'WWWWWWWWWWWWWdddd', confidence: 0.8 }],
    isValid: (compact) =>
      FORM.test(compact) &&
      !isRepeated(compact) &&
      (!IN_CHECKED_REGION.test(compact) || (HAS_YEAR.test(compact) && isChecked(compact))),
    context: {
      words: [
        'vin',
        'vin no',
        'vin number',
        'vehicle identification number',
        'vehicle id',
        'vehicle',
        'chassis',
        'chassis no',
        'chassis number',
        'car',
        'fahrgestellnummer',
        'fahrzeug-identifizierungsnummer',
        'fin',
        'numéro de châssis',
        'número de bastidor',
        'bastidor',
        'numero di telaio',
        'telaio',
        'chassi',
        'chassisnummer',
        'chassinummer',
        'номер кузова',
        '车架号',
        '車台番号',
      ],
      confidence: 0.9,
      against: ['tracking', 'order', 'serial', 'container', 'token', 'session'],
    },
    anyCase: true,
  }),
  (compact) => (isChecked(compact) ? 1 : UNCHECKED) * (/^\d+$/.test(compact) ? BARE_DIGITS : 1),
);

function isChecked(compact: string): boolean {
  let sum = 0;
  for (let at = 0; at < WEIGHTS.length; at++) sum += WEIGHTS[at]! * letterValue(compact.charCodeAt(at));
  const rest = sum % 11;
  return compact.charAt(8) === (rest === 10 ? 'X' : String(rest));
}

function letterValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : LETTER_VALUES.charCodeAt(code - 0x41) - 0x30;
}
