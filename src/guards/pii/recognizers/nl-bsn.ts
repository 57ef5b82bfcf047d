import { isRepeated } from '../validators/repeated.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];

/**
 * Dutch citizen service number, BSN (Logisch Ontwerp BSN, RvIG; Wet algemene bepalingen burgerservicenummer): nine
 * digits, or eight where a leading zero is left out, that pass the eleven test with -1 for the last digit. One number in
 * eleven does, so bare digits count only near a word that says so.
 */
export const nlBsn: Recognizer = nationalNumber({
  type: 'nl_bsn',
  forms: [
    { pattern: 'dddd.dd.ddd', confidence: 0.6 },
    { pattern: 'dddd dd ddd', confidence: 0.4 },
    { pattern: 'ddd.ddd.ddd', confidence: 0.2 },
    { pattern: 'ddd ddd ddd', confidence: 0.2 },
    { pattern: 'ddd-ddd-ddd', confidence: 0.2 },
    { pattern: 'ddddddddd', confidence: 0.2 },
    { pattern: 'dddddddd', confidence: 0.1 },
  ],
  isValid: (compact) => !isRepeated(compact) && weightedSum(compact.padStart(9, '0'), WEIGHTS) % 11 === 0,
  context: {
    words: [
      'bsn',
      'b s n',
      'bsn nummer',
      'bsn nr',
      'burgerservicenummer',
      'burger service nummer',
      'burgerservicenr',
      'citizen service number',
      'sofi nummer',
      'sofi',
      'persoonsnummer',
      'dutch national id',
    ],
    confidence: 0.95,
    against: ['factuur', 'invoice', 'bestelling', 'order', 'telefoon', 'tel', 'phone', 'kvk'],
  },
});
