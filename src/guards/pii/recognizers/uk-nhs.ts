import { isRepeated } from '../validators/repeated.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

const WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/**
 * NHS number of England, Wales and the Isle of Man, CHI number of Scotland, H&C number of Northern Ireland (NHS Data
 * Dictionary, NHS NUMBER): ten digits, the last a check digit modulo 11. Telephone numbers of North America look like
 * it, and ISBN-10 has the same check, so only digits in groups of 3, 3 and 4 with blanks count alone.
 */
export const ukNhs: Recognizer = nationalNumber({
  type: 'uk_nhs',
  forms: [
    { pattern: 'ddd ddd dddd', confidence: 0.5 },
    { pattern: 'ddd-ddd-dddd', confidence: 0.3 },
    { pattern: 'dddddddddd', confidence: 0.2 },
  ],
  // Ten as a check digit never occurs: the last digit would have to be ten.
  isValid: (compact) => weightedSum(compact, WEIGHTS) % 11 === 0 && !isRepeated(compact),
  context: {
    words: [
      'nhs',
      'nhs no',
      'nhs number',
      'n h s',
      'national health service',
      'chi number',
      'chi no',
      'chi',
      'h&c number',
      'hcn',
      'health and care number',
      'patient number',
      'gp surgery',
    ],
    confidence: 0.95,
    against: ['phone', 'telephone', 'tel', 'mobile', 'cell', 'fax', 'call', 'isbn', 'order', 'invoice', 'tracking'],
  },
});
