import { brazilianDigit } from '../validators/brazilian-digit.ts';
import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * Brazilian company number, CNPJ, which sole traders have too (Receita Federal, Instrução Normativa 2.229/2024): twelve
 * digits, or digits and capitals where it is given out from July 2026 on, and two check digits modulo 11. One passes in a
 * hundred.
 */
export const brCnpj: Recognizer = nationalNumber({
  type: 'br_cnpj',
  forms: [
    // One form for each place that the first digit may stand in.
    { pattern: 'WW.WWW.WWW/WWWW-dd', confidence: 0.8 },
    { pattern: 'AA.WWW.WWW/WWWW-dd', confidence: 0.8 },
    { pattern: 'AA.AAA.WWW/WWWW-dd', confidence: 0.8 },
    { pattern: 'AA.AAA.AAA/WWWW-dd', confidence: 0.8 },
    { pattern: 'AA.AAA.AAA/AAAA-dd', confidence: 0.8 },
    { pattern: 'WWWWWWWW/WWWW-dd', confidence: 0.6 },
    { pattern: 'AAAAAAAA/WWWW-dd', confidence: 0.6 },
    { pattern: 'WWWWWWWWWWWW-dd', confidence: 0.4 },
    { pattern: 'WWWWWWWWWWWWdd', confidence: 0.3 },
  ],
  isValid: (compact) => !isRepeated(compact) && brazilianDigit(compact, 12, 9) && brazilianDigit(compact, 13, 9),
  context: {
    words: [
      'cnpj',
      'cnpj nº',
      'n cnpj',
      'cnpj/mf',
      'cnpj mf',
      'cadastro nacional da pessoa jurídica',
      'cadastro nacional de pessoa jurídica',
      'cgc',
    ],
    confidence: 0.95,
    against: ['chave', 'boleto', 'pedido', 'order', 'telefone'],
  },
});
