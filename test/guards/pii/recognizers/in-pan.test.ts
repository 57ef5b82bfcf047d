import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('in_pan', { positive: 15 });

const scanner = createScanner({ types: ['in_pan'], threshold: 0 });

test.each(['ACUPA7085R', 'AAPPV8261K'])('%s, an example of python-stdnum, passes', (value) => {
  expect(scanner.scan(value)).toHaveLength(1);
});

test('the fourth letter is one of ten', () => {
  const found = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => scanner.scan(`XYZ${letter}E1234F`).length > 0);
  expect(found.join('')).toBe('ABCFGHJLPT');
});
