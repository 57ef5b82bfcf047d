import { mod1110 } from '../validators/mod11-10.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * German tax identification number (Bundeszentralamt für Steuern, IdNr; ELSTER "Prüfung der Steuer- und
 * Steueridentifikationsnummer", chapter 2): eleven digits, the first not 0, of the first ten one digit twice or three
 * times, the last a check digit after ISO 7064 MOD 11,10. Bare digits pass about once in 250.
 */
export const deTaxId: Recognizer = nationalNumber({
  type: 'de_tax_id',
  forms: [
    { pattern: 'dd ddd ddd ddd', confidence: 0.8 },
    { pattern: 'dd-ddd-ddd-ddd', confidence: 0.6 },
    { pattern: 'dd/ddd/ddd/ddd', confidence: 0.6 },
    { pattern: 'ddddddddddd', confidence: 0.3 },
  ],
  isValid: (compact) => !compact.startsWith('0') && isRepetitive(compact.slice(0, 10)) && mod1110(compact),
  context: {
    words: [
      'steuer id',
      'steuer idnr',
      'steuer identifikationsnummer',
      'steuerliche identifikationsnummer',
      'identifikationsnummer',
      'id nr',
      'stid',
      'tax id',
      'tax identification number',
      'german tax id',
      'tin',
      'finanzamt',
      'lohnsteuer',
      'bzst',
    ],
    confidence: 0.95,
    against: ['rechnung', 'invoice', 'bestellung', 'order', 'tel', 'telefon', 'phone', 'fax', 'mobil'],
  },
});

/**
 * Exactly one digit occurs more than once: twice, or since 2016 three times but then not three times in a row. All
 * others occur once or not at all.
 */
function isRepetitive(digits: string): boolean {
  const counts = new Uint8Array(10);
  for (let at = 0; at < digits.length; at++) counts[digits.charCodeAt(at) - 0x30]!++;
  const repeated = counts.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0);
  return repeated === 1 && Math.max(...counts) <= 3 && !/(\d)\1\1/.test(digits);
}
