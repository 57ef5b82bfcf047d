import { isSpanishLetter } from '../validators/spanish-letter.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * Spanish number of a foreigner (Real Decreto 557/2011, article 206; Orden INT/2058/2008): X, Y or Z, seven digits and
 * the control letter of the number that begins with 0, 1 or 2 instead.
 */
export const esNie: Recognizer = nationalNumber({
  type: 'es_nie',
  forms: [
    { pattern: 'A-ddddddd-A', confidence: 0.8 },
    { pattern: 'A ddddddd A', confidence: 0.7 },
    { pattern: 'A-dddddddA', confidence: 0.8 },
    { pattern: 'Addddddd-A', confidence: 0.8 },
    { pattern: 'Addddddd A', confidence: 0.6 },
    { pattern: 'AdddddddA', confidence: 0.8 },
  ],
  isValid,
  context: {
    words: [
      'nie',
      'n i e',
      'nif',
      'dni',
      'tie',
      'número de identidad de extranjero',
      'numero de identidad de extranjero',
      'identidad de extranjero',
      'tarjeta de residencia',
      'extranjería',
      'foreigner identity number',
      'tax id',
    ],
    confidence: 0.95,
    against: ['factura', 'invoice', 'pedido', 'order', 'serial', 'sku', 'model'],
  },
  anyCase: true,
});

function isValid(compact: string): boolean {
  const first = 'XYZ'.indexOf(compact.charAt(0));
  return first >= 0 && isSpanishLetter(first + compact.slice(1, -1), compact.slice(-1));
}
