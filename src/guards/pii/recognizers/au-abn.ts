import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

const WEIGHTS = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];

/**
 * Australian business number, which sole traders have too (Australian Business Register, Format of the ABN): eleven
 * digits, the first two a check modulo 89.
 */
export const auAbn: Recognizer = outsideRows(
  nationalNumber({
    type: 'au_abn',
    forms: [
      { pattern: 'dd ddd ddd ddd', confidence: 0.7 },
      { pattern: 'dd-ddd-ddd-ddd', confidence: 0.7 },
      { pattern: 'ddddddddddd', confidence: 0.3 },
    ],
    // One is taken from the first digit, which is 1 to 9.
    isValid: (compact) => compact.charAt(0) !== '0' && (weightedSum(compact, WEIGHTS) - 10) % 89 === 0,
    context: {
      words: ['abn', 'abn no', 'abn number', 'australian business number', 'australian business no', 'business number'],
      confidence: 0.95,
      against: ['phone', 'mobile', 'tel', 'order', 'tracking', 'account'],
    },
  }),
);
