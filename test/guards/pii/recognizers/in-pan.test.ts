import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('in_pan', { positive: 15 });

const scanner = createScanner({ types: ['in_pan'], threshold: 0 });

test('the fourth letter is one of ten', () => {
  const found = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => scanner.scan(`XYZ${letter}E1234F`).length > 0);
  expect(found.join('')).toBe('ABCFGHJLPT');
});
