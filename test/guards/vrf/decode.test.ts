import { describe, expect, it } from 'vitest';
import { decodeKey, decodePoint, decodeProof, decodeScalar } from '../../../src/guards/vrf/decode.ts';
import { bytes, crafted, hex, rfcExamples } from './vectors.ts';

/** q of RFC 8032 section 5.1, little-endian, and its neighbours. */
const Q_MINUS_1 = 'ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const Q = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const Q_PLUS_1 = 'eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';

describe('decodePoint', () => {
  it.each(crafted.decoder)('%s is %s', (encoding, kind) => {
    const point = decodePoint(bytes(encoding));
    expect(point !== undefined).toBe(kind !== 'none');
    // What decodes is canonical: it encodes to the same bytes.
    if (point) expect(hex(point.toBytes())).toBe(encoding);
    const key = decodeKey(bytes(encoding));
    const fault = typeof key === 'string' ? key : undefined;
    expect(fault).toBe({ none: 'key-encoding', small: 'key-small-order', point: undefined }[kind]);
  });

  it('refuses every length but 32', () => {
    for (let length = 0; length < 70; length++) {
      const identity = new Uint8Array(length);
      if (length > 0) identity[0] = 1;
      expect(decodePoint(identity) !== undefined).toBe(length === 32);
    }
  });
});

describe('decodeKey', () => {
  it.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ])('refuses the small-order key %s', (encoding) => {
    expect(decodeKey(bytes(encoding))).toBe('key-small-order');
  });

  it.each([
    ['identity with the sign set', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['order 2 with the sign set', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
    ['y = p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['y = p + 1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['y = p + 1 with the sign set', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
  ])('refuses non-canonical text of a small-order key: %s', (_, encoding) => {
    expect(decodeKey(bytes(encoding))).toBe('key-encoding');
  });

  it('accepts keys of mixed order', () => {
    const mixed = crafted.torsion.filter(({ key }) => key !== 0);
    expect(mixed.length).toBeGreaterThan(7);
    for (const { pk } of mixed) expect(decodeKey(bytes(pk))).not.toBeTypeOf('string');
  });
});

describe('decodeScalar', () => {
  it('accepts 0 to q - 1 and refuses the rest', () => {
    expect(decodeScalar(new Uint8Array(32))).toBe(0n);
    expect(decodeScalar(bytes(Q_MINUS_1))).toBe(2n ** 252n + 27742317777372353535851937790883648492n);
    for (const encoding of [Q, Q_PLUS_1, 'ff'.repeat(32), `${'00'.repeat(31)}20`]) {
      expect(decodeScalar(bytes(encoding))).toBeUndefined();
    }
  });

  it('refuses every length but 32', () => {
    for (let length = 0; length < 70; length++) {
      expect(decodeScalar(new Uint8Array(length))).toBe(length === 32 ? 0n : undefined);
    }
  });
});

describe('decodeProof', () => {
  const pi = bytes(rfcExamples[0]!.pi);
  const withGamma = (encoding: string): Uint8Array => Uint8Array.of(...bytes(encoding), ...pi.subarray(32));

  it('reads c and s little-endian', () => {
    const data = Uint8Array.from(pi);
    data.fill(0, 32);
    data[32] = 2;
    data[47] = 1;
    data[48] = 3;
    data[79] = 1;
    expect(decodeProof(data)).toMatchObject({ c: 2n ** 120n + 2n, s: 2n ** 248n + 3n });
  });

  it('accepts any decodable Gamma, of small order too, and the largest c', () => {
    for (const [encoding, kind] of crafted.decoder) {
      const proof = decodeProof(withGamma(encoding));
      if (kind === 'none') expect(proof).toBe('gamma-encoding');
      else expect(proof).not.toBeTypeOf('string');
    }
    const full = Uint8Array.from(pi).fill(255, 32, 48);
    expect(decodeProof(full)).toMatchObject({ c: 2n ** 128n - 1n });
  });
});
