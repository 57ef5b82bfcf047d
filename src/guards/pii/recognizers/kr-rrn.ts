import { isDate } from '../validators/calendar.ts';
import { weightedSum } from '../validators/weighted-sum.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';
import { weighed } from './weigh.ts';

const WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/** Worth of a number without a check digit: one text of this form in sixty has a date and a seventh digit that fit. */
const UNCHECKED = 0.4;

/**
 * South Korean resident and foreigner registration number (Resident Registration Act, article 7-2; Enforcement Rules of
 * the Immigration Act): date of birth, a digit for century, sex and nationality, six digits of which the last is a check
 * modulo 11. Numbers given out since October 2020 are random after the seventh digit: without a right check digit one
 * counts only near a word that says so.
 */
export const krRrn: Recognizer = weighed(
  nationalNumber({
    type: 'kr_rrn',
    forms: [
      { pattern: 'dddddd-ddddddd', confidence: 0.8 },
      { pattern: 'dddddd ddddddd', confidence: 0.5 },
      { pattern: 'ddddddddddddd', confidence: 0.3 },
    ],
    isValid: isPlausible,
    context: {
      words: [
        'rrn',
        'resident registration number',
        'resident registration',
        'resident number',
        'alien registration number',
        'alien registration',
        'foreigner registration number',
        'arc no',
        'arc number',
        'jumin',
        '주민등록번호',
        '주민번호',
        '주민등록',
        '외국인등록번호',
        '외국인등록',
        '등록번호',
      ],
      confidence: 0.95,
      against: ['order', 'invoice', 'tracking', '법인등록번호', '운송장'],
    },
  }),
  (compact) => (isChecked(compact) ? 1 : UNCHECKED),
);

/** Seventh digit 1, 2, 5, 6: born in the 1900s; 3, 4, 7, 8: in the 2000s; 9, 0: too long ago. */
function isPlausible(compact: string): boolean {
  const seventh = compact.charCodeAt(6) - 0x30;
  if (seventh < 1 || seventh > 8) return false;
  const century = seventh % 4 === 1 || seventh % 4 === 2 ? 1900 : 2000;
  const [year, month, day] = [0, 2, 4].map((at) => Number(compact.slice(at, at + 2))) as [number, number, number];
  return isDate(century + year, month, day);
}

/** Foreigners' numbers were given two more than residents'. */
function isChecked(compact: string): boolean {
  const rest = weightedSum(compact, WEIGHTS) % 11;
  const last = compact.charCodeAt(12) - 0x30;
  return last === (11 - rest) % 10 || (compact.charAt(6) >= '5' && last === (13 - rest) % 10);
}
