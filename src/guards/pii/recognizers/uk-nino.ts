import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/** HMRC manual NIM39110: letters that prefixes do without, and prefixes that are not given out. */
const PREFIX = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]/;

/**
 * United Kingdom national insurance number (HMRC National Insurance Manual NIM39110): two letters, six digits, and a
 * letter from A to D. No check digit: one word of this form in twelve passes. The manual's own example, `QQ`,
 * is no prefix.
 */
export const ukNino: Recognizer = nationalNumber({
  type: 'uk_nino',
  forms: [
    { pattern: 'AA dd dd dd A', confidence: 0.8 },
    { pattern: 'AA-dd-dd-dd-A', confidence: 0.8 },
    { pattern: 'AA dddddd A', confidence: 0.7 },
    { pattern: 'AAdddddd A', confidence: 0.5 },
    { pattern: 'AAddddddA', confidence: 0.6 },
  ],
  isValid: (compact) => PREFIX.test(compact) && compact.charAt(8) <= 'D',
  context: {
    words: [
      'nino',
      'national insurance',
      'national insurance number',
      'national insurance no',
      'nat ins',
      'ni number',
      'ni no',
      'n i number',
      'hmrc',
      'paye',
      'rhif yswiriant gwladol',
    ],
    confidence: 0.95,
    against: ['part', 'model', 'serial', 'sku', 'flight', 'order', 'postcode'],
  },
  anyCase: true,
});
