import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * United States passport number (Department of State; ICAO Doc 9303 part 3, document numbers of nine characters): nine
 * digits, or a letter and eight digits. Nothing checks it: it counts only near a word that says so.
 */
export const usPassport: Recognizer = nationalNumber({
  type: 'us_passport',
  forms: [
    { pattern: 'Adddddddd', confidence: 0.1 },
    { pattern: 'ddddddddd', confidence: 0.1 },
  ],
  isValid: (compact) => !isRepeated(compact.slice(1)),
  context: {
    words: [
      'passport',
      'passports',
      'passport no',
      'passport number',
      'passport card',
      'us passport',
      'pasaporte',
      'passeport',
      'travel document number',
    ],
    confidence: 0.9,
  },
  anyCase: true,
});
