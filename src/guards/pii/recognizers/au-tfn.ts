import { isRepeated } from '../validators/repeated.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

const WEIGHTS_9 = [1, 4, 3, 7, 5, 8, 6, 9, 10];
const WEIGHTS_8 = [10, 7, 8, 4, 6, 3, 5, 1];

/**
 * Australian tax file number (Income Tax Assessment Act 1936 part VA; ATO, TFN algorithm): nine digits, or eight where it
 * is old, with a sum modulo 11. One number in eleven passes, and the groups are those of any large number, so it counts
 * only near a word that says so.
 */
export const auTfn: Recognizer = outsideRows(
  nationalNumber({
    type: 'au_tfn',
    forms: [
      { pattern: 'ddd ddd ddd', confidence: 0.4 },
      { pattern: 'ddd-ddd-ddd', confidence: 0.4 },
      { pattern: 'ddd ddd dd', confidence: 0.3 },
      { pattern: 'dd ddd ddd', confidence: 0.3 },
      { pattern: 'ddddddddd', confidence: 0.2 },
      { pattern: 'dddddddd', confidence: 0.1 },
    ],
    isValid(compact) {
      const weights = compact.length === 9 ? WEIGHTS_9 : WEIGHTS_8;
      return !isRepeated(compact) && weightedSum(compact, weights) % 11 === 0;
    },
    context: {
      words: ['tfn', 'tfn no', 'tfn number', 'tax file number', 'tax file no', 'tax file', 'ato'],
      confidence: 0.95,
      against: ['acn', 'phone', 'mobile', 'tel', 'order', 'invoice'],
    },
  }),
);
