import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacVerifier, sha256, sha256Hex } from '../../middleware/sha256-node.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);

describe('sha256-node', () => {
  it.each([
    // RFC 4231 sections 4.2 to 4.4, 4.7 and 4.8.
    [bytesOf(0x0b, 20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [bytesOf(0xaa, 20), '\u00dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      bytesOf(0xaa, 131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      bytesOf(0xaa, 131),
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be ' +
        'hashed before being used by the HMAC algorithm.',
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ])('verifies the HMAC of RFC 4231', (key, message, mac) => {
    expect(hmacVerifier(key)(Buffer.from(mac, 'hex'), Buffer.from(message, 'latin1'))).toBe(true);
  });

  it('takes a text for its UTF-8 bytes, lone surrogates for U+FFFD, as an encoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(0x7ff), (text, low) => {
        const broken = `${text}${String.fromCharCode(0xd800 + low)}`;
        for (const each of [text, broken]) expect(sha256Hex(each)).toBe(sha256Hex(new TextEncoder().encode(each)));
      }),
    );
  });

  it('makes what the hashes of Node make, for keys around the block and one message after the other', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 130 });
    fc.assert(
      fc.property(key, fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 }), (secret, messages) => {
        const verify = hmacVerifier(secret);
        for (const message of messages) {
          const mac = createHmac('sha256', secret).update(message).digest();
          expect(verify(mac, message)).toBe(true);
          for (let at = 0; at < mac.length; at++)
            expect(verify(mac.with(at, mac[at]! ^ (1 << (at % 8))), message)).toBe(false);
          for (const other of [mac.subarray(1), Buffer.concat([mac, Buffer.alloc(1)])])
            expect(verify(other, message)).toBe(false);
          expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
          expect(sha256Hex(message)).toBe(hex(sha256(message)));
        }
      }),
    );
  });
});
