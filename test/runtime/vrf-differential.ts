import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Kernel, sharedKernel } from '../../src/guards/vrf/kernel.ts';
import { prepareNobleKey } from '../../src/guards/vrf/verify.ts';
import { edwards25519Ell2, edwards25519Tai, p256Sswu, p256Tai, type VrfResult } from '../../src/vrf.ts';
import * as corpus from '../guards/vrf/kernel-corpus.ts';
import { type PlainResult, plainVerify } from '../guards/vrf/kernel-oracle.ts';
import { allExamples, bytes } from '../guards/vrf/vectors.ts';

/** How much of the corpus to compare; 20,000 and 1 is all of it, and takes minutes. */
export interface Sample {
  /** Random proofs. */
  readonly proofs: number;
  /** Of the cases that go through something, one in so many. */
  readonly every: number;
}

/** What came of it on one runtime. All but the name and what it compiles is the same everywhere. */
export interface Compared {
  readonly runtime: string;
  /** What the package verifies with, by its public names. */
  readonly engine: 'kernel' | 'noble';
  readonly compilesAtRunTime: boolean;
  readonly cases: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Which cases the kernel or the package answered otherwise than a plain verifier, by group and number. */
  readonly differing: readonly string[];
  /** SHA-512 over all that the kernel computed. */
  readonly digest: string;
}

/** The built package's kernel and noble path against a plain verifier, byte for byte. Runs on web-standard globals alone. */
export function main({ proofs, every }: Sample): Compared {
  const engine = engineInUse();
  const kernel = sharedKernel();
  const outcomes: Record<string, number> = {};
  const differing = publishedDiffering();
  const digest = sha512.create();
  let cases = 0;
  for (const [group, step, all] of groups(proofs, every)) {
    let at = 0;
    for (const each of all) {
      if (at++ % step !== 0 || kernel === undefined) continue;
      const expected = shown(plainVerify(each.pk, each.alpha, each.pi, each.hashing));
      const found = shown(kernelVerify(kernel, each));
      if (found !== expected || !answersOf(each).every((answer) => expected.startsWith(answer))) {
        differing.push(`${group} ${at - 1}`);
      }
      const outcome = found.slice(0, found.indexOf(' '));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      digest.update(utf8ToBytes(`${group} ${at} ${found}\n`));
      cases++;
    }
  }
  return {
    // Node 20 has no navigator.
    runtime: globalThis.navigator?.userAgent ?? `Node.js/${process.versions.node}`,
    engine,
    compilesAtRunTime: compiles(),
    cases,
    outcomes,
    differing,
    digest: bytesToHex(digest.digest()),
  };
}

/** A new key in a proof that decodes: where the kernel was asked, it has counted one use. */
function engineInUse(): 'kernel' | 'noble' {
  const { publicKey } = edwards25519Tai.keygen();
  edwards25519Tai.verify(publicKey, publicKey, Uint8Array.of(1, ...new Uint8Array(79)));
  const key = sharedKernel()?.key(publicKey);
  return typeof key === 'object' && key.uses === 1 ? 'kernel' : 'noble';
}

/** Name, one in how many, and the cases. */
function* groups(proofs: number, every: number): Generator<readonly [string, number, Iterable<corpus.Case>]> {
  yield ['published', 1, corpus.published()];
  yield ['random', 1, corpus.randomProofs(proofs)];
  yield ['elligator', 1, corpus.elligator(proofs >> 2)];
  yield ['edge scalar', every, corpus.edgeScalars()];
  yield ['small order', every, corpus.smallOrder()];
  yield ['flipped bit', every, corpus.flippedBits(every === 1 ? 8 : 1)];
  yield ['flipped challenge', every, corpus.flippedChallenge()];
  yield ['alpha length', every, corpus.alphaLengths()];
  yield ['length', every, corpus.lengths()];
}

/** What the kernel makes of a proof, with what it computed on its way. */
function kernelVerify(kernel: Kernel, { pk, alpha, pi, hashing }: corpus.Case): PlainResult {
  const key = pk.length === 32 ? kernel.key(pk) : 'key-length';
  if (typeof key === 'string') return { outcome: key };
  if (pi.length !== 80) return { outcome: 'proof-length' };
  const found = kernel.intermediates(key, alpha, pi, hashing);
  const beta = kernel.verify(key, alpha, pi, hashing);
  return typeof beta === 'string' ? { outcome: beta, ...found } : { outcome: 'valid', beta, ...found };
}

/** What the package says: by its public names, and on its way without the kernel. */
function answersOf({ pk, alpha, pi, hashing }: corpus.Case): readonly string[] {
  if (hashing === 'ELL2') return [answer(edwards25519Ell2.verify(pk, alpha, pi))];
  return [answer(edwards25519Tai.verify(pk, alpha, pi)), answer(prepareNobleKey(pk).verify(alpha, pi))];
}

const answer = (result: VrfResult): string =>
  result.valid ? `valid ${bytesToHex(result.beta)} ` : `${result.reason} `;

/** One line; begins like the answer of a verifier that shows no more. */
function shown({ outcome, beta, h, u, v, clearedGamma }: PlainResult): string {
  const hex = [beta, h, u, v, clearedGamma].map((found) => (found === undefined ? '' : bytesToHex(found)));
  return `${outcome} ${hex.join(' ')}`;
}

/** Examples of RFC 9381, of all four suites, for which the kernel or the package computes something else. */
function publishedDiffering(): string[] {
  const kernel = sharedKernel();
  const suites = [p256Tai, p256Sswu, edwards25519Tai, edwards25519Ell2];
  const differing = allExamples.filter(({ suite: name, pk, alpha, pi, beta, h, u, v }) => {
    const suite = suites.find((each) => each.name === name);
    const result = suite?.verify(bytes(pk), bytes(alpha), bytes(pi));
    if (result === undefined || answer(result) !== `valid ${beta} `) return true;
    if (kernel === undefined || name.includes('P256')) return false;
    const hashing = name.endsWith('TAI') ? 'TAI' : 'ELL2';
    const found = kernelVerify(kernel, { pk: bytes(pk), alpha: bytes(alpha), pi: bytes(pi), hashing });
    return !shown(found).startsWith(`valid ${beta} ${h} ${u} ${v} `);
  });
  return differing.map(({ example }) => `RFC 9381, example ${example}`);
}

function compiles(): boolean {
  try {
    return new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}
