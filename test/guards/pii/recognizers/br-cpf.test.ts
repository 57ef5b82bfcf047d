import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType, testWrongDigits } from '../corpus.ts';

describeType('br_cpf', { positive: 15 });

// Examples in wide use; made up.
testWrongDigits('br_cpf', ['111.444.777-35', '529.982.247-25']);

test('the example of python-stdnum passes', () => {
  const scanner = createScanner({ types: ['br_cpf'], threshold: 0 });
  expect(scanner.scan('390.533.447-05')).toHaveLength(1);
  expect(scanner.scan('231.002.999-00')).toEqual([]);
});
