import { expect, test } from 'vitest';
import { base58Version } from '../../../../src/guards/pii/validators/base58-check.ts';

const ALL = new Set(Array.from({ length: 256 }, (_, version) => version));

// Bitcoin Wiki, BIP-13, and addresses of the test network in the Bitcoin Developer Guide.
test.each([
  ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 0x00],
  ['16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM', 0x00],
  ['1111111111111111111114oLvT2', 0x00],
  ['3P14159f73E4gFr7JterCCQh9QjiTjiZrG', 0x05],
  ['mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn', 0x6f],
])('%s has version %i', (address, version) => {
  expect(base58Version(address, ALL)).toBe(version);
  expect(base58Version(address, new Set([0xff]))).toBe(-1);
});

test('wrong lengths, characters and zeros in front are none', () => {
  const address = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
  for (const text of [
    '',
    '1',
    address.slice(1),
    `1${address}`,
    address.slice(0, -1),
    `${address}2`,
    'z'.repeat(35),
    'z'.repeat(4000),
  ]) {
    expect(base58Version(text, ALL), text).toBe(-1);
  }
  for (const char of '0OIl é\ud800') expect(base58Version(address.slice(0, -1) + char, ALL)).toBe(-1);
});
