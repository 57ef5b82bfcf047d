import { beforeEach, describe, expect, it, vi } from 'vitest';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { hashToCurve } from '../../../src/guards/vrf/hash.ts';
import { prepareNobleKey } from '../../../src/guards/vrf/verify.ts';
import { bytes, crafted, hex, rfcExamples } from './vectors.ts';

// No known alpha hashes to a point of small order or to no point at all: candidates are replaced instead.
const candidates = vi.hoisted(() => ({
  replace: undefined as ((count: number) => string | undefined) | undefined,
  count: 0,
}));

vi.mock(import('../../../src/guards/vrf/decode.ts'), async (original) => {
  const decode = await original();
  return {
    ...decode,
    decodePoint(data) {
      if (candidates.replace === undefined) return decode.decodePoint(data);
      const encoding = candidates.replace(candidates.count++);
      if (encoding === undefined) return undefined;
      return decode.decodePoint(encoding === '' ? data : Uint8Array.from(Buffer.from(encoding, 'hex')));
    },
  };
});

const example = rfcExamples[0]!;
const [pk, alpha, pi] = [bytes(example.pk), bytes(example.alpha), bytes(example.pi)];

describe('hashToCurve', () => {
  beforeEach(() => {
    candidates.replace = undefined;
    candidates.count = 0;
  });

  it.each(rfcExamples)('gives H of RFC 9381, example $example', (each) => {
    expect(hex(hashToCurve(bytes(each.pk), bytes(each.alpha))!.toBytes())).toBe(each.h);
  });

  it('goes on past candidates of small order, which the cofactor turns into the identity', () => {
    const small = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => encoding);
    expect(small).toHaveLength(8);
    candidates.replace = (count) => small[count] ?? example.pk;
    const point = hashToCurve(pk, alpha)!;
    expect(candidates.count).toBe(9);
    candidates.replace = undefined;
    expect(point.is0()).toBe(false);
  });

  it('uses the last of the 256 counters', () => {
    candidates.replace = (count) => (count === 255 ? example.pk : undefined);
    expect(hashToCurve(pk, alpha)).toBeDefined();
  });

  it('gives up after 256 candidates, without an exception in verification', () => {
    candidates.replace = () => undefined;
    expect(hashToCurve(pk, alpha)).toBeUndefined();
    expect(candidates.count).toBe(256);
    expect(prepareNobleKey(pk).verify(alpha, pi)).toEqual({ valid: false, reason: 'no-hash-point' });
    expect(() => edwards25519Tai.prove(bytes(example.sk), alpha)).toThrow('alpha hashes to no point');
  });
});
