import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256OfBlock } from '../../../../src/guards/pii/validators/sha256-block.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('the example of FIPS 180-4, and the empty text', () => {
  expect(hex(sha256OfBlock(new TextEncoder().encode('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(hex(sha256OfBlock(new Uint8Array()))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('the same as OpenSSL for whatever fits into a block', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 55 }), (bytes) => {
      expect(hex(sha256OfBlock(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
    { numRuns: 500 },
  );
  expect(() => sha256OfBlock(new Uint8Array(56))).toThrow(RangeError);
});
