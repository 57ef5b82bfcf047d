import { isDate } from '../validators/calendar.ts';
import { nationalNumber } from './national.ts';
import { withPlus } from './plus.ts';
import type { Recognizer } from './recognizer.ts';
import { weighed } from './weigh.ts';

/** Check characters by the number modulo 31. */
const CHECKS = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** Worth of individual numbers from 900 on, which are for tests and for stays in hospital. */
const TEMPORARY = 0.5;

/**
 * Finnish personal identity code, henkilötunnus (Valtioneuvoston asetus väestötietojärjestelmästä 128/2010, section 2;
 * Digital and Population Data Services Agency): day, month and year of birth, a sign for the century (`+`; `-` and U to Y;
 * A to F), three digits, and a check character modulo 31. One date of this form in 31 passes.
 */
export const fiHetu: Recognizer = withPlus(
  weighed(
    nationalNumber({
      type: 'fi_hetu',
      forms: [
        { pattern: 'dddddd-dddW', confidence: 0.8 },
        { pattern: 'dddddd+dddW', confidence: 0.8 },
        { pattern: 'ddddddAdddW', confidence: 0.8 },
      ],
      isValid,
      context: {
        words: [
          'hetu',
          'henkilötunnus',
          'henkilötunnukset',
          'henkilötunnuksen',
          'henkilötunnuksesi',
          'henkilönumero',
          'sotu',
          'sosiaaliturvatunnus',
          'syntymäaika ja tunnus',
          'personbeteckning',
          'personal identity code',
          'finnish id',
          'finnish personal id',
        ],
        confidence: 0.95,
        against: ['y-tunnus', 'tilaus', 'order', 'lasku', 'invoice'],
      },
      anyCase: true,
    }),
    (compact) => (compact.charAt(compact.length - 4) === '9' ? TEMPORARY : 1),
  ),
);

/** Ten characters where the sign is no letter, else eleven. */
function isValid(compact: string): boolean {
  const sign = compact.length === 11 ? compact.charAt(6) : '';
  if (!/^[A-FU-Y]?$/.test(sign)) return false;
  const individual = compact.slice(-4, -1);
  if (individual < '002') return false;
  const [day, month, year] = [0, 2, 4].map((at) => Number(compact.slice(at, at + 2))) as [number, number, number];
  if (!centuriesOf(sign).some((century) => isDate(century + year, month, day))) return false;
  return CHECKS.charAt(Number(compact.slice(0, 6) + individual) % 31) === compact.slice(-1);
}

function centuriesOf(sign: string): readonly number[] {
  if (sign === '') return [1800, 1900];
  return sign <= 'F' ? [2000] : [1900];
}
