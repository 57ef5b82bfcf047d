import { isRepeated } from '../validators/repeated.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 1, 1];

/**
 * Australian company number (Corporations Regulations 2001; ASIC, Australian Company Number digit check): nine digits, the
 * last a check modulo 10. Three groups of three digits are also how many countries write nine figures, and one number in
 * ten passes, so it counts only near a word that says so.
 */
export const auAcn: Recognizer = outsideRows(
  nationalNumber({
    type: 'au_acn',
    forms: [
      { pattern: 'ddd ddd ddd', confidence: 0.4 },
      { pattern: 'ddd-ddd-ddd', confidence: 0.4 },
      { pattern: 'ddddddddd', confidence: 0.2 },
    ],
    isValid: (compact) => !isRepeated(compact) && weightedSum(compact, WEIGHTS) % 10 === 0,
    context: {
      words: ['acn', 'acn no', 'acn number', 'australian company number', 'company number', 'arbn', 'asic'],
      confidence: 0.95,
      against: ['phone', 'mobile', 'tel', 'order', 'tfn', 'tax file'],
    },
  }),
);
