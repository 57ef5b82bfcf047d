import { isDate } from '../validators/calendar.ts';
import { luhn } from '../validators/luhn.ts';
import { nationalNumber } from './national.ts';
import { withPlus } from './plus.ts';
import type { Recognizer } from './recognizer.ts';
import { weighed } from './weigh.ts';

/** Worth of twelve digits that are a date and a time of day: `20240131-1830`. */
const TIMESTAMP = 0.6;

/**
 * Swedish personal identity number and coordination number (Folkbokföringslagen 1991:481, section 18; Skatteverket SKV
 * 704 and 707): date of birth, with 60 added to the day in a coordination number, three digits, and a Luhn check digit.
 * `+` instead of `-` from the year in which one turns a hundred.
 */
export const sePersonnummer: Recognizer = withPlus(
  weighed(
    nationalNumber({
      type: 'se_personnummer',
      forms: [
        { pattern: 'dddddddd-dddd', confidence: 0.8 },
        { pattern: 'dddddddd+dddd', confidence: 0.8 },
        { pattern: 'dddddd-dddd', confidence: 0.7 },
        { pattern: 'dddddd+dddd', confidence: 0.7 },
        { pattern: 'dddddddd dddd', confidence: 0.5 },
        { pattern: 'dddddd dddd', confidence: 0.3 },
        { pattern: 'dddddddddddd', confidence: 0.4 },
        { pattern: 'dddddddddd', confidence: 0.3 },
      ],
      isValid,
      context: {
        words: [
          'personnummer',
          'personnr',
          'pers nr',
          'persnr',
          'pnr',
          'personal identity number',
          'personal number',
          'swedish id',
          'samordningsnummer',
          'samordningsnr',
          'coordination number',
          'födelsenummer',
          'bankid',
          'id-nummer',
        ],
        confidence: 0.95,
        against: [
          'orgnr',
          'org nr',
          'organisationsnummer',
          'telefon',
          'tel',
          'order',
          'ordernr',
          'faktura',
          'ocr',
          'phone',
        ],
      },
    }),
    (compact) => (compact.length === 12 && isTimeOfDay(compact.slice(8)) ? TIMESTAMP : 1),
  ),
);

/** No one who is alive, or will be while this may still be read, was born outside these years. */
const FIRST_YEAR = '1880';
const LAST_YEAR = '2049';

function isValid(compact: string): boolean {
  const short = compact.slice(-10);
  const century = compact.slice(0, -10);
  const year = compact.slice(0, 4);
  if (century !== '' && (year < FIRST_YEAR || year > LAST_YEAR)) return false;
  if (short.slice(6, 9) === '000' || !luhn(short, 0, short.length)) return false;
  const day = Number(short.slice(4, 6));
  return (century === '' ? ['19', '20'] : [century]).some((each) =>
    isDate(Number(each + short.slice(0, 2)), Number(short.slice(2, 4)), day > 60 ? day - 60 : day),
  );
}

function isTimeOfDay(digits: string): boolean {
  return digits < '2400' && digits.charAt(2) < '6';
}
