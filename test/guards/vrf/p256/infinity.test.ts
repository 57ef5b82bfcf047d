import { describe, expect, it } from 'vitest';
import { p256, toBigEndian } from '../reference.ts';
import { exampleOf, NAMED, outcome, referenceOf } from '../suites.ts';
import { bytes, hex, utf8 } from '../vectors.ts';

describe.each(NAMED.slice(0, 2))('%s and the point at infinity', (_name, suite) => {
  const reference = referenceOf(suite);
  const example = exampleOf(suite);
  const [sk, pk] = [bytes(example.sk), bytes(example.pk)];
  const alpha = utf8('nonce zero');

  it('accepts U = V = infinity, encoded as the byte 00, as the RFC’s text does', () => {
    // With the nonce 0 the prover gives its secret key away: s = c·x. It proves the right output nevertheless.
    const { h } = reference.hashed(pk, alpha);
    const { x } = reference.toScalar(sk);
    const honest = suite.prove(sk, alpha);
    const gamma = honest.subarray(0, 33);
    const c = reference.challenge(pk, p256.encode(h), gamma, Uint8Array.of(0), Uint8Array.of(0));
    const pi = Uint8Array.of(...gamma, ...c, ...toBigEndian((reference.toInteger(c) * x) % p256.q, 32));
    expect(outcome(suite.verify(pk, alpha, pi))).toBe(hex(suite.proofToHash(honest)!));
    expect(hex(reference.verify(pk, alpha, pi)!)).toBe(hex(suite.proofToHash(honest)!));
    const padded = reference.challenge(pk, p256.encode(h), gamma, new Uint8Array(33), new Uint8Array(33));
    const wrong = Uint8Array.of(...gamma, ...padded, ...toBigEndian((reference.toInteger(padded) * x) % p256.q, 32));
    expect(outcome(suite.verify(pk, alpha, wrong))).toBe('challenge');
  });

  it('never decodes it, in any form, nor an uncompressed point', () => {
    const { x, y } = p256.base as { x: bigint; y: bigint };
    const uncompressed = Uint8Array.of(4, ...toBigEndian(x, 32), ...toBigEndian(y, 32));
    for (const data of [Uint8Array.of(0), new Uint8Array(33), new Uint8Array(65), uncompressed]) {
      expect(suite.decodePoint(data)).toBeUndefined();
      expect(outcome(suite.verify(data, alpha, new Uint8Array(81)))).toMatch(/^key-(length|encoding)$/);
    }
    const zero = new Uint8Array(81);
    expect(outcome(suite.verify(pk, alpha, zero))).toBe('gamma-encoding');
  });

  it('treats c = 0 and s = 0 as values', () => {
    const gamma = bytes(example.pi).subarray(0, 33);
    expect(outcome(suite.verify(pk, alpha, Uint8Array.of(...gamma, ...new Uint8Array(48))))).toBe('challenge');
  });

  it('has secret keys from 1 to q - 1 only', () => {
    for (const x of [0n, p256.q, p256.q + 1n, 2n ** 256n - 1n]) {
      const message = 'secret key must be above 0 and below the group order';
      expect(() => suite.publicKey(toBigEndian(x, 32))).toThrow(new RangeError(message));
      expect(() => suite.prove(toBigEndian(x, 32), alpha)).toThrow(new RangeError(message));
    }
    expect(hex(suite.publicKey(toBigEndian(1n, 32)))).toBe(hex(p256.encode(p256.base)));
    expect(hex(suite.publicKey(toBigEndian(p256.q - 1n, 32)))).toBe(hex(p256.encode(p256.negate(p256.base))));
  });

  it('reduces a seed of 48 bytes to a secret key, (seed mod (q - 1)) + 1, without ever being 0', () => {
    for (const seed of [0n, 1n, p256.q - 2n, p256.q - 1n, p256.q, 2n ** 384n - 1n]) {
      const { secretKey } = suite.keygen(toBigEndian(seed, 48));
      expect(hex(secretKey)).toBe(hex(toBigEndian((seed % (p256.q - 1n)) + 1n, 32)));
    }
  });
});
