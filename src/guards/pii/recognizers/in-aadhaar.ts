import { isRepeated } from '../validators/repeated.ts';
import { verhoeff } from '../validators/verhoeff.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

/**
 * Indian Aadhaar number (UIDAI, A UID Numbering Scheme, 2010; Aadhaar (Authentication) Regulations): twelve digits, the
 * first 2 to 9, the last a Verhoeff check digit. One number in thirteen passes; the groups of four speak for it too.
 */
export const inAadhaar: Recognizer = outsideRows(
  nationalNumber({
    type: 'in_aadhaar',
    forms: [
      { pattern: 'dddd dddd dddd', confidence: 0.6 },
      { pattern: 'dddd-dddd-dddd', confidence: 0.6 },
      { pattern: 'dddddddddddd', confidence: 0.3 },
    ],
    isValid: (compact) => compact.charAt(0) >= '2' && !isRepeated(compact) && verhoeff(compact),
    context: {
      words: [
        'aadhaar',
        'aadhar',
        'adhaar',
        'aadhaar no',
        'aadhaar number',
        'uidai',
        'uid',
        'uid no',
        'uid number',
        'unique identification number',
        'eaadhaar',
        'e-aadhaar',
        'आधार',
        'आधार संख्या',
      ],
      confidence: 0.95,
      against: ['order', 'invoice', 'tracking', 'awb', 'transaction', 'utr', 'phone', 'imei'],
    },
  }),
);
