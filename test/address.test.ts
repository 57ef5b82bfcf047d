import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey, INVALID_ADDRESS_KEY } from '../src/address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['192.0.2.7:51234', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:0207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
  ['2001:db8:1:22ff::1', '2001:db8:1:2200::/56'],
  ['2001:0DB8:0001:22aa:ffff:ffff:ffff:ffff', '2001:db8:1:2200::/56'],
  ['2001:db8:1:2300::1', '2001:db8:1:2300::/56'],
  ['2001:db8::', '2001:db8:0:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['::', '0:0:0:0::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ['[fe80::1%25en1]:8080', 'fe80:0:0:0::/56'],
  ['[2001:db8:1:22ff::1]', '2001:db8:1:2200::/56'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:0::/56'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/56'],
])('%s is keyed as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test.each([
  'unknown',
  '256.1.1.1',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.4:',
  '1.2.3.4, 5.6.7.8',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1.2.3.4:5',
  '1.2.3.4::',
  'g::1',
  '12345::',
  ':1',
  '1:',
  '[::1',
  '/run/app.sock',
  '\u0661.2.3.4',
  ' 1.2.3.4',
  'a'.repeat(100_000),
  ':'.repeat(100_000),
])('%s is no address', (text) => {
  expect(addressKey(text)).toBe(INVALID_ADDRESS_KEY);
});

test('no address gives no key', () => {
  expect(addressKey(undefined)).toBeUndefined();
  expect(addressKey('')).toBeUndefined();
});

test('agrees with Node on what an address is, and never throws', () => {
  const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.%[]'), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly, fc.string({ minLength: 1 })), (text) => {
      const key = addressKey(text);
      expect(key).toBeDefined();
      if (isIP(text) !== 0) expect(key).not.toBe(INVALID_ADDRESS_KEY);
      // What Node refuses may only differ by brackets, a port, or a zone that is empty or odd.
      else if (!/[[\]%]|^[\d.]+:\d+$/.test(text)) expect(key).toBe(INVALID_ADDRESS_KEY);
    }),
    { numRuns: 1_000 },
  );
});

test('all addresses of a /56 share a key, and the next /56 does not', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(0xffff), fc.nat(0xffff), (low, a, b) => {
      const hex = (n: number): string => n.toString(16);
      const group = hex(0x1200 | low);
      expect(addressKey(`2001:db8:5:${group}:${hex(a)}::${hex(b)}`)).toBe('2001:db8:5:1200::/56');
    }),
  );
  expect(addressKey('2001:db8:5:1300::')).not.toBe(addressKey('2001:db8:5:12ff::'));
});
