import { createHash } from 'node:crypto';
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
import * as corpus from './kernel-corpus.ts';
import { random, secrets } from './kernel-corpus.ts';
import { little, type PlainResult, plainVerify, toLittle } from './kernel-oracle.ts';
import { allExamples, bytes, crafted, hex, rfcExamples, utf8 } from './vectors.ts';

/** KERNEL_THOROUGH=1 takes minutes and compares what CI samples: 20,000 proofs and every bit of eight. */
const thorough = process.env.KERNEL_THOROUGH === '1';
const { Point } = ed25519;
/** Verifications of an instance that end without the base point's table: 51 windows, three each. */
const BUILDING = 17;
const kernel = ready(new Kernel(kernelModule()!));

/** Past the verifications that each build a part of the base point's table, and do without it. */
function ready(fresh: Kernel): Kernel {
  const example = rfcExamples[0]!;
  const key = fresh.key(bytes(example.pk)) as KernelKey;
  for (let use = 0; use < BUILDING; use++) fresh.verify(key, bytes(example.alpha), bytes(example.pi));
  return fresh;
}

/** What a kernel makes of a proof, the way the oracle says it: with the second of two verifications. */
function kernelVerify(
  pk: Uint8Array,
  alpha: Uint8Array,
  pi: Uint8Array,
  hashing?: Hashing,
  by: Kernel = kernel,
): PlainResult {
  const key = pk.length === 32 ? by.key(pk) : 'key-length';
  if (typeof key === 'string') return { outcome: key };
  if (pi.length !== 80) return { outcome: 'proof-length' };
  const found = by.intermediates(key, alpha, pi, hashing);
  const result = by.verify(key, alpha, pi, hashing);
  return typeof result === 'string' ? { outcome: result, ...found } : { outcome: 'valid', beta: result, ...found };
}

const shown = (result: PlainResult): Record<string, string> =>
  Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, typeof value === 'string' ? value : hex(value as Uint8Array)]),
  );

/** Without a table and with one, because a fresh key has none at its first use. */
function compare({ pk, alpha, pi, hashing }: corpus.Case, by: Kernel = kernel): PlainResult {
  const expected = plainVerify(pk, alpha, pi, hashing);
  expect(shown(kernelVerify(pk, alpha, pi, hashing, by))).toEqual(shown(expected));
  return expected;
}

const elligatorExamples = allExamples.filter(({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-ELL2');

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
    compare({ pk: bytes(proof.pk), alpha: bytes(proof.alpha), pi: bytes(proof.pi) });
  });

  it.each(crafted.invalid)('refuses: $name', (proof) => {
    expect(kernelVerify(bytes(proof.pk), bytes(proof.alpha), bytes(proof.pi)).outcome).toBe(proof.reason);
  });

  it('accepts U and V at the identity', () => {
    const { identity } = crafted;
    const [pk, alpha, pi] = [bytes(identity.pk), bytes(identity.alpha), bytes(identity.pi)];
    expect(shown(compare({ pk, alpha, pi })).beta).toBe(identity.beta);
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
    const outcomes = Array.from(corpus.randomProofs(count), (each) => compare(each).outcome);
    expect(outcomes.filter((outcome) => outcome === 'valid')).toHaveLength(Math.ceil(count / 8));
    expect(outcomes.filter((outcome) => outcome === 'challenge')).toHaveLength(outcomes.length - Math.ceil(count / 8));
    expect(outcomes.length).toBeGreaterThan(count);
  }, 600_000);

  it('hashing by Elligator 2, alphas of all short lengths', () => {
    for (const each of corpus.elligator(thorough ? 5_000 : 200)) expect(compare(each).outcome).toBe('challenge');
    expect(elligatorExamples).toHaveLength(3);
  }, 600_000);

  it('edge scalars', () => {
    const outcomes = new Set(Array.from(corpus.edgeScalars(), (each) => compare(each).outcome));
    expect([...outcomes].sort()).toEqual(['challenge', 's-range']);
  });

  it('edge scalars, before there is a table of the base point', () => {
    let fresh = new Kernel(kernelModule()!);
    for (const [at, each] of Array.from(corpus.edgeScalars()).entries()) {
      // Two verifications each, and none that finishes the table.
      if (at % (BUILDING >> 1) === 0) fresh = new Kernel(kernelModule()!);
      compare(each, fresh);
    }
  });

  it('the first verifications of an instance, until all tables are there', () => {
    const fresh = new Kernel(kernelModule()!);
    for (let at = 0; at < BUILDING * 2; at++) {
      const [secret, alpha] = [secrets[at & 1]!, utf8(`first ${at}`)];
      expect(compare({ pk: publicKey(secret), alpha, pi: prove(secret, alpha) }, fresh).outcome).toBe('valid');
    }
  });

  it('small-order Gammas and keys, in all their encodings', () => {
    const outcomes = new Set(Array.from(corpus.smallOrder(), (each) => compare(each).outcome));
    expect([...outcomes].sort()).toEqual(['challenge', 'gamma-encoding', 'key-encoding', 'key-small-order']);
  });

  it('every bit of a proof', () => {
    for (const each of corpus.flippedBits(thorough ? 8 : 1)) expect(compare(each).outcome).not.toBe('valid');
  }, 600_000);

  it('every bit of the challenge, with an s that keeps U and V as they were hashed', () => {
    const [first, ...others] = Array.from(corpus.flippedChallenge(), (each) => compare(each).outcome);
    expect(first).toBe('valid');
    expect(others).toEqual(new Array(128).fill('challenge'));
  });

  it('alpha of 0 to 300 bytes, around a chunk, and of 1 MB', () => {
    const outcomes = Array.from(corpus.alphaLengths(), (each) => compare(each).outcome);
    expect(outcomes.filter((outcome) => outcome !== 'challenge')).toEqual(['valid']);
    expect(outcomes.at(-1)).toBe('valid');
  });

  it('lengths of keys and proofs from 0 to 200', () => {
    for (const { pk, alpha, pi } of corpus.lengths()) {
      const expected = prepareNobleKey(pk).verify(alpha, pi);
      expect(prepareKernelKey(kernel, pk).verify(alpha, pi)).toEqual(expected);
      expect(compare({ pk, alpha, pi }).outcome).toBe(expected.valid ? 'valid' : expected.reason);
    }
  });
});

/** A proof that names one key and is made with the secret of another. */
function provedFor(pk: Uint8Array, secret: Uint8Array, alpha: Uint8Array): Uint8Array {
  const { scalar } = ed25519.utils.getExtendedPublicKey(secret);
  const h = Point.fromBytes(plainVerify(pk, alpha, prove(secret, alpha)).h!);
  const [gamma, u, v] = [h.multiply(scalar), Point.BASE.multiply(99n), h.multiply(99n)].map((point) => point.toBytes());
  const hashed = Buffer.concat([Buffer.of(3, 2), pk, h.toBytes(), gamma!, u!, v!, Buffer.of(0)]);
  const c = createHash('sha512').update(hashed).digest().subarray(0, 16);
  return Uint8Array.of(...gamma!, ...c, ...toLittle((99n + little(c) * scalar) % Point.Fn.ORDER));
}

describe('keys of the kernel', () => {
  const module = kernelModule()!;
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

  it('never share a table, also where the one of another was interrupted', () => {
    const [mine, theirs] = [secrets[4]!, secrets[5]!];
    let interrupts = false;
    const { Instance } = WebAssembly;
    function instance(module: WebAssembly.Module): object {
      const { exports } = new Instance(module, {}) as { readonly exports: Record<string, unknown> };
      const buildKeyTable = (table: number): void => {
        if (interrupts) throw new RangeError('Maximum call stack size exceeded');
        (exports.buildKeyTable as (table: number) => void)(table);
      };
      return { exports: { ...exports, buildKeyTable } };
    }
    vi.stubGlobal('WebAssembly', { Instance: instance });
    const own = ready(new Kernel(module, { tables: 2 }));
    // Behind the table of `ready`, which is the next to make room.
    own.buildTable(key(own, mine));
    interrupts = true;
    expect(() => own.buildTable(key(own, theirs))).toThrow(RangeError);
    interrupts = false;
    own.buildTable(key(own, theirs));
    expect(own.verify(key(own, mine), alpha, prove(mine, alpha))).toBeInstanceOf(Uint8Array);
    expect(own.verify(key(own, mine), alpha, provedFor(publicKey(mine), theirs, alpha))).toBe('challenge');
    expect(own.verify(key(own, theirs), alpha, prove(theirs, alpha))).toBeInstanceOf(Uint8Array);
    vi.unstubAllGlobals();
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
