import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/** Kind of holder in the fourth place: association, body, company, firm, government, family, artificial, local, person, trust. */
const HOLDERS = /^...[ABCFGHJLPT]/;

/**
 * Indian permanent account number (Income Tax Department; Income-tax Rules, rule 114): five letters of which the fourth
 * says who holds it, four digits from 0001, a letter. The last letter is a check whose rule is not public, so form is all:
 * one random word of ten capitals and digits in some 3,000 has it.
 */
export const inPan: Recognizer = nationalNumber({
  type: 'in_pan',
  forms: [{ pattern: 'AAAAAddddA', confidence: 0.6 }],
  isValid: (compact) => HOLDERS.test(compact) && compact.slice(5, 9) !== '0000',
  context: {
    words: [
      'pan',
      'pan no',
      'pan number',
      'pan card',
      'permanent account number',
      'income tax',
      'e-pan',
      'पैन',
      'स्थायी खाता संख्या',
    ],
    confidence: 0.95,
    against: ['sku', 'model', 'part', 'serial', 'license plate', 'coupon', 'promo', 'voucher'],
  },
  anyCase: true,
});
