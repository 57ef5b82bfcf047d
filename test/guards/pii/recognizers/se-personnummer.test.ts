import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('se_personnummer', { positive: 15 });

const scanner = createScanner({ types: ['se_personnummer'], threshold: 0 });

// 811228-9874 and 670919-9530 are made up and widely published; 701063-2391 is the coordination number of Skatteverket's leaflet.
const VALUES = ['811228-9874', '670919-9530', '701063-2391', '19811228-9874', '121212+1212'];

test.each(VALUES)('%s: one wrong digit is found out', (value) => {
  expect(scanner.scan(value)).toHaveLength(1);
  for (let at = 0; at < value.length; at++) {
    if (!/\d/.test(value.charAt(at)) || value.length - at > 11) continue;
    for (const digit of '0123456789') {
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      if (other !== value) expect(scanner.scan(other), other).toEqual([]);
    }
  }
});

test('a date and a time of day is worth less', () => {
  const [time] = scanner.scan('19811228-1236');
  const [number] = scanner.scan('19811228-9874');
  expect(time?.confidence ?? 0).toBeLessThan(number!.confidence);
});
