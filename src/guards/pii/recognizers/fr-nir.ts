import { mod97 } from '../validators/mod97.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/** Sex, year, month (or a code where the date is not known), department with Corsica, commune, number in the register. */
const STRUCTURE = /^[1-478]\d\d(?:0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)(?:0[1-9]|[1-9]\d|2[AB])\d{8}$/;

/**
 * French social security number, NIR (INSEE, répertoire national d'identification des personnes physiques; décret
 * 82-103): thirteen digits and a key, 97 less their remainder modulo 97; `2A` and `2B` count as 19 and 18. Without its
 * key it is not looked for.
 */
export const frNir: Recognizer = nationalNumber({
  type: 'fr_nir',
  forms: [
    { pattern: 'd dd dd dW ddd ddd dd', confidence: 0.9 },
    { pattern: 'd.dd.dd.dW.ddd.ddd.dd', confidence: 0.9 },
    { pattern: 'd-dd-dd-dW-ddd-ddd-dd', confidence: 0.9 },
    { pattern: 'ddddddWdddddd dd', confidence: 0.8 },
    { pattern: 'ddddddWdddddd-dd', confidence: 0.8 },
    { pattern: 'ddddddWdddddddd', confidence: 0.6 },
  ],
  isValid,
  context: {
    words: [
      'nir',
      'nirpp',
      'sécurité sociale',
      'securite sociale',
      'sécu',
      'secu',
      'n° ss',
      'no ss',
      'numéro ss',
      'numéro insee',
      'numero insee',
      'insee',
      'carte vitale',
      'assurance maladie',
      'ameli',
      'french social security',
      'social security number',
    ],
    confidence: 0.95,
    against: ['facture', 'invoice', 'commande', 'order', 'siret', 'tracking', 'imei'],
  },
});

function isValid(compact: string): boolean {
  if (!STRUCTURE.test(compact)) return false;
  const number = compact.slice(0, 13).replace('A', '9').replace('B', '8');
  const digits = number === compact.slice(0, 13) ? number : `${number.slice(0, 5)}1${number.slice(6)}`;
  return 97 - mod97(digits) === Number(compact.slice(13));
}
