import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

const WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9];

/**
 * Australian Medicare card number (METEOR 270101, Person - government funding identifier; Services Australia): eight
 * digits of which the first is 2 to 6, a check digit modulo 10, the issue of the card, and the holder's place on it, which
 * is often left out.
 */
export const auMedicare: Recognizer = outsideRows(
  nationalNumber({
    type: 'au_medicare',
    forms: [
      { pattern: 'dddd ddddd d/d', confidence: 0.8 },
      { pattern: 'dddd ddddd d-d', confidence: 0.8 },
      { pattern: 'dddd ddddd d d', confidence: 0.7 },
      { pattern: 'dddd-ddddd-d-d', confidence: 0.7 },
      { pattern: 'dddd-ddddd-d/d', confidence: 0.7 },
      { pattern: 'dddd ddddd d', confidence: 0.6 },
      { pattern: 'dddd-ddddd-d', confidence: 0.6 },
      { pattern: 'dddddddddd/d', confidence: 0.4 },
      { pattern: 'dddddddddd-d', confidence: 0.4 },
      { pattern: 'ddddddddddd', confidence: 0.2 },
      { pattern: 'dddddddddd', confidence: 0.2 },
    ],
    isValid,
    context: {
      words: [
        'medicare',
        'medicare no',
        'medicare number',
        'medicare card',
        'medicare card number',
        'irn',
        'health insurance commission',
      ],
      confidence: 0.95,
      against: ['phone', 'mobile', 'tel', 'order', 'invoice', 'tracking'],
    },
  }),
);

function isValid(compact: string): boolean {
  const first = compact.charAt(0);
  if (first < '2' || first > '6' || compact.charAt(9) === '0' || compact.charAt(10) === '0') return false;
  return weightedSum(compact, WEIGHTS) % 10 === compact.charCodeAt(8) - 0x30;
}
