import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('vin', { positive: 15 });

const scanner = createScanner({ types: ['vin'], threshold: 0 });

// 1M8GDM9AXKP042788 is the worked example of 49 CFR part 565 in many places; the others are published specimens.
test.each(['1M8GDM9AXKP042788', '5GZCZ43D13S812715', '1HGCM82633A004352'])('%s has one check digit', (value) => {
  const right = [...'0123456789X'].filter(
    (digit) => scanner.scan(value.slice(0, 8) + digit + value.slice(9)).length > 0,
  );
  expect(right).toEqual([value.charAt(8)]);
});

test('one wrong digit is found out', () => {
  const value = '1M8GDM9AXKP042788';
  for (let at = 11; at < value.length; at++) {
    for (const digit of '0123456789') {
      const other = value.slice(0, at) + digit + value.slice(at + 1);
      if (other !== value) expect(scanner.scan(other), other).toEqual([]);
    }
  }
});
