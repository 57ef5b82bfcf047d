import { isRepeated } from '../validators/repeated.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

const WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1];

/**
 * United States bank routing number (ABA routing number policy; ANSI X9.127): nine digits that begin with 00 to 12, 21 to
 * 32, 61 to 72 or 80; their sum with the weights 3, 7, 1 is a multiple of 10. Bare digits pass once in 26.
 */
export const usAba: Recognizer = nationalNumber({
  type: 'us_aba',
  forms: [
    { pattern: 'dddd-dddd-d', confidence: 0.5 },
    { pattern: 'ddddddddd', confidence: 0.2 },
  ],
  isValid,
  context: {
    words: [
      'aba',
      'aba number',
      'routing',
      'routing number',
      'routing no',
      'routing transit number',
      'bank routing',
      'transit number',
      'rtn',
      'ach',
      'fedwire',
      'wire transfer',
    ],
    confidence: 0.9,
    against: ['order', 'invoice', 'ticket', 'tracking', 'serial', 'part', 'phone', 'tel', 'fax'],
  },
});

function isValid(compact: string): boolean {
  if (!/^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(compact) || isRepeated(compact)) return false;
  return weightedSum(compact, WEIGHTS) % 10 === 0;
}
