import { luhn } from '../validators/luhn.ts';
import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { outsideRows } from './row.ts';

/**
 * Canadian social insurance number, and the individual tax number in its form that begins with 0 (Service Canada, Social
 * Insurance Number Code of Practice): nine digits with a Luhn check digit. None begins with 8, which business numbers
 * begin with. One number in ten passes, and blanks group any large number so, so only hyphens count without a word near.
 */
export const caSin: Recognizer = outsideRows(
  nationalNumber({
    type: 'ca_sin',
    forms: [
      { pattern: 'ddd-ddd-ddd', confidence: 0.5 },
      { pattern: 'ddd ddd ddd', confidence: 0.4 },
      { pattern: 'ddddddddd', confidence: 0.2 },
    ],
    isValid: (compact) => compact.charAt(0) !== '8' && !isRepeated(compact) && luhn(compact, 0, compact.length),
    context: {
      words: [
        'sin',
        'sin no',
        'sin number',
        'sin #',
        'social insurance number',
        'social insurance no',
        'social insurance',
        'nas',
        'no nas',
        'numéro nas',
        "numéro d'assurance sociale",
        'numéro d’assurance sociale',
        'assurance sociale',
        'individual tax number',
        'itn',
      ],
      confidence: 0.95,
      against: ['phone', 'tel', 'order', 'invoice', 'tracking', 'business number', 'siren'],
    },
  }),
);
