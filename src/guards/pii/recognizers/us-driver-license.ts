import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/** Lengths of numbers that are digits only, and of the digits after one letter, over all states. */
const DIGITS_ONLY = [12, 10, 9, 8, 7];
const AFTER_A_LETTER = [14, 13, 12, 11, 9, 8, 7, 6];

/** Other words of letters and digits: Washington, New Hampshire, Iowa, Idaho, Ohio, North Dakota, Vermont and Maine. */
const WORDS = ['AAAWWWWWWWWW', 'ddAAAddddd', 'dddAAdddd', 'AAddddddA', 'AAdddddd', 'AAAdddddd', 'dddddddA'];

/** As some states print them: Florida, Illinois, Wisconsin, Maryland, Michigan, New Jersey, New York and others. */
const PRINTED = [
  'Adddd-ddddd-ddddd',
  'Adddd ddddd ddddd',
  'A-ddd-ddd-ddd-ddd',
  'A ddd ddd ddd ddd',
  'Addd-dddd-dddd-dd',
  'Addd-ddd-dd-ddd-d',
  'Addd-dddd-dddd',
  'dddd-dd-dddd',
  'Add-ddd-ddd',
  'Add-dd-dddd',
  'dd-ddd-dddd',
  'ddd-ddd-ddd',
  'ddd ddd ddd',
  'dd ddd ddd',
];

/**
 * United States driver licence number, in the forms that the states use (National Traffic Safety Institute, table of
 * state formats; the AAMVA card standard leaves them to the states). Nothing checks it: it counts only near a word that
 * says so. Fewer than six digits in a row are left out.
 */
export const usDriverLicense: Recognizer = nationalNumber({
  type: 'us_driver_license',
  forms: [
    ...PRINTED,
    ...AFTER_A_LETTER.map((count) => `A${'d'.repeat(count)}`),
    ...DIGITS_ONLY.map((count) => 'd'.repeat(count)),
    ...WORDS,
  ].map((pattern) => ({ pattern, confidence: 0.1 })),
  isValid,
  context: {
    words: [
      "driver's license",
      'driver’s license',
      'drivers license',
      'driver license',
      'driving license',
      "driver's licence",
      'driver’s licence',
      'drivers licence',
      'driver licence',
      'driving licence',
      'operator license',
      "operator's license",
      'driver lic',
      'drivers lic',
      'license number',
      'licence number',
      'dl',
      'dln',
      'cdl',
      'dl no',
      'dl number',
      'dmv',
      'licencia de conducir',
      'licencia de manejo',
    ],
    confidence: 0.9,
    against: ['software', 'product', 'plate', 'order', 'invoice', 'phone', 'tel', 'fax'],
  },
  anyCase: true,
});

/** Washington begins twelve characters with `WDL`; without that, they are any word. */
function isValid(compact: string): boolean {
  if (/^[A-Z]{3}/.test(compact) && compact.length === 12) return compact.startsWith('WDL');
  return !isRepeated(compact.replace(/^[A-Z]+/, ''));
}
