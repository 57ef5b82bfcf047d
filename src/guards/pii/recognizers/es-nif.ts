import { isSpanishLetter } from '../validators/spanish-letter.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * Spanish tax number of a person (Real Decreto 1065/2007, articles 19 and 20; the number of the identity card, DNI): eight
 * digits and a control letter, or K, L or M, seven digits and a control letter. Numbers of companies are no personal
 * data; those of foreigners are `es_nie`.
 */
export const esNif: Recognizer = nationalNumber({
  type: 'es_nif',
  forms: [
    { pattern: 'dd.ddd.ddd-A', confidence: 0.8 },
    { pattern: 'dd.ddd.ddd A', confidence: 0.7 },
    { pattern: 'dd.ddd.dddA', confidence: 0.8 },
    { pattern: 'dddddddd-A', confidence: 0.7 },
    { pattern: 'dddddddd A', confidence: 0.5 },
    { pattern: 'A-ddddddd-A', confidence: 0.6 },
    { pattern: 'ddddddddA', confidence: 0.7 },
    { pattern: 'AdddddddA', confidence: 0.6 },
  ],
  isValid,
  context: {
    words: [
      'nif',
      'n i f',
      'dni',
      'd n i',
      'documento nacional de identidad',
      'documento de identidad',
      'número de identificación fiscal',
      'numero de identificacion fiscal',
      'identificación fiscal',
      'carnet de identidad',
      'spanish tax id',
      'spanish id',
      'tax id',
    ],
    confidence: 0.95,
    against: ['factura', 'invoice', 'pedido', 'order', 'serial', 'sku', 'ref'],
  },
  anyCase: true,
});

function isValid(compact: string): boolean {
  const letter = compact.slice(-1);
  if (/^[KLM]/.test(compact)) return isSpanishLetter(compact.slice(1, -1), letter);
  return /^\d{8}/.test(compact) && isSpanishLetter(compact.slice(0, -1), letter);
}
