import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('au_acn', { positive: 15 });

const scanner = createScanner({ types: ['au_acn'], threshold: 0 });

// Examples of ASIC. Weights that have a divisor in common with ten let some wrong digits through: those of 7, 3 and 1 do not.
test.each(['004 085 616', '010 499 966', '005 749 986'])(
  '%s: a wrong digit where it can be seen is found out',
  (value) => {
    expect(scanner.scan(value)).toHaveLength(1);
    for (const at of [1, 6, 9, 10]) {
      for (const digit of '0123456789') {
        const other = value.slice(0, at) + digit + value.slice(at + 1);
        if (other !== value) expect(scanner.scan(other), other).toEqual([]);
      }
    }
  },
);
