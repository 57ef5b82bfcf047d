import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('mac_address', { positive: 15 });

const scanner = createScanner({ types: ['mac_address'], threshold: 0 });

const both = createScanner({ types: ['mac_address', 'ip_address'] });

test('MAC and IP addresses leave each other alone', () => {
  const types = (text: string) => both.scan(text).map(({ type, start, end }) => [type, text.slice(start, end)]);
  expect(types('00:1a:2b:3c:4d:5e at 10.0.0.1, fe80::1a:2b3c')).toEqual([
    ['mac_address', '00:1a:2b:3c:4d:5e'],
    ['ip_address', '10.0.0.1'],
    ['ip_address', 'fe80::1a:2b3c'],
  ]);
  const alone = createScanner({ types: ['ip_address'] });
  for (const address of [
    '20:01:0d:b8:00:00:00:01',
    '00:1a:2b:3c:4d:5e::',
    '::00:1a:2b:3c:4d:5e',
    'fe80::00:1a:2b:3c:4d',
    '00:1a:2b:3c:4d:5e:1.2.3.4',
    '2001:db8:00:1a:2b:3c:4d:5e',
  ]) {
    expect(both.scan(address), address).toEqual(alone.scan(address));
  }
});

test('whichever of its digits are letters, an address is found', () => {
  for (let mask = 0; mask < 4096; mask++) {
    const digits = Array.from({ length: 12 }, (_, at) => (mask & (1 << at) ? 'a' : '2'));
    const pairs = digits.join('').match(/../g)!;
    const colons = pairs.join(':');
    expect(scanner.scan(colons), colons).toHaveLength(1);
    // Nothing leads to the others if they hold no digit, or four at the very end that no letter or separator is next to.
    if (mask === 4095) continue;
    expect(scanner.scan(pairs.join('-')), pairs.join('-')).toHaveLength(1);
    const dots = digits.join('').match(/..../g)!.join('.');
    if (mask !== 255) expect(scanner.scan(dots), dots).toHaveLength(1);
  }
});
