import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Hashing } from '../../../src/guards/vrf/kernel.ts';
import { prove, publicKey } from '../../../src/guards/vrf/prove.ts';
import { little, plainVerify, toLittle } from './kernel-oracle.ts';
import { allExamples, bytes, crafted, hex, utf8 } from './vectors.ts';

/** What the kernel and a plain verifier are compared on, the same in every run and on every runtime. */
export interface Case {
  readonly pk: Uint8Array;
  readonly alpha: Uint8Array;
  readonly pi: Uint8Array;
  readonly hashing?: Hashing;
}

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const TORSION = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => Point.fromHex(encoding));

/** The same numbers in every run. */
export const random = (label: string, at: number): Uint8Array => sha512(utf8(`${label} ${at}`));

export const secrets: readonly Uint8Array[] = Array.from({ length: 12 }, (_, at) =>
  random('secret', at).subarray(0, 32),
);
const keys = secrets.map((secret) => Point.fromBytes(publicKey(secret)));

/** Proofs by fixtures: the published ones, with torsion, invalid ones, and one with U and V at the identity. */
export function* published(): Generator<Case> {
  for (const { suite, ...example } of allExamples) {
    if (suite.startsWith('ECVRF-EDWARDS25519'))
      yield { ...decoded(example), hashing: suite.endsWith('TAI') ? 'TAI' : 'ELL2' };
  }
  for (const proof of [...crafted.torsion, ...crafted.invalid, crafted.identity]) yield decoded(proof);
}

const decoded = ({ pk, alpha, pi }: Record<'pk' | 'alpha' | 'pi', string>): Case => ({
  pk: bytes(pk),
  alpha: bytes(alpha),
  pi: bytes(pi),
});

/** Random proofs with torsion in keys and Gammas. Every eighth one is valid, the others do not meet the challenge. */
export function* randomProofs(count: number): Generator<Case> {
  for (let at = 0; at < count; at++) {
    const seed = random('proof', at);
    const alpha = random('alpha', at).subarray(0, seed[40]! & 63);
    const secret = secrets[at % secrets.length]!;
    let y = keys[at % keys.length]!;
    if (at % 8 === 0) {
      yield { pk: y.toBytes(), alpha, pi: prove(secret, alpha) };
      continue;
    }
    if (seed[41]! < 64) y = y.add(TORSION[seed[42]! & 7]!);
    const gamma = Point.BASE.multiplyUnsafe(little(seed.subarray(0, 32)) % ORDER).add(TORSION[seed[43]! & 7]!);
    const pi = concatBytes(gamma.toBytes(), seed.subarray(44, 60), toLittle(little(random('s', at)) % ORDER));
    yield { pk: y.toBytes(), alpha, pi };
    if (at % 4 === 1) yield { pk: y.toBytes(), alpha, pi, hashing: 'ELL2' };
  }
}

/** Alphas of all short lengths, hashed by Elligator 2 with keys that may have torsion. */
export function* elligator(count: number): Generator<Case> {
  const pi = bytes(allExamples.find(({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-ELL2')!.pi);
  for (let at = 0; at < count; at++) {
    const alpha = random('elligator', at).subarray(0, at % 65);
    yield { pk: keys[at % keys.length]!.add(TORSION[at & 7]!).toBytes(), alpha, pi, hashing: 'ELL2' };
  }
}

/** Each proof twice: without a table of the key, and with one. */
export function* edgeScalars(): Generator<Case> {
  const all = 2n ** 256n - 1n;
  const scalars = [0n, 1n, 2n, 15n, 16n, 17n, 31n, 32n, ORDER - 2n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 252n - 1n];
  scalars.push(2n ** 252n, 2n ** 253n - 1n, all, (2n ** 252n / 31n) * 16n, (2n ** 252n / 31n) * 15n);
  const challenges = [0n, 1n, 2n, 7n, 8n, 9n, 2n ** 127n, 2n ** 128n - 1n, ((2n ** 128n - 1n) / 15n) * 8n];
  for (const [at, s] of scalars.entries()) {
    for (const [index, c] of challenges.entries()) {
      const pk = keys[index]!.add(TORSION[(at + index) & 7]!).toBytes();
      const gamma = keys[11]!.add(TORSION[index & 7]!);
      const pi = concatBytes(gamma.toBytes(), toLittle(c, 16), toLittle(s));
      for (let use = 0; use < 2; use++) yield { pk, alpha: utf8(`${at}`), pi };
    }
  }
}

/** Small-order points and what only looks like them, in all their encodings, as keys and as Gammas. */
export function* smallOrder(): Generator<Case> {
  const encodings = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => encoding);
  for (const y of [0n, 1n, 2n ** 255n - 20n, 2n ** 255n - 19n, 2n ** 255n - 18n]) {
    for (const sign of [0n, 2n ** 255n]) encodings.push(hex(toLittle(y + sign)));
  }
  for (const point of TORSION) {
    // Above p for those below 19: the same point by another encoding.
    if (point.y < 19n) encodings.push(hex(toLittle(point.y + 2n ** 255n - 19n)));
    encodings.push(hex(point.toBytes()), hex(point.negate().toBytes()));
  }
  const [pk, alpha] = [publicKey(secrets[0]!), utf8('x')];
  const pi = prove(secrets[0]!, alpha);
  for (const encoding of encodings) {
    yield { pk: bytes(encoding), alpha, pi };
    yield { pk, alpha, pi: concatBytes(bytes(encoding), pi.subarray(32)) };
  }
}

/** Every bit of valid proofs, flipped. */
export function* flippedBits(proofs: number): Generator<Case> {
  for (let at = 0; at < proofs; at++) {
    const alpha = utf8(`bits ${at}`);
    const pk = publicKey(secrets[at]!);
    const pi = prove(secrets[at]!, alpha);
    for (let bit = 0; bit < 640; bit++) yield { pk, alpha, pi: flipped(pi, bit) };
  }
}

function flipped(data: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(data);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** First a valid proof, then every bit of its challenge flipped, with an s that keeps U and V as they were hashed. */
export function* flippedChallenge(): Generator<Case> {
  const [secret, alpha] = [secrets[3]!, utf8('crafted')];
  const { scalar: x } = ed25519.utils.getExtendedPublicKey(secret);
  const pk = publicKey(secret);
  const h = Point.fromBytes(plainVerify(pk, alpha, prove(secret, alpha)).h!);
  const gamma = h.multiply(x).toBytes();
  const nonce = little(random('nonce', 0)) % ORDER;
  const [u, v] = [Point.BASE.multiply(nonce), h.multiply(nonce)];
  const hashed = concatBytes(Uint8Array.of(3, 2), pk, h.toBytes(), gamma, u.toBytes(), v.toBytes(), Uint8Array.of(0));
  const c = little(sha512(hashed).subarray(0, 16));
  const crafting = (challenge: bigint): Case => {
    const s = (nonce + challenge * x) % ORDER;
    return { pk, alpha, pi: concatBytes(gamma, toLittle(challenge, 16), toLittle(s)) };
  };
  yield crafting(c);
  for (let bit = 0n; bit < 128n; bit++) yield crafting(c ^ (1n << bit));
}

/** Alphas of 0 to 300 bytes, around a chunk of the kernel, and of 1 MB, to which alone the proof belongs. */
export function* alphaLengths(): Generator<Case> {
  const long = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at * 31) >> 3);
  const pk = publicKey(secrets[1]!);
  const pi = prove(secrets[1]!, long);
  const edges = [4_094, 4_095, 4_096, 4_097, 8_192, long.length];
  for (const length of [...Array.from({ length: 301 }, (_, length) => length), ...edges]) {
    yield { pk, alpha: long.subarray(0, length), pi };
  }
}

/** Keys and proofs of 0 to 200 bytes. */
export function* lengths(): Generator<Case> {
  const alpha = utf8('length');
  const pk = publicKey(secrets[2]!);
  const pi = prove(secrets[2]!, alpha);
  const cut = (data: Uint8Array, length: number): Uint8Array => {
    const out = new Uint8Array(length);
    out.set(data.subarray(0, length));
    return out;
  };
  for (let length = 0; length <= 200; length++) {
    yield { pk: cut(pk, length), alpha, pi };
    yield { pk, alpha, pi: cut(pi, length) };
  }
}
