import { brazilianDigit } from '../validators/brazilian-digit.ts';
import { isRepeated } from '../validators/repeated.ts';
import { nationalNumber } from './national.ts';
import type { Recognizer } from './recognizer.ts';

/**
 * Brazilian personal tax number, CPF (Receita Federal, Instrução Normativa 2.172/2024): nine digits and two check digits
 * modulo 11. One number in a hundred passes.
 */
export const brCpf: Recognizer = nationalNumber({
  type: 'br_cpf',
  forms: [
    { pattern: 'ddd.ddd.ddd-dd', confidence: 0.8 },
    { pattern: 'ddd.ddd.ddd/dd', confidence: 0.7 },
    { pattern: 'ddd ddd ddd dd', confidence: 0.5 },
    { pattern: 'ddd-ddd-ddd-dd', confidence: 0.5 },
    { pattern: 'ddddddddd-dd', confidence: 0.5 },
    { pattern: 'ddddddddddd', confidence: 0.3 },
  ],
  isValid: (compact) => !isRepeated(compact) && brazilianDigit(compact, 9, 11) && brazilianDigit(compact, 10, 11),
  context: {
    words: [
      'cpf',
      'cpf nº',
      'n cpf',
      'cpf/mf',
      'cpf mf',
      'cadastro de pessoas físicas',
      'cadastro de pessoa física',
      'contribuinte',
      'taxpayer id',
    ],
    confidence: 0.95,
    against: ['telefone', 'celular', 'whatsapp', 'fone', 'pedido', 'order', 'phone', 'pis', 'nit'],
  },
});
