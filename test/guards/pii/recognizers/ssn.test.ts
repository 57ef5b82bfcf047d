import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('ssn', { positive: 150, negative: 150 });

test('area, group and serial decide, and nothing else', () => {
  const scanner = createScanner({ types: ['ssn'] });
  const digits = (value: number, length: number) => String(value).padStart(length, '0');
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constantFrom(0, 665, 666, 667, 899, 900, 999)),
      fc.integer({ min: 0, max: 99 }),
      fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constant(0)),
      fc.constantFrom('-', ' ', '.'),
      (area, group, serial, separator) => {
        const text = [digits(area, 3), digits(group, 2), digits(serial, 4)].join(separator);
        const isIssued = area > 0 && area < 900 && area !== 666 && group > 0 && serial > 0;
        expect(scanner.scan(text).length).toBe(isIssued ? 1 : 0);
      },
    ),
  );
});
