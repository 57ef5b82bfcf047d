import { isDate } from '../validators/calendar.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

const WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];

/** Centuries by the tens of the month: 01 to 12 is 19th hundred, 21 to 32 the next; 81 to 92 is the one before. */
const CENTURIES = [1900, 2000, 2100, 2200, 1800];

/**
 * Polish PESEL number (ustawa o ewidencji ludności of 24 September 2010, article 15): eleven digits, of which six are a
 * date of birth with the century in the month, and the last is a check digit modulo 10. Bare digits pass once in 55.
 */
export const plPesel: Recognizer = nationalNumber({
  type: 'pl_pesel',
  forms: [
    { pattern: 'dddddd ddddd', confidence: 0.4 },
    { pattern: 'dddddd-ddddd', confidence: 0.4 },
    { pattern: 'ddddddddddd', confidence: 0.3 },
  ],
  isValid,
  context: {
    words: [
      'pesel',
      'nr pesel',
      'numer pesel',
      'pesel number',
      'numer ewidencyjny',
      'powszechny elektroniczny system ewidencji ludności',
      'polish national id',
      'polish id',
    ],
    confidence: 0.95,
  },
});

function isValid(compact: string): boolean {
  const shifted = Number(compact.slice(2, 4));
  const year = CENTURIES[Math.floor(shifted / 20)]! + Number(compact.slice(0, 2));
  return isDate(year, shifted % 20, Number(compact.slice(4, 6))) && weightedSum(compact, WEIGHTS) % 10 === 0;
}
