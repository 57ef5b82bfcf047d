import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress, type ProxyTrust } from '../src/client-address.ts';

const forwarded =
  (value: string | undefined) =>
  (name: string): string | undefined =>
    name === 'x-forwarded-for' ? value : undefined;

function addressBehind(trust: ProxyTrust | undefined, peer: string | undefined, header: string | undefined) {
  return clientAddress('trust', trust)(peer, forwarded(header));
}

test('nobody is believed by default', () => {
  expect(addressBehind(undefined, '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  expect(addressBehind(undefined, undefined, '203.0.113.9')).toBeUndefined();
});

describe('hops', () => {
  test.each([
    [1, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    [1, '10.0.0.1', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    [2, '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    [2, '10.0.0.1', '10.0.0.2', '10.0.0.2'],
    [1, '10.0.0.1', undefined, '10.0.0.1'],
    [1, '10.0.0.1', ' , ,', '10.0.0.1'],
  ])('%i, from %s, forwarded for %s: %s', (hops, peer, header, expected) => {
    expect(addressBehind({ hops }, peer, header)).toBe(expected);
  });
});

describe('proxies', () => {
  const proxies = ['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.7'];
  test.each([
    // Not from a proxy: the header is the client's own word.
    ['203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['10.9.9.9', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.9.9.9', '203.0.113.9, 10.1.1.1', '203.0.113.9'],
    ['192.0.2.7', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['192.0.2.8', '6.6.6.6', '192.0.2.8'],
    ['2001:db8:1:2::1', '2001:db8:2::1', '2001:db8:2::1'],
    ['2001:db8:2::1', '1.2.3.4', '2001:db8:2::1'],
    // Every address is a proxy's: the farthest is the client's.
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    // What is no address is nobody's proxy.
    ['10.0.0.1', '203.0.113.9, unknown', 'unknown'],
    [undefined, '203.0.113.9', undefined],
  ])('from %s, forwarded for %s: %s', (peer, header, expected) => {
    expect(addressBehind({ proxies }, peer, header)).toBe(expected);
  });

  test('a list with nothing at its end but proxies is looked at a bounded way', () => {
    const long = Array.from({ length: 100_000 }, () => '10.0.0.1').join(', ');
    expect(addressBehind({ proxies }, '10.0.0.1', long)).toBe('10.0.0.1');
  });
});

describe('a header of the platform', () => {
  const addressOf = clientAddress('trust', { header: 'CF-Connecting-IP' });
  test('is taken as it is, and without it the connection', () => {
    const header = (name: string) => (name === 'cf-connecting-ip' ? ' 203.0.113.9 ' : undefined);
    expect(addressOf('10.0.0.1', header)).toBe('203.0.113.9');
    expect(addressOf('10.0.0.1', () => undefined)).toBe('10.0.0.1');
    expect(addressOf(undefined, () => '')).toBeUndefined();
  });
});

test.each<[unknown, string]>([
  [{}, 'give one of hops, proxies and header'],
  [{ hops: 1, header: 'x' }, 'give one of hops, proxies and header'],
  [{ hops: 0 }, 'trust.hops'],
  [{ hops: 11 }, 'trust.hops'],
  [{ hops: 1.5 }, 'trust.hops'],
  [{ header: 'a b' }, 'trust.header'],
  [{ proxies: [] }, 'trust.proxies'],
  [{ proxies: '10.0.0.0/8' }, 'trust.proxies'],
  [{ proxies: ['10.0.0.0/7'] }, 'trust.proxies'],
  [{ proxies: ['0.0.0.0/0'] }, 'trust.proxies'],
  [{ proxies: ['::/16'] }, 'trust.proxies'],
  [{ proxies: ['::ffff:0:0/96'] }, 'trust.proxies'],
  [{ proxies: ['2001::/15'] }, 'trust.proxies'],
  [{ proxies: ['10.0.0.0/33'] }, 'trust.proxies'],
  [{ proxies: ['10.0.0.0/8/8'] }, 'trust.proxies'],
  [{ proxies: ['example.org'] }, 'trust.proxies'],
  [{ proxies: ['[::1]:80'] }, 'trust.proxies'],
  [{ proxies: ['10.0.0.1:80'] }, 'trust.proxies'],
  [{ proxies: [7] }, 'trust.proxies'],
  [{ cidrs: [] }, 'trust.cidrs'],
])('%j stops start-up', (trust, message) => {
  expect(() => clientAddress('trust', trust as ProxyTrust)).toThrow(message);
});

test('never throws, and gives nothing that was not there', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6());
  const trusts: ProxyTrust[] = [{ hops: 2 }, { proxies: ['10.0.0.0/8', 'fd00::/16'] }, { header: 'x-forwarded-for' }];
  fc.assert(
    fc.property(fc.constantFrom(...trusts), fc.option(text, { nil: undefined }), text, (trust, peer, header) => {
      const address = addressBehind(trust, peer, header);
      expect(address === peer || header.includes(address!)).toBe(true);
    }),
  );
});
