import { kernelModule } from '../../../src/guards/vrf/kernel-module.ts';
import { little, toLittle } from './kernel-oracle.ts';

interface Parts {
  readonly memory: WebAssembly.Memory;
  heap(): number;
  mul(out: number, x: number, y: number): void;
  sqr(out: number, x: number): void;
  fromBytes(out: number, lane: number, bytes: number): void;
  toBytes(bytes: number, x: number, lane: number): void;
  invertBytes(bytes: number): void;
  decodeTwo(first: number, firstBytes: number, second: number, secondBytes: number): number;
  usable(first: number, second: number): number;
  isBelowOrder(bytes: number): number;
}

const P = 2n ** 255n - 19n;
/** Limbs of one element, ten integers of 26 and 25 bits in turn. */
export type Limbs = readonly number[];
/** Weight of each limb. */
const WEIGHTS = Array.from({ length: 10 }, (_, at) => 1n << BigInt(Math.ceil(25.5 * at)));
const PAIR = 80;

export const value = (limbs: Limbs): bigint => {
  const sum = limbs.reduce((total, limb, at) => total + BigInt(limb) * WEIGHTS[at]!, 0n) % P;
  return (sum + P) % P;
};

/** The arithmetic inside a kernel of its own, on limbs that no caller could bring about. */
export class KernelParts {
  readonly #parts = new WebAssembly.Instance(kernelModule()!, {}).exports as unknown as Parts;
  readonly #at: number;

  constructor() {
    this.#at = (this.#parts.heap() + 15) & ~15;
    this.#parts.memory.grow(1);
  }

  /** Products of two pairs of elements, as limbs. */
  mul(x: readonly [Limbs, Limbs], y: readonly [Limbs, Limbs]): [Limbs, Limbs] {
    this.#write(0, x);
    this.#write(1, y);
    this.#parts.mul(this.#pair(2), this.#pair(0), this.#pair(1));
    return this.#read(2);
  }

  sqr(x: readonly [Limbs, Limbs]): [Limbs, Limbs] {
    this.#write(0, x);
    this.#parts.sqr(this.#pair(2), this.#pair(0));
    return this.#read(2);
  }

  /** The least residue of an element. */
  toInteger(limbs: Limbs, lane: 0 | 1): bigint {
    this.#write(0, lane === 0 ? [limbs, ZERO] : [ZERO, limbs]);
    this.#parts.toBytes(this.#pair(3), this.#pair(0), lane);
    return little(this.#bytes(3, 32));
  }

  fromInteger(integer: bigint, lane: 0 | 1): Limbs {
    this.#put(3, toLittle(integer));
    this.#parts.fromBytes(this.#pair(0), lane, this.#pair(3));
    return this.#read(0)[lane];
  }

  invert(integer: bigint): bigint {
    this.#put(3, toLittle(integer));
    this.#parts.invertBytes(this.#pair(3));
    return little(this.#bytes(3, 32));
  }

  /** Two encodings decoded at once: affine coordinates, or `undefined`. */
  decode(first: Uint8Array, second: Uint8Array): ({ x: bigint; y: bigint } | undefined)[] {
    this.#put(3, first);
    this.#put(4, second);
    const found = this.#parts.decodeTwo(this.#pair(0), this.#pair(3), this.#pair(1), this.#pair(4));
    const pairs = [this.#read(0), this.#read(1)];
    return pairs.map(([x, y], at) => ((found >> at) & 1 ? { x: value(x), y: value(y) } : undefined));
  }

  usable(first: Uint8Array, second: Uint8Array): boolean {
    this.#put(3, first);
    this.#put(4, second);
    return this.#parts.usable(this.#pair(3), this.#pair(4)) !== 0;
  }

  isBelowOrder(scalar: bigint): boolean {
    this.#put(3, toLittle(scalar));
    return this.#parts.isBelowOrder(this.#pair(3)) !== 0;
  }

  #pair(index: number): number {
    return this.#at + index * PAIR;
  }

  #write(index: number, elements: readonly [Limbs, Limbs]): void {
    const words = new Int32Array(this.#parts.memory.buffer, this.#pair(index), PAIR / 4);
    for (let limb = 0; limb < 10; limb++) {
      for (const lane of [0, 1] as const) words[(limb >> 1) * 4 + (limb & 1) * 2 + lane] = elements[lane][limb]!;
    }
  }

  #read(index: number): [Limbs, Limbs] {
    const words = new Int32Array(this.#parts.memory.buffer, this.#pair(index), PAIR / 4);
    const lane = (at: number): Limbs =>
      Array.from({ length: 10 }, (_, limb) => words[(limb >> 1) * 4 + (limb & 1) * 2 + at]!);
    return [lane(0), lane(1)];
  }

  #put(index: number, bytes: Uint8Array): void {
    new Uint8Array(this.#parts.memory.buffer).set(bytes, this.#pair(index));
  }

  #bytes(index: number, length: number): Uint8Array {
    return new Uint8Array(this.#parts.memory.buffer).slice(this.#pair(index), this.#pair(index) + length);
  }
}

const ZERO: Limbs = new Array<number>(10).fill(0);
