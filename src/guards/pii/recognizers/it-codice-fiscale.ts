import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/** What a character counts at places 1, 3, 5 and so on: by digit, and by the letter that stands in for it or any other. */
const ODD_DIGITS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
const ODD_LETTERS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Surname, name, year, month, day (women 40 more), place: a digit may be one of `LMNPQRSTUV`, which tells namesakes apart. */
const STRUCTURE =
  /^[A-Z]{6}[\dLMNP-V]{2}[ABCDEHLMPRST](?:[04LQ][1-9MNP-V]|[1256MNRS][\dLMNP-V]|[37PT][01LM])[A-Z][\dLMNP-V]{3}[A-Z]$/;

/**
 * Italian tax code of a person (Decreto ministeriale of 23 December 1976): 16 letters and digits made from name, date
 * and place of birth, the last one a check letter. By chance one word of this build in 26 passes, and few have the build.
 */
export const itCodiceFiscale: Recognizer = nationalNumber({
  type: 'it_codice_fiscale',
  forms: [
    { pattern: 'AAA AAA WWAWW AWWWA', confidence: 0.9 },
    { pattern: 'AAAAAAWWAWWAWWWA', confidence: 0.9 },
  ],
  isValid: (compact) => STRUCTURE.test(compact) && hasCheckLetter(compact),
  context: {
    words: [
      'codice fiscale',
      'cod fisc',
      'cod fiscale',
      'c f',
      'tessera sanitaria',
      'italian tax code',
      'tax code',
      'fiscal code',
    ],
    confidence: 0.95,
  },
  anyCase: true,
});

function hasCheckLetter(compact: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const code = compact.charCodeAt(at);
    const isDigit = code <= 0x39;
    const value = isDigit ? code - 0x30 : code - 0x41;
    sum += at % 2 === 1 ? value : (isDigit ? ODD_DIGITS : ODD_LETTERS)[value]!;
  }
  return compact.charCodeAt(15) === 0x41 + (sum % 26);
}
