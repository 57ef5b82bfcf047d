import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * United States individual taxpayer identification number (IRS Internal Revenue Manual 3.21.263): `9NN-NN-NNNN`, fourth
 * and fifth digit 50 to 65, 70 to 88, 90 to 92 or 94 to 99. No check digit; no social security number begins with 9.
 */
export const usItin: Recognizer = nationalNumber({
  type: 'us_itin',
  forms: [
    { pattern: 'ddd-dd-dddd', confidence: 0.7 },
    { pattern: 'ddd dd dddd', confidence: 0.5 },
    { pattern: 'ddddddddd', confidence: 0.2 },
  ],
  isValid: (compact) => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(compact),
  context: {
    words: [
      'itin',
      'itins',
      'individual taxpayer identification',
      'individual taxpayer id',
      'taxpayer identification number',
      'taxpayer id',
      'tax identification number',
      'tax id',
      'tin',
      'irs',
      'form w 7',
      'número de identificación personal del contribuyente',
    ],
    confidence: 0.95,
  },
});
