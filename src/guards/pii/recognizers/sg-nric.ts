import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

const WEIGHTS = [2, 7, 6, 5, 4, 3, 2];

/** By the first letter: what is added to the sum, and the check letters by the remainder modulo 11. */
const SERIES: ReadonlyMap<string, readonly [offset: number, letters: string]> = new Map([
  ['S', [0, 'JZIHGFEDCBA']],
  ['T', [4, 'JZIHGFEDCBA']],
  ['F', [0, 'XWUTRQPNMLK']],
  ['G', [4, 'XWUTRQPNMLK']],
  ['M', [3, 'XWUTRQPNJLK']],
]);

/**
 * Singapore identity card and foreign identification number, NRIC and FIN (Immigration & Checkpoints Authority; series M
 * from 1 January 2022): a letter for the series, seven digits, a check letter. One word of this form in 135 passes.
 */
export const sgNric: Recognizer = nationalNumber({
  type: 'sg_nric',
  forms: [{ pattern: 'AdddddddA', confidence: 0.8 }],
  isValid,
  context: {
    words: [
      'nric',
      'nric no',
      'nric number',
      'fin',
      'fin no',
      'fin number',
      'ic no',
      'ic number',
      'uin',
      'identity card',
      'national registration',
      'foreign identification number',
      'work permit',
      'employment pass',
      'singpass',
      'kad pengenalan',
      '身份证',
      '身份证号码',
    ],
    confidence: 0.95,
    against: ['serial', 'model', 'part', 'sku', 'passport'],
  },
  anyCase: true,
});

function isValid(compact: string): boolean {
  const series = SERIES.get(compact.charAt(0));
  if (series === undefined) return false;
  const [offset, letters] = series;
  return letters.charAt((offset + weightedSum(compact.slice(1), WEIGHTS)) % 11) === compact.charAt(8);
}
