import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { VRF_REASONS, type VrfResult } from '../../../src/guards/vrf/suite.ts';
import { bytes, crafted, hex, rfcExamples, utf8 } from './vectors.ts';

const { keygen, prepare, prove, publicKey, verify } = edwards25519Tai;
const first = rfcExamples[0]!;
const [pk, alpha, pi] = [bytes(first.pk), bytes(first.alpha), bytes(first.pi)];

function outcome(result: VrfResult): string {
  return result.valid ? hex(result.beta) : result.reason;
}

describe('edwards25519Tai against RFC 9381', () => {
  it('has its three examples at hand', () => {
    expect(rfcExamples.map(({ example }) => example)).toEqual([16, 17, 18]);
  });

  it.each(rfcExamples)('reproduces key, proof and output of example $example', (example) => {
    expect(hex(publicKey(bytes(example.sk)))).toBe(example.pk);
    expect(hex(prove(bytes(example.sk), bytes(example.alpha)))).toBe(example.pi);
    expect(outcome(verify(bytes(example.pk), bytes(example.alpha), bytes(example.pi)))).toBe(example.beta);
  });

  it('refuses a proof under another key or for another alpha', () => {
    const other = rfcExamples[1]!;
    expect(outcome(verify(bytes(other.pk), alpha, pi))).toBe('challenge');
    expect(outcome(verify(pk, utf8('x'), pi))).toBe('challenge');
  });
});

describe('edwards25519Tai against a second implementation', () => {
  it.each(crafted.proofs)('agrees on an alpha of $alpha.length hex digits', (proof) => {
    expect(hex(publicKey(bytes(proof.sk)))).toBe(proof.pk);
    expect(hex(prove(bytes(proof.sk), bytes(proof.alpha)))).toBe(proof.pi);
    expect(outcome(verify(bytes(proof.pk), bytes(proof.alpha), bytes(proof.pi)))).toBe(proof.beta);
  });

  it.each(crafted.torsion)('accepts torsion: key $key, Gamma $gamma, with the same output', (proof) => {
    const key = prepare(bytes(proof.pk));
    const [message, proven] = [bytes(proof.alpha), bytes(proof.pi)];
    // Three times: the plain path, then the table's.
    for (let use = 0; use < 3; use++) expect(outcome(key.verify(message, proven))).toBe(proof.beta);
  });

  it('gives one output for all Gammas that differ by torsion only', () => {
    const betas = crafted.torsion.filter(({ key }) => key === 0).map(({ beta }) => beta);
    expect(betas).toHaveLength(8);
    expect(new Set(betas).size).toBe(1);
  });

  it.each(crafted.invalid)('refuses: $name', (proof) => {
    const key = prepare(bytes(proof.pk));
    const [message, proven] = [bytes(proof.alpha), bytes(proof.pi)];
    for (let use = 0; use < 3; use++) expect(outcome(key.verify(message, proven))).toBe(proof.reason);
  });

  it('accepts U and V at the identity, as the text of the RFC does', () => {
    const { identity } = crafted;
    expect(outcome(verify(bytes(identity.pk), bytes(identity.alpha), bytes(identity.pi)))).toBe(identity.beta);
  });
});

describe('hostile bytes', () => {
  it('refuses every proof that differs in one bit', () => {
    const key = prepare(pk);
    const seen = new Set<string>();
    for (let bit = 0; bit < pi.length * 8; bit++) {
      const flipped = Uint8Array.from(pi);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      seen.add(outcome(key.verify(alpha, flipped)));
    }
    expect([...seen].sort()).toEqual(['challenge', 'gamma-encoding', 's-range']);
  });

  it('refuses every key that differs in one bit', () => {
    const seen = new Set<string>();
    for (let bit = 0; bit < pk.length * 8; bit++) {
      const flipped = Uint8Array.from(pk);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      seen.add(outcome(verify(flipped, alpha, pi)));
    }
    expect([...seen].sort()).toEqual(['challenge', 'key-encoding']);
  });

  it('answers every length of key and proof', () => {
    const key = prepare(pk);
    for (let length = 0; length <= 200; length++) {
      const padded = new Uint8Array(length);
      padded.set(pi.subarray(0, length));
      expect(outcome(key.verify(alpha, padded))).toBe(length === 80 ? first.beta : 'proof-length');
      const longKey = new Uint8Array(length);
      longKey.set(pk.subarray(0, length));
      expect(outcome(verify(longKey, alpha, pi))).toBe(length === 32 ? first.beta : 'key-length');
    }
  });

  it('treats c = 0, s = 0 and the identity as values', () => {
    const identity = Uint8Array.of(1, ...new Uint8Array(31));
    const gamma = pi.subarray(0, 32);
    for (const start of [identity, gamma]) {
      const zero = new Uint8Array(80);
      zero.set(start);
      expect(outcome(verify(pk, alpha, zero))).toBe('challenge');
    }
    expect(outcome(verify(identity, alpha, pi))).toBe('key-small-order');
  });

  it('never throws for bytes, and gives a reason of the closed set', () => {
    const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((data) => {
      data[31]! &= 0x1f;
      return data;
    });
    const point = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(...crafted.decoder.map(([encoding]) => bytes(encoding))),
      fc.constantFrom(pk, pi.slice(0, 32)),
    );
    const challenge = fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.constant(new Uint8Array(16)));
    const shaped = fc.tuple(point, challenge, scalar).map(([gamma, c, s]) => Uint8Array.of(...gamma, ...c, ...s));
    const anything = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        fc.oneof(point, anything),
        anything,
        fc.oneof({ weight: 4, arbitrary: shaped }, { weight: 1, arbitrary: anything }),
        (key, message, proof) => {
          const result = verify(key, message, proof);
          expect(result.valid).toBe(false);
          expect(Object.keys(result).sort()).toEqual(['reason', 'valid']);
          if (!result.valid) expect(VRF_REASONS).toContain(result.reason);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('throws a TypeError for what is not bytes, and only then', () => {
    const wrong = [undefined, null, 'text', 5, [1], new ArrayBuffer(32), new Uint16Array(16), {}] as never[];
    for (const value of wrong) {
      expect(() => verify(value, alpha, pi)).toThrow(TypeError);
      expect(() => verify(pk, value, pi)).toThrow(TypeError);
      expect(() => verify(pk, alpha, value)).toThrow(TypeError);
      expect(() => verify(new Uint8Array(3), value, pi)).toThrow(TypeError);
      expect(() => verify(new Uint8Array(3), alpha, value)).toThrow(TypeError);
      expect(() => prepare(value)).toThrow(TypeError);
      expect(() => publicKey(value)).toThrow(TypeError);
      expect(() => prove(value, alpha)).toThrow(TypeError);
      expect(() => prove(bytes(first.sk), value)).toThrow(TypeError);
    }
  });

  it('reads views by their own bytes and does not change its arguments', () => {
    const wide = Buffer.concat([Buffer.alloc(3), pi, Buffer.alloc(3)]);
    const view = wide.subarray(3, 83);
    const before = [hex(pk), hex(alpha), hex(wide)];
    expect(outcome(verify(Buffer.from(pk), Buffer.from(alpha), view))).toBe(first.beta);
    expect([hex(pk), hex(alpha), hex(wide)]).toEqual(before);
  });
});

describe('prepared keys', () => {
  it('name their fault before any proof is there', () => {
    expect(prepare(pk).fault).toBeUndefined();
    expect(prepare(new Uint8Array(31)).fault).toBe('key-length');
    expect(prepare(new Uint8Array(32).fill(255)).fault).toBe('key-encoding');
    expect(prepare(new Uint8Array(32)).fault).toBe('key-small-order');
  });

  it('keep the key they were given, whatever becomes of the array', () => {
    const array = Uint8Array.from(pk);
    const key = prepare(array);
    array.fill(0);
    expect(outcome(key.verify(alpha, pi))).toBe(first.beta);
  });

  it('answer as a fresh key does, however often they are used', () => {
    const key = prepare(pk);
    const other = prove(bytes(first.sk), utf8('other'));
    const expected = outcome(verify(pk, utf8('other'), other));
    for (let use = 0; use < 4; use++) {
      expect(outcome(key.verify(alpha, pi))).toBe(first.beta);
      expect(outcome(key.verify(alpha, other))).toBe('challenge');
      expect(outcome(key.verify(utf8('other'), other))).toBe(expected);
    }
    expect(expected).toMatch(/^[0-9a-f]{128}$/);
  });
});

describe('keys and proofs of one\u2019s own', () => {
  it('makes different random keys whose proofs verify', () => {
    const [a, b] = [keygen(), keygen()];
    expect(a.secretKey).toHaveLength(edwards25519Tai.secretKeyBytes);
    expect(a.publicKey).toHaveLength(edwards25519Tai.publicKeyBytes);
    expect(hex(a.secretKey)).not.toBe(hex(b.secretKey));
    const proven = prove(a.secretKey, utf8('mine'));
    expect(proven).toHaveLength(edwards25519Tai.proofBytes);
    const result = verify(a.publicKey, utf8('mine'), proven);
    expect(result.valid && result.beta.length).toBe(edwards25519Tai.outputBytes);
    expect(outcome(verify(b.publicKey, utf8('mine'), proven))).toBe('challenge');
  });

  it('makes the key of a seed, from a copy of it', () => {
    const seed = bytes(first.sk);
    const pair = keygen(seed);
    seed.fill(0);
    expect(hex(pair.secretKey)).toBe(first.sk);
    expect(hex(pair.publicKey)).toBe(first.pk);
  });

  it('refuses secret keys of another length, without showing them', () => {
    for (const length of [0, 31, 33, 64]) {
      const secret = new Uint8Array(length).fill(0xab);
      expect(() => prove(secret, alpha)).toThrow(new RangeError('secret key must be 32 bytes long'));
      expect(() => publicKey(secret)).toThrow(new RangeError('secret key must be 32 bytes long'));
      expect(() => keygen(secret)).toThrow(new RangeError('seed must be 32 bytes long'));
    }
    expect(() => keygen('seed' as never)).toThrow(TypeError);
  });
});
