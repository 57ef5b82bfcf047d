import { describe, expect, it } from 'vitest';
import { vrfKeyCache } from '../../../src/guards/vrf/key-cache.ts';
import type { VrfItem } from '../../../src/guards/vrf/suite.ts';
import { NAMED } from './suites.ts';
import { utf8 } from './vectors.ts';

/** Says another length, iterates over other bytes, and makes parts that are larger than asked for. */
class Lying extends Uint8Array {
  override get length(): number {
    return 5;
  }
  override *[Symbol.iterator](): ArrayIterator<number> {
    yield 7;
  }
  override subarray(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(100_000).fill(255);
  }
}

function detached(length: number): Uint8Array {
  const array = new Uint8Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A view whose buffer has shrunk away from under it. */
function outOfBounds(): Uint8Array {
  const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]) as ArrayBuffer & {
    resize(to: number): void;
  };
  const array = new Uint8Array(buffer, 4, 4);
  buffer.resize(2);
  return array;
}

describe.each(NAMED)('%s and odd arrays', (_name, suite) => {
  const { secretKey, publicKey } = suite.keygen(new Uint8Array(suite.seedBytes).fill(3));
  const alpha = utf8('odd');
  const pi = suite.prove(secretKey, alpha);
  const ofNothing = suite.prove(secretKey, new Uint8Array(0));
  const item: VrfItem = { publicKey, alpha, pi };

  it('takes the bytes of a subclass, whatever its methods say', () => {
    const results = [
      suite.verify(new Lying(publicKey), alpha, pi),
      suite.verify(publicKey, new Lying(alpha), pi),
      suite.verify(publicKey, alpha, new Lying(pi)),
      suite.verify(publicKey, alpha, pi),
    ];
    expect(results.map(({ valid }) => valid)).toEqual([true, true, true, true]);
    expect(suite.prove(new Lying(secretKey), new Lying(alpha))).toEqual(pi);
    expect(suite.publicKey(new Lying(secretKey))).toEqual(publicKey);
    expect(suite.proofToHash(new Lying(pi))).toEqual(suite.proofToHash(pi));
    expect(suite.encodeToCurve(new Lying(publicKey), new Lying(alpha))).toEqual(suite.encodeToCurve(publicKey, alpha));
  });

  it('computes one thing at a time, also where an array verifies another proof while it is read', () => {
    class Nested extends Uint8Array {
      override subarray(from?: number, to?: number): Uint8Array<ArrayBuffer> {
        suite.verify(publicKey, utf8('another'), pi);
        return super.subarray(from, to) as Uint8Array<ArrayBuffer>;
      }
    }
    expect(suite.verify(publicKey, new Nested(alpha), pi).valid).toBe(true);
  });

  it.each([
    ['detached', () => detached(8)],
    ['out of bounds', outOfBounds],
    ['a proxy', () => new Proxy(new Uint8Array(8), {})],
    ['an object with the prototype', () => Object.create(Uint8Array.prototype) as Uint8Array],
  ])('never takes an array for an empty one that is %s', (_kind, make) => {
    expect(() => suite.verify(publicKey, make(), ofNothing)).toThrow(TypeError);
    expect(() => suite.verify(make(), alpha, pi)).toThrow(TypeError);
    expect(() => suite.verify(publicKey, alpha, make())).toThrow(TypeError);
    expect(() => suite.prove(secretKey, make())).toThrow(TypeError);
    expect(() => suite.prove(make(), alpha)).toThrow(TypeError);
    expect(() => suite.publicKey(make())).toThrow(TypeError);
    expect(() => suite.keygen(make())).toThrow(TypeError);
    expect(() => suite.encodeToCurve(publicKey, make())).toThrow(TypeError);
    expect(() => suite.proofToHash(make())).toThrow(TypeError);
  });

  it('verifies many only where each place has an item, and each key is bytes', () => {
    const sparse = new Array<VrfItem>(3);
    sparse[0] = item;
    expect(() => suite.verifyMany(sparse)).toThrow(TypeError);
    for (const key of [
      Array.from(publicKey),
      Uint16Array.from(publicKey),
      { ...publicKey, length: publicKey.length },
    ]) {
      const items = [item, { ...item, publicKey: key as unknown as Uint8Array }];
      expect(() => suite.verifyMany(items)).toThrow(TypeError);
    }
  });

  it('finds a cached key by the bytes that it was prepared from', () => {
    const other = suite.keygen(new Uint8Array(suite.seedBytes).fill(4));
    const keys = vrfKeyCache(suite, 8);
    class Changing extends Uint8Array {
      override [Symbol.iterator](): ArrayIterator<number> {
        return publicKey[Symbol.iterator]();
      }
    }
    keys(new Changing(other.publicKey));
    expect(keys(publicKey).verify(alpha, pi).valid).toBe(true);
    expect(keys(publicKey).verify(alpha, suite.prove(other.secretKey, alpha)).valid).toBe(false);
  });
});
