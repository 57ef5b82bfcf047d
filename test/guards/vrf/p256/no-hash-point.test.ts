import { beforeEach, describe, expect, it, vi } from 'vitest';
import { p256Tai, tryAndIncrement } from '../../../../src/guards/vrf/p256/tai.ts';
import { exampleOf } from '../suites.ts';
import { bytes } from '../vectors.ts';

// No known alpha hashes to no point at all: candidates are refused instead.
const candidates = vi.hoisted(() => ({ refuse: undefined as ((count: number) => boolean) | undefined, count: 0 }));

vi.mock(import('../../../../src/guards/vrf/p256/decode.ts'), async (original) => {
  const decode = await original();
  return {
    ...decode,
    decodePoint(data) {
      return candidates.refuse?.(candidates.count++) ? undefined : decode.decodePoint(data);
    },
  };
});

const example = exampleOf(p256Tai);
const [sk, pk, alpha, pi] = [example.sk, example.pk, example.alpha, example.pi].map(bytes) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

describe('try and increment on P-256', () => {
  beforeEach(() => {
    candidates.refuse = undefined;
    candidates.count = 0;
  });

  it('gives up after 256 candidates, without an exception in verification', () => {
    candidates.refuse = () => true;
    expect(tryAndIncrement(pk, alpha)).toBeUndefined();
    expect(candidates.count).toBe(256);
    expect(p256Tai.encodeToCurve(pk, alpha)).toBeUndefined();
    expect(p256Tai.verify(pk, alpha, pi)).toEqual({ valid: false, reason: 'no-hash-point' });
    expect(() => p256Tai.prove(sk, alpha)).toThrow('alpha hashes to no point');
  });

  it('goes on through the last counter', () => {
    candidates.refuse = (count) => count < 240;
    expect(tryAndIncrement(pk, alpha)).toBeDefined();
    expect(candidates.count).toBeGreaterThan(240);
  });
});
