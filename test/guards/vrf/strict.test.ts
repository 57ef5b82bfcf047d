import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VRF_REASONS } from '../../../src/guards/vrf/suite.ts';
import { type Affine, multiply, same, toBigEndian, toLittleEndian } from './reference.ts';
import { exampleOf, NAMED, outcome, referenceOf, SUITES } from './suites.ts';
import { bytes, crafted, hex, utf8 } from './vectors.ts';

/** RFC 9381 section 5.5. */
const SUITE_STRINGS: Readonly<Record<string, number>> = {
  'ECVRF-P256-SHA256-TAI': 1,
  'ECVRF-P256-SHA256-SSWU': 2,
  'ECVRF-EDWARDS25519-SHA512-TAI': 3,
  'ECVRF-EDWARDS25519-SHA512-ELL2': 4,
};

/** Bytes with one bit turned over. */
function flipped(data: Uint8Array, bit: number): Uint8Array {
  const out = Uint8Array.from(data);
  out[bit >> 3]! ^= 1 << (bit & 7);
  return out;
}

describe.each(NAMED)('%s is strict', (name, suite) => {
  const example = exampleOf(suite);
  const [sk, pk, alpha, pi] = [example.sk, example.pk, example.alpha, example.pi].map(bytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const { curve } = referenceOf(suite);
  const isP256 = name.startsWith('ECVRF-P256');
  const scalar = (n: bigint): Uint8Array => (isP256 ? toBigEndian : toLittleEndian)(n, 32);
  const sAt = suite.publicKeyBytes + 16;
  const withS = (s: Uint8Array): Uint8Array => Uint8Array.of(...pi.subarray(0, sAt), ...s);
  const withGamma = (gamma: Uint8Array): Uint8Array => Uint8Array.of(...gamma, ...pi.subarray(suite.publicKeyBytes));

  it('about every length from 0 to 200 of proof and key', () => {
    const key = suite.importPublicKey(pk);
    for (let length = 0; length <= 200; length++) {
      const proof = new Uint8Array(length);
      proof.set(pi.subarray(0, length));
      const expected = length === suite.proofBytes ? example.beta : 'proof-length';
      expect(outcome(key.verify(alpha, proof))).toBe(expected);
      if (length !== suite.proofBytes) expect(suite.proofToHash(proof)).toBeUndefined();
      const longKey = new Uint8Array(length);
      longKey.set(pk.subarray(0, length));
      if (length !== suite.publicKeyBytes) {
        expect(outcome(suite.verify(longKey, alpha, pi))).toBe('key-length');
        expect(suite.decodePoint(longKey)).toBeUndefined();
      }
      expect(suite.decodeScalar(new Uint8Array(length))).toBe(length === 32 ? 0n : undefined);
    }
  });

  it('about every bit of a proof', () => {
    const key = suite.importPublicKey(pk);
    const seen = new Set<string>();
    for (let bit = 0; bit < pi.length * 8; bit++) seen.add(outcome(key.verify(alpha, flipped(pi, bit))));
    // P-256: s starts with ff ff ff ff only where it is close to the group order, so one bit seldom goes past it.
    expect([...seen].filter((reason) => reason !== 's-range').sort()).toEqual(['challenge', 'gamma-encoding']);
  });

  it('about s: q - 1 is a scalar; q, q + 1, s + q and all ones are not', () => {
    const { q } = curve;
    expect(suite.decodeScalar(scalar(q - 1n))).toBe(q - 1n);
    expect(outcome(suite.verify(pk, alpha, withS(scalar(q - 1n))))).toBe('challenge');
    const s = referenceOf(suite).toInteger(pi.subarray(sAt));
    const tooLarge = [q, q + 1n, 2n ** 256n - 1n, ...(s + q < 2n ** 256n ? [s + q] : [])];
    for (const one of tooLarge) {
      expect(suite.decodeScalar(scalar(one))).toBeUndefined();
      expect(outcome(suite.verify(pk, alpha, withS(scalar(one))))).toBe('s-range');
      expect(suite.proofToHash(withS(scalar(one)))).toBeUndefined();
    }
  });

  it('about the order of checks: the key, then the proof’s length, s and Gamma', () => {
    const bad = { key: new Uint8Array(suite.publicKeyBytes).fill(255), s: scalar(2n ** 256n - 1n) };
    const gamma = new Uint8Array(suite.publicKeyBytes).fill(255);
    expect(outcome(suite.verify(bad.key, alpha, new Uint8Array(3)))).toBe('key-encoding');
    const both = Uint8Array.of(...gamma, ...new Uint8Array(16), ...bad.s);
    expect(outcome(suite.verify(pk, alpha, both))).toBe('s-range');
    expect(outcome(suite.verify(pk, alpha, withGamma(gamma)))).toBe('gamma-encoding');
  });

  it('about proofs of any other suite', () => {
    const key = suite.importPublicKey(pk);
    for (const other of SUITES) {
      if (other === suite) continue;
      const foreign = other.prove(sk, alpha);
      const expected = other.proofBytes === suite.proofBytes ? 'challenge' : 'proof-length';
      expect(outcome(key.verify(alpha, foreign))).toBe(expected);
      const foreignKey = other.publicKey(sk);
      expect(outcome(suite.verify(foreignKey, alpha, foreign))).toBe(
        foreignKey.length === suite.publicKeyBytes ? 'challenge' : 'key-length',
      );
    }
  });

  it('about drafts: a challenge without the key (up to 10), or also without the last 00 (up to 6), though beta is the same', () => {
    const { x } = referenceOf(suite).toScalar(sk);
    const reference = referenceOf(suite);
    const { h } = reference.hashed(pk, alpha);
    const { k } = reference.nonce(sk, curve.encode(h));
    const points = [h, multiply(curve, x, h), multiply(curve, k, curve.base), multiply(curve, k, h)].map(curve.encode);
    const bits = isP256 ? 'sha256' : 'sha512';
    const id = SUITE_STRINGS[name]!;
    for (const [parts, expected] of [
      [[...points, Uint8Array.of(0)], 'challenge'],
      [points, 'challenge'],
      [[pk, ...points], 'challenge'],
      [[pk, ...points, Uint8Array.of(0)], example.beta],
    ] as const) {
      const hash = createHash(bits).update(Uint8Array.of(id, 2));
      for (const part of parts) hash.update(part);
      const c = Uint8Array.from(hash.digest().subarray(0, 16));
      const proof = Uint8Array.of(...points[1]!, ...c, ...scalar((k + reference.toInteger(c) * x) % curve.q));
      expect(outcome(suite.verify(pk, alpha, proof))).toBe(expected);
      expect(hex(suite.proofToHash(proof)!)).toBe(example.beta);
    }
  });

  it('about another key, and about an alpha that is longer, shorter or moved over to the key', () => {
    const { publicKey } = suite.keygen(new Uint8Array(suite.seedBytes).fill(9));
    expect(outcome(suite.verify(publicKey, alpha, pi))).toBe('challenge');
    for (const wrong of [utf8('x'), Uint8Array.of(...alpha, 0), Uint8Array.of(0, ...alpha)]) {
      expect(outcome(suite.verify(pk, wrong, pi))).toBe('challenge');
    }
  });

  it('agrees with the reference on what decodes, around 0 and p and on random bytes', () => {
    const { p } = curve;
    const near: bigint[] = [];
    for (let i = -40n; i <= 40n; i++) near.push(p + i, ...(i >= 0n ? [i] : []));
    const encodings: Uint8Array[] = near.flatMap((n) =>
      isP256
        ? [0, 1, 2, 3, 4, 5, 255].map((tag) => Uint8Array.of(tag, ...toBigEndian(n, 32)))
        : [0n, 2n ** 255n].map((sign) => toLittleEndian((n % 2n ** 255n) + sign, 32)),
    );
    const random = fc.sample(fc.uint8Array({ minLength: suite.publicKeyBytes, maxLength: suite.publicKeyBytes }), 300);
    for (const data of random) if (isP256) data[0] = 2 + (data[0]! & 1);
    let decoded = 0;
    for (const data of [...encodings, ...random]) {
      const expected = curve.decode(data);
      expect(suite.decodePoint(data), hex(data)).toEqual(expected);
      if (expected === undefined) {
        expect(outcome(suite.verify(data, alpha, pi))).toBe('key-encoding');
        expect(outcome(suite.verify(pk, alpha, withGamma(data)))).toBe('gamma-encoding');
        continue;
      }
      decoded++;
      const isSmall = same(multiply(curve, curve.cofactor, expected), curve.identity);
      expect(suite.prepare(data).fault).toBe(isSmall ? 'key-small-order' : undefined);
    }
    expect(decoded).toBeGreaterThan(100);
  });

  it('never throws for bytes, and gives a reason of the closed set', () => {
    const point = fc.oneof(
      fc.uint8Array({ minLength: suite.publicKeyBytes, maxLength: suite.publicKeyBytes }),
      fc.constantFrom(pk, pi.slice(0, suite.publicKeyBytes), new Uint8Array(suite.publicKeyBytes)),
    );
    const sixteen = fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.constant(new Uint8Array(16)));
    const s = fc.bigInt({ min: 0n, max: curve.q - 1n }).map(scalar);
    const edge = fc.constantFrom(0n, 1n, 2n, curve.q - 1n).map(scalar);
    const shaped = fc
      .tuple(point, sixteen, fc.oneof(s, edge))
      .map(([gamma, c, last]) => Uint8Array.of(...gamma, ...c, ...last));
    const anything = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(point, anything), anything, fc.oneof(shaped, anything), (key, message, proof) => {
        const result = suite.verify(key, message, proof);
        expect(Object.keys(result).sort()).toEqual(['reason', 'valid']);
        if (!result.valid) expect(VRF_REASONS).toContain(result.reason);
        suite.proofToHash(proof);
      }),
      { numRuns: 60 },
    );
  });

  it('throws a TypeError for what is not bytes, and only then', () => {
    const wrong = [undefined, null, 'text', 5, [1], new ArrayBuffer(32), new Uint16Array(16), {}] as never[];
    for (const value of wrong) {
      const calls = [
        () => suite.verify(value, alpha, pi),
        () => suite.verify(pk, value, pi),
        () => suite.verify(pk, alpha, value),
        () => suite.verify(new Uint8Array(3), value, pi),
        () => suite.verify(new Uint8Array(3), alpha, value),
        () => suite.verifyMany(value),
        () => suite.verifyMany([value]),
        () => suite.verifyMany([{ publicKey: value, alpha, pi }]),
        () => suite.verifyMany([{ publicKey: pk, alpha: value, pi }]),
        () => suite.verifyMany([{ publicKey: pk, alpha, pi: value }]),
        () => suite.importPublicKey(value),
        () => suite.prepare(value),
        () => suite.publicKey(value),
        () => suite.prove(value, alpha),
        () => suite.prove(sk, value),
        () => suite.proofToHash(value),
        () => suite.encodeToCurve(value, alpha),
        () => suite.encodeToCurve(pk, value),
        () => suite.challenge(pk, pk, value, pk, pk),
        () => suite.decodePoint(value),
        () => suite.decodeScalar(value),
      ];
      // An array of one number is an array, whose item is no proof; an empty seed is no seed.
      for (const call of calls) expect(call, String(call)).toThrow(TypeError);
      if (value !== undefined) expect(() => suite.keygen(value)).toThrow(TypeError);
    }
  });

  it('refuses secret keys and seeds of another length, without showing them', () => {
    for (const length of [0, 31, 33, 47, 49, 64]) {
      const secret = new Uint8Array(length).fill(0xab);
      expect(() => suite.prove(secret, alpha)).toThrow(new RangeError('secret key must be 32 bytes long'));
      expect(() => suite.publicKey(secret)).toThrow(new RangeError('secret key must be 32 bytes long'));
      const message = `seed must be ${suite.seedBytes} bytes long`;
      expect(() => suite.keygen(secret)).toThrow(new RangeError(message));
    }
  });

  it('reads views by their own bytes and does not change its arguments', () => {
    const wide = Buffer.concat([Buffer.alloc(3), pi, Buffer.alloc(3)]);
    const before = [hex(pk), hex(alpha), hex(wide)];
    const view = wide.subarray(3, 3 + pi.length);
    expect(outcome(suite.verify(Buffer.from(pk), Buffer.from(alpha), view))).toBe(example.beta);
    expect([hex(pk), hex(alpha), hex(wide)]).toEqual(before);
  });

  it('keeps the key it imported, whatever becomes of the array, and answers alike however often it is asked', () => {
    for (const open of [suite.prepare, suite.importPublicKey]) {
      const array = Uint8Array.from(pk);
      const key = open(array);
      array.fill(0);
      expect(key.fault).toBeUndefined();
      for (let use = 0; use < 3; use++) {
        expect(outcome(key.verify(alpha, pi))).toBe(example.beta);
        expect(outcome(key.verify(utf8('other'), pi))).toBe('challenge');
      }
      expect(open(new Uint8Array(3)).fault).toBe('key-length');
      expect(open(new Uint8Array(suite.publicKeyBytes).fill(255)).fault).toBe('key-encoding');
    }
  });
});

describe.each(NAMED.slice(2))('%s and torsion', (_name, suite) => {
  it('refuses keys of small order', () => {
    const small = crafted.decoder.filter(([, kind]) => kind === 'small');
    expect(small).toHaveLength(8);
    for (const [encoding] of small) {
      expect(outcome(suite.verify(bytes(encoding), utf8(''), new Uint8Array(80)))).toBe('key-small-order');
    }
  });

  it('takes a Gamma of small order, the identity too, for a point: the challenge decides', () => {
    const { pk } = exampleOf(suite);
    for (const [encoding, kind] of crafted.decoder) {
      if (kind !== 'small') continue;
      const proof = Uint8Array.of(...bytes(encoding), ...new Uint8Array(48));
      expect(outcome(suite.verify(bytes(pk), utf8(''), proof))).toBe('challenge');
    }
  });

  it('accepts what the reference accepts where key and Gamma have torsion, with the output of the plain Gamma', () => {
    const reference = referenceOf(suite);
    const { curve } = reference;
    const eight = crafted.decoder
      .filter(([, kind]) => kind === 'small')
      .map(([encoding]) => curve.decode(bytes(encoding))!);
    const { x } = reference.toScalar(bytes(exampleOf(suite).sk));
    const betas = new Set<string>();
    for (const [index, extra] of eight.entries()) {
      const keyExtra = index % 2 === 0 ? extra : curve.identity;
      const key = curve.add(multiply(curve, x, curve.base), keyExtra);
      const publicKey = curve.encode(key);
      const alpha = utf8('torsion');
      const { h } = reference.hashed(publicKey, alpha);
      const gamma = curve.add(multiply(curve, x, h), extra);
      // The verifier finds −c times the torsion in U and V: c modulo 8 is guessed, and nonces tried until it is right.
      const guess = BigInt(index);
      const less = (point: Affine, torsion: Affine): Affine =>
        curve.add(point, curve.negate(multiply(curve, guess, torsion)));
      for (let k = 1n; ; k++) {
        const [u, v] = [less(multiply(curve, k, curve.base), keyExtra), less(multiply(curve, k, h), extra)];
        const c = reference.challenge(publicKey, ...[h, gamma, u, v].map(curve.encode));
        if (reference.toInteger(c) % 8n !== guess) continue;
        const proof = reference.proof(gamma, c, (k + reference.toInteger(c) * x) % curve.q);
        const expected = hex(reference.verify(publicKey, alpha, proof)!);
        const imported = suite.importPublicKey(publicKey);
        expect(outcome(imported.verify(alpha, proof))).toBe(expected);
        if (index % 2 === 1) betas.add(expected);
        break;
      }
    }
    expect(betas.size).toBe(1);
  });
});
