import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { ed25519 } from '@noble/curves/ed25519.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Hashing,
  KEY_TABLES,
  Kernel,
  type KernelKey,
  KNOWN_KEYS,
  sharedKernel,
} from '../../../src/guards/vrf/kernel.ts';
import { kernelModule } from '../../../src/guards/vrf/kernel-module.ts';
import { prove, publicKey } from '../../../src/guards/vrf/prove.ts';
import { prepareKernelKey, prepareKey, prepareNobleKey } from '../../../src/guards/vrf/verify.ts';
import { little, type PlainResult, plainVerify, toLittle } from './kernel-oracle.ts';
import { bytes, crafted, hex, type RfcExample, rfcExamples, utf8 } from './vectors.ts';

/** KERNEL_THOROUGH=1 takes minutes and compares what CI samples: 20,000 proofs and every bit of eight. */
const thorough = process.env.KERNEL_THOROUGH === '1';
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const kernel = new Kernel(kernelModule()!);
const TORSION = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => Point.fromHex(encoding));

/** The same numbers in every run. */
function random(label: string, at: number): Uint8Array {
  return Uint8Array.from(createHash('sha512').update(`${label} ${at}`).digest());
}

/** What the kernel makes of a proof, the way the oracle says it. */
function kernelVerify(pk: Uint8Array, alpha: Uint8Array, pi: Uint8Array, hashing?: Hashing): PlainResult {
  const key = pk.length === 32 ? kernel.key(pk) : 'key-length';
  if (typeof key === 'string') return { outcome: key };
  if (pi.length !== 80) return { outcome: 'proof-length' };
  const found = kernel.intermediates(key, alpha, pi, hashing);
  const result = kernel.verify(key, alpha, pi, hashing);
  return typeof result === 'string' ? { outcome: result, ...found } : { outcome: 'valid', beta: result, ...found };
}

const shown = (result: PlainResult): Record<string, string> =>
  Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, typeof value === 'string' ? value : hex(value as Uint8Array)]),
  );

/** Without a table and with one, because a fresh key has none at its first use. */
function compare(pk: Uint8Array, alpha: Uint8Array, pi: Uint8Array, hashing?: Hashing): PlainResult {
  const expected = plainVerify(pk, alpha, pi, hashing);
  const found = kernelVerify(pk, alpha, pi, hashing);
  expect(shown(found)).toEqual(shown(expected));
  return expected;
}

const elligatorExamples = (
  JSON.parse(readFileSync(new URL('../../../fixtures/rfc9381.json', import.meta.url), 'utf8')) as RfcExample[]
).filter(({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-ELL2');
const secrets = Array.from({ length: 12 }, (_, at) => random('secret', at).subarray(0, 32));
const keys = secrets.map((secret) => Point.fromBytes(publicKey(secret)));

describe('the kernel', () => {
  it('is there: this runtime has vectors', () => {
    expect(sharedKernel()).toBeInstanceOf(Kernel);
    expect(sharedKernel()).toBe(sharedKernel());
  });

  it('imports nothing, exports no more than it must, and takes at most 24 kB', () => {
    const module = kernelModule()!;
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual([
      'io',
      'chunk',
      'tableBytes',
      'heap',
      'decodeKey',
      'buildKeyTable',
      'begin',
      'absorb',
      'verify',
      'usable',
      'mul',
      'sqr',
      'fromBytes',
      'toBytes',
      'invertBytes',
      'decodeTwo',
      'isBelowOrder',
      'memory',
    ]);
  });

  it.each(rfcExamples)('computes H, U, V and beta of RFC 9381, example $example', (example) => {
    const found = kernelVerify(bytes(example.pk), bytes(example.alpha), bytes(example.pi));
    expect(shown(found)).toMatchObject({
      outcome: 'valid',
      h: example.h,
      u: example.u,
      v: example.v,
      beta: example.beta,
    });
  });

  it.each(elligatorExamples)('computes H, U, V and beta of RFC 9381, example $example', (example) => {
    const found = kernelVerify(bytes(example.pk), bytes(example.alpha), bytes(example.pi), 'ELL2');
    expect(shown(found)).toMatchObject({
      outcome: 'valid',
      h: example.h,
      u: example.u,
      v: example.v,
      beta: example.beta,
    });
    const other = kernelVerify(bytes(example.pk), bytes(example.alpha), bytes(example.pi));
    expect(other.outcome).toBe('challenge');
  });

  it.each(crafted.torsion)('accepts torsion: key $key, Gamma $gamma', (proof) => {
    const found = kernelVerify(bytes(proof.pk), bytes(proof.alpha), bytes(proof.pi));
    expect(shown(found)).toMatchObject({ outcome: 'valid', beta: proof.beta });
    compare(bytes(proof.pk), bytes(proof.alpha), bytes(proof.pi));
  });

  it.each(crafted.invalid)('refuses: $name', (proof) => {
    expect(kernelVerify(bytes(proof.pk), bytes(proof.alpha), bytes(proof.pi)).outcome).toBe(proof.reason);
  });

  it('accepts U and V at the identity', () => {
    const { identity } = crafted;
    expect(shown(compare(bytes(identity.pk), bytes(identity.alpha), bytes(identity.pi))).beta).toBe(identity.beta);
  });
});

describe('without the kernel', () => {
  const example = rfcExamples[1]!;
  const [pk, alpha, pi] = [bytes(example.pk), bytes(example.alpha), bytes(example.pi)];
  const module = kernelModule()!;
  const none = { validate: () => true, Module: refused, Instance: refused };

  // Declarations: an arrow function cannot be called with `new`.
  function refused(): never {
    throw new Error('refused by the embedder');
  }
  function given(): WebAssembly.Module {
    return module;
  }

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    ['no WebAssembly', undefined],
    ['no vectors', { ...none, validate: () => false }],
    ['no compilation at run time', none],
    ['no memory for an instance', { ...none, Module: given }],
  ])('%s: noble verifies', (_name, replacement) => {
    vi.stubGlobal('WebAssembly', replacement);
    expect(sharedKernel()).toBeUndefined();
    const result = prepareKey(pk).verify(alpha, pi);
    expect(result.valid && hex(result.beta)).toBe(example.beta);
    expect(prepareKey(pk).verify(pk, pi)).toEqual({ valid: false, reason: 'challenge' });
  });

  it('asks for the module once', () => {
    const validate = vi.fn(() => false);
    vi.stubGlobal('WebAssembly', { ...none, validate });
    for (let use = 0; use < 3; use++) expect(prepareKey(pk).verify(alpha, pi).valid).toBe(true);
    expect(validate).toHaveBeenCalledTimes(1);
  });
});

describe('byte for byte against plain noble', () => {
  it('random proofs, most of which do not meet the challenge, with torsion in keys and Gammas', () => {
    const count = thorough ? 20_000 : 600;
    const outcomes = new Map<string, number>();
    for (let at = 0; at < count; at++) {
      const seed = random('proof', at);
      const alpha = random('alpha', at).subarray(0, seed[40]! & 63);
      const secret = secrets[at % secrets.length]!;
      let y = keys[at % keys.length]!;
      if (seed[41]! < 64) y = y.add(TORSION[seed[42]! & 7]!);
      let pi: Uint8Array;
      if (at % 8 === 0) {
        pi = prove(secret, alpha);
        y = keys[at % keys.length]!;
      } else {
        const gamma = Point.BASE.multiplyUnsafe(little(seed.subarray(0, 32)) % ORDER).add(TORSION[seed[43]! & 7]!);
        pi = Uint8Array.of(...gamma.toBytes(), ...seed.subarray(44, 60), ...toLittle(little(random('s', at)) % ORDER));
      }
      const { outcome } = compare(y.toBytes(), alpha, pi);
      if (at % 4 === 1) expect(compare(y.toBytes(), alpha, pi, 'ELL2').outcome).toBe('challenge');
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(outcomes.get('valid')).toBe(Math.ceil(count / 8));
    expect(outcomes.get('challenge')).toBe(count - Math.ceil(count / 8));
  }, 600_000);

  it('hashing by Elligator 2, alphas of all short lengths', () => {
    const pi = bytes(elligatorExamples[0]!.pi);
    for (let at = 0; at < (thorough ? 5_000 : 200); at++) {
      const alpha = random('elligator', at).subarray(0, at % 65);
      const pk = keys[at % keys.length]!.add(TORSION[at & 7]!).toBytes();
      expect(compare(pk, alpha, pi, 'ELL2').outcome).toBe('challenge');
    }
    expect(elligatorExamples).toHaveLength(3);
  }, 600_000);

  it('edge scalars', () => {
    const all = 2n ** 256n - 1n;
    const scalars = [0n, 1n, 2n, 15n, 16n, 17n, 31n, 32n, ORDER - 2n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 252n - 1n];
    scalars.push(2n ** 252n, 2n ** 253n - 1n, all, (2n ** 252n / 31n) * 16n, (2n ** 252n / 31n) * 15n);
    const challenges = [0n, 1n, 2n, 7n, 8n, 9n, 2n ** 127n, 2n ** 128n - 1n, ((2n ** 128n - 1n) / 15n) * 8n];
    for (const [at, s] of scalars.entries()) {
      for (const [index, c] of challenges.entries()) {
        const y = keys[index]!.add(TORSION[(at + index) & 7]!);
        const gamma = keys[11]!.add(TORSION[index & 7]!);
        const pi = Uint8Array.of(...gamma.toBytes(), ...toLittle(c, 16), ...toLittle(s));
        compare(y.toBytes(), utf8(`${at}`), pi);
        compare(y.toBytes(), utf8(`${at}`), pi);
      }
    }
  });

  it('small-order Gammas and keys, in all their encodings', () => {
    const encodings = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => encoding);
    const reasons = new Set<string>();
    for (const y of [0n, 1n, 2n ** 255n - 20n, 2n ** 255n - 19n, 2n ** 255n - 18n]) {
      for (const sign of [0n, 2n ** 255n]) encodings.push(hex(toLittle(y + sign)));
    }
    for (const encoding of TORSION) {
      // Above p for those below 19: the same point by another encoding.
      if (encoding.y < 19n) encodings.push(hex(toLittle(encoding.y + 2n ** 255n - 19n)));
      encodings.push(hex(encoding.toBytes()), hex(encoding.negate().toBytes()));
    }
    const valid = prove(secrets[0]!, utf8('x'));
    for (const encoding of encodings) {
      reasons.add(compare(bytes(encoding), utf8('x'), valid).outcome);
      const pi = Uint8Array.of(...bytes(encoding), ...valid.subarray(32));
      reasons.add(compare(publicKey(secrets[0]!), utf8('x'), pi).outcome);
    }
    expect([...reasons].sort()).toEqual(['challenge', 'gamma-encoding', 'key-encoding', 'key-small-order']);
  });

  it('every bit of a proof', () => {
    for (let at = 0; at < (thorough ? 8 : 1); at++) {
      const alpha = utf8(`bits ${at}`);
      const pk = publicKey(secrets[at]!);
      const pi = prove(secrets[at]!, alpha);
      for (let bit = 0; bit < 640; bit++) {
        const flipped = Uint8Array.from(pi);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(compare(pk, alpha, flipped).outcome).not.toBe('valid');
      }
    }
  }, 600_000);

  it('every bit of the challenge, with an s that keeps U and V as they were hashed', () => {
    const [secret, alpha] = [secrets[3]!, utf8('crafted')];
    const { scalar: x } = ed25519.utils.getExtendedPublicKey(secret);
    const pk = publicKey(secret);
    const h = Point.fromBytes(plainVerify(pk, alpha, prove(secret, alpha)).h!);
    const gamma = h.multiply(x);
    const nonce = little(random('nonce', 0)) % ORDER;
    const [u, v] = [Point.BASE.multiply(nonce), h.multiply(nonce)];
    const points = [h, gamma, u, v].map((point) => point.toBytes());
    const hashed = createHash('sha512').update(Buffer.concat([Buffer.of(3, 2), pk, ...points, Buffer.of(0)]));
    const c = little(hashed.digest().subarray(0, 16));
    const crafting = (challenge: bigint): PlainResult => {
      const s = (nonce + challenge * x) % ORDER;
      return compare(pk, alpha, Uint8Array.of(...gamma.toBytes(), ...toLittle(challenge, 16), ...toLittle(s)));
    };
    expect(crafting(c).outcome).toBe('valid');
    for (let bit = 0n; bit < 128n; bit++) expect(crafting(c ^ (1n << bit)).outcome).toBe('challenge');
  });

  it('alpha of 0 to 300 bytes, around a chunk, and of 1 MB', () => {
    const lengths = [
      ...Array.from({ length: 301 }, (_, length) => length),
      4_094,
      4_095,
      4_096,
      4_097,
      8_192,
      1_000_000,
    ];
    const long = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at * 31) >> 3);
    const pk = publicKey(secrets[1]!);
    const noble = prepareNobleKey(pk);
    const ours = prepareKernelKey(kernel, pk);
    const pi = prove(secrets[1]!, long);
    for (const length of lengths) {
      const alpha = long.subarray(0, length);
      if (length > 300) expect(ours.verify(alpha, pi)).toEqual(noble.verify(alpha, pi));
      else compare(pk, alpha, pi);
    }
    expect(ours.verify(long, pi).valid).toBe(true);
  });

  it('lengths of keys and proofs from 0 to 200', () => {
    const pk = publicKey(secrets[2]!);
    const pi = prove(secrets[2]!, utf8('length'));
    for (let length = 0; length <= 200; length++) {
      const [key, proof] = [new Uint8Array(length), new Uint8Array(length)];
      key.set(pk.subarray(0, length));
      proof.set(pi.subarray(0, length));
      expect(prepareKernelKey(kernel, key).verify(utf8('length'), pi)).toEqual(
        prepareNobleKey(key).verify(utf8('length'), pi),
      );
      expect(prepareKernelKey(kernel, pk).verify(utf8('length'), proof)).toEqual(
        prepareNobleKey(pk).verify(utf8('length'), proof),
      );
    }
  });
});

describe('keys of the kernel', () => {
  const alpha = utf8('many');
  const key = (of: Kernel, secret: Uint8Array): KernelKey => of.key(publicKey(secret)) as KernelKey;

  it('keep answering while more keys than tables and places take turns', () => {
    const own = new Kernel(kernelModule()!);
    const count = KEY_TABLES + 6;
    const many = Array.from({ length: count }, (_, at) => random('many', at).subarray(0, 32));
    const proofs = many.map((secret) => prove(secret, alpha));
    const betas = many.map((_, at) => hex(own.verify(key(own, many[at]!), alpha, proofs[at]!) as Uint8Array));
    expect(new Set(betas).size).toBe(count);
    for (let round = 0; round < 5; round++) {
      for (const [at, secret] of many.entries()) {
        expect(hex(own.verify(key(own, secret), alpha, proofs[at]!) as Uint8Array)).toBe(betas[at]);
        expect(own.verify(key(own, secret), alpha, proofs[(at + 1) % count]!)).toBe('challenge');
      }
    }
  });

  it('are bounded in memory, and a key that was forgotten still verifies', () => {
    const own = new Kernel(kernelModule()!);
    const first = key(own, secrets[0]!);
    const pi = prove(secrets[0]!, alpha);
    for (let at = 0; at < KNOWN_KEYS + 10; at++) {
      const y = Point.BASE.multiplyUnsafe(BigInt(at + 2)).toBytes();
      const each = own.key(y) as KernelKey;
      for (let use = 0; use < 2; use++) expect(own.verify(each, alpha, pi)).toBe('challenge');
    }
    expect(own.key(publicKey(secrets[0]!))).not.toBe(first);
    expect(own.verify(first, alpha, pi)).toBeInstanceOf(Uint8Array);
    expect(own.memoryBytes).toBeLessThan(256_000 + KEY_TABLES * 42_240);
  });

  it('have a table at once where asked for', () => {
    const own = new Kernel(kernelModule()!);
    const before = own.memoryBytes;
    own.buildTable(key(own, secrets[0]!));
    expect(own.memoryBytes).toBeGreaterThanOrEqual(before);
    const pi = prove(secrets[0]!, alpha);
    expect(own.verify(key(own, secrets[0]!), alpha, pi)).toBeInstanceOf(Uint8Array);
  });
});
