import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSoundPublicKey } from '../../../src/guards/signature/ed25519-key.ts';

/** What noble says of the same bytes. */
function isSound(bytes: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(bytes).isSmallOrder();
  } catch {
    return false;
  }
}

/** A number as 32 bytes, the least first, with the sign bit or without. */
function encoded(y: bigint, sign: 0 | 1): Uint8Array {
  const bytes = hexToBytes(y.toString(16).padStart(64, '0')).reverse();
  bytes[31]! |= sign << 7;
  return bytes;
}

const P = 2n ** 255n - 19n;

describe('a public key is the one encoding of a point that only its owner can sign for', () => {
  test('keys of RFC 8032 section 7.1', () => {
    for (const key of [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    ]) {
      expect(isSoundPublicKey(hexToBytes(key)), key).toBe(true);
    }
  });

  test('none of the eight points of small order, in any encoding', () => {
    for (const point of ED25519_TORSION_SUBGROUP) expect(isSoundPublicKey(hexToBytes(point)), point).toBe(false);
    const ys = ED25519_TORSION_SUBGROUP.map((point) => ed25519.Point.fromHex(point).toAffine().y);
    for (const y of [...ys, ...ys.map((y) => y + P).filter((y) => y < 2n ** 255n)]) {
      for (const sign of [0, 1] as const) expect(isSoundPublicKey(encoded(y, sign)), `${y} ${sign}`).toBe(false);
    }
  });

  test('a point with a part of small order is one, as it is for others', () => {
    const mixed = ED25519_TORSION_SUBGROUP.map((point) => ed25519.Point.BASE.add(ed25519.Point.fromHex(point)));
    for (const point of mixed) expect(isSoundPublicKey(point.toBytes())).toBe(true);
  });

  test('the edges of the field', () => {
    for (let y = P - 20n; y < 2n ** 255n; y++) {
      for (const sign of [0, 1] as const) {
        const bytes = encoded(y, sign);
        expect(isSoundPublicKey(bytes), bytesToHex(bytes)).toBe(isSound(bytes));
      }
    }
    for (let y = 0n; y < 40n; y++) expect(isSoundPublicKey(encoded(y, 0)), `${y}`).toBe(isSound(encoded(y, 0)));
  });

  test('any 32 bytes: as noble has it', () => {
    let sound = 0;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        if (isSound(bytes)) sound++;
        expect(isSoundPublicKey(bytes)).toBe(isSound(bytes));
      }),
      { numRuns: 300 },
    );
    expect(sound).toBeGreaterThan(50);
  });
});
