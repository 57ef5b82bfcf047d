import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIpv4, parseIpv6 } from '../../../../src/guards/pii/recognizers/ip-syntax.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('ip_address', { positive: 150, negative: 150 });

const scanner = createScanner({ types: ['ip_address'] });

test('every IPv4 address is found whole', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [found] = scanner.scan(`(${address})`);
      expect([found?.start, found?.end]).toEqual([1, 1 + address.length]);
    }),
  );
});

test('what is found is an address to another parser too', () => {
  const part = fc.constantFrom(
    ':',
    '::',
    '.',
    '1',
    '0',
    'ab',
    'FFFF',
    '12345',
    'g',
    '%',
    'eth0',
    '/',
    '64',
    '256',
    '1.2.3.4',
  );
  const text = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (value) => {
      for (const { start, end } of scanner.scan(value)) {
        const [address = ''] = value.slice(start, end).split('/');
        expect(isIPv4(address) || isIPv6(address)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the parsers agree with another one on whole addresses', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (address) => {
      const end = isIPv4(address) ? parseIpv4(address, 0) : parseIpv6(address, 0);
      // Left out on purpose: names of hexadecimal letters, and addresses of one or two short groups.
      const groups = address.split(':').filter((group) => group !== '');
      if (isIPv6(address) && (groups.length <= 3 || groups.every((group) => group.length === 2))) return;
      expect(end).toBe(address.length);
    }),
    { numRuns: 2000 },
  );
});
