import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { KERNEL_WASM } from '../../../src/guards/vrf/kernel/wasm.ts';
import { plainDecode, toLittle } from './kernel-oracle.ts';
import { KernelParts, type Limbs, value } from './kernel-parts.ts';
import { bytes, crafted } from './vectors.ts';

const thorough = process.env.KERNEL_THOROUGH === '1';
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const parts = new KernelParts();

/** r of docs/guards/vrf-kernel.md: the largest limbs of a product, of an element from bytes, and of their negatives. */
const bound = (at: number): number => (at % 2 === 0 ? 2 ** 25 + 19 : at === 1 ? 2 ** 24 + 2 ** 10 : 2 ** 24);
const limbs = (multiple: number, sign: (at: number) => number): Limbs =>
  Array.from({ length: 10 }, (_, at) => sign(at) * multiple * bound(at));

/** Signs that push columns to their ends: equal, by parity, by blocks, and by chance. */
function* signs(count: number): Generator<(at: number) => number> {
  yield () => 1;
  yield () => -1;
  yield (at) => (at % 2 === 0 ? 1 : -1);
  yield (at) => (at % 4 < 2 ? 1 : -1);
  yield (at) => (at === 0 ? 1 : -1);
  yield (at) => (at < 5 ? 1 : -1);
  for (let draw = 0; draw < count; draw++) {
    const bits = createHash('sha256').update(`signs ${draw}`).digest().readUInt16BE();
    yield (at) => ((bits >> at) & 1 ? 1 : -1);
    // Some limbs at their bound, some at zero.
    yield (at) => ((bits >> at) & 1 ? 1 : 0);
  }
}

const expectProduct = (found: Limbs, expected: bigint): void => {
  expect(value(found)).toBe(expected);
  for (const [at, limb] of found.entries()) expect(Math.abs(limb)).toBeLessThanOrEqual(bound(at));
};

describe('field arithmetic at its bounds', () => {
  const patterns = [...signs(thorough ? 60 : 12)];

  it('multiplies 4 r by 3 r, and its products stay below r', () => {
    for (const first of patterns) {
      const x = limbs(4, first);
      for (const second of patterns) {
        const y = limbs(3, second);
        const [a, b] = parts.mul([x, y], [y, limbs(2, first)]);
        expectProduct(a, (value(x) * value(y)) % P);
        expectProduct(b, (value(y) * value(limbs(2, first))) % P);
      }
    }
  });

  it('squares 2 r, and its squares stay below r', () => {
    for (const first of patterns) {
      for (const second of patterns) {
        const x = limbs(2, first);
        const y = limbs(2, second);
        const [a, b] = parts.sqr([x, y]);
        expectProduct(a, (value(x) * value(x)) % P);
        expectProduct(b, (value(y) * value(y)) % P);
      }
    }
  });

  it('reduces limbs of 8 r to the least residue, in either lane', () => {
    for (const sign of patterns) {
      for (const multiple of [1, 2, 4, 8]) {
        const x = limbs(multiple, sign);
        expect(parts.toInteger(x, 0)).toBe(value(x));
        expect(parts.toInteger(x, 1)).toBe(value(x));
      }
    }
  });

  it('reduces limbs without sign, which can say p to 2^255 - 1', () => {
    for (let integer = P - 20n; integer < 2n ** 255n; integer++) {
      const unsigned = Array.from({ length: 10 }, (_, at) => {
        const [from, width] = [BigInt(Math.ceil(25.5 * at)), at % 2 === 0 ? 26 : 25];
        return Number(BigInt.asUintN(width, integer >> from));
      });
      expect(parts.toInteger(unsigned, 0)).toBe(integer % P);
      expect(parts.toInteger(unsigned, 1)).toBe(integer % P);
    }
  });

  it('reads and writes every integer around 0, p, 2^255 and the borders of limbs', () => {
    const around = [0n, P, 2n ** 255n - 1n, ...Array.from({ length: 255 }, (_, bit) => 1n << BigInt(bit))];
    for (const middle of around) {
      for (let off = -20n; off <= 20n; off += middle === 0n || middle === P ? 1n : 20n) {
        const integer = middle + off;
        if (integer < 0n || integer >= 2n ** 255n) continue;
        const found = parts.fromInteger(integer, Number(integer & 1n) as 0 | 1);
        expectProduct(found, integer % P);
        expect(parts.toInteger(found, 1)).toBe(integer % P);
        // The highest bit is a sign and not part of the number.
        expect(parts.fromInteger(integer + 2n ** 255n, 0)).toEqual(parts.fromInteger(integer, 0));
      }
    }
  });

  it('inverts, and makes 0 of 0', () => {
    expect(parts.invert(0n)).toBe(0n);
    const inputs = Array.from({ length: 40 }, (_, at) => BigInt(at + 1));
    inputs.push(...inputs.map((small) => P - small));
    for (let bit = 1n; bit < 255n; bit++) inputs.push(1n << bit, (1n << bit) - 1n);
    for (let at = 0; at < (thorough ? 5_000 : 300); at++) {
      inputs.push(BigInt(`0x${createHash('sha256').update(`invert ${at}`).digest('hex')}`) % P);
    }
    for (const input of inputs) {
      const inverse = parts.invert(input);
      expect(inverse).toBeLessThan(P);
      expect((inverse * input) % P).toBe(1n);
    }
  });
});

describe('decoding', () => {
  it('agrees with an independent decoder, both lanes', () => {
    const strings: Uint8Array[] = crafted.decoder.map(([encoding]) => bytes(encoding));
    for (let y = 0n; y <= 40n; y++) {
      for (const integer of [y, P + y, P - y]) {
        if (integer >= 2n ** 255n) continue;
        strings.push(toLittle(integer), toLittle(integer + 2n ** 255n));
      }
    }
    strings.push(new Uint8Array(32).fill(255), toLittle(2n ** 255n - 1n));
    for (let at = 0; at < (thorough ? 10_000 : 500); at++) {
      strings.push(Uint8Array.from(createHash('sha256').update(`point ${at}`).digest()));
    }
    let points = 0;
    for (const [at, string] of strings.entries()) {
      const other = strings[(at + 1) % strings.length]!;
      const expected = plainDecode(string);
      const [first, second] = parts.decode(string, other);
      expect(first).toEqual(expected);
      expect(second).toEqual(plainDecode(other));
      if (expected !== undefined) points++;
    }
    expect(points).toBeGreaterThan(strings.length / 3);
  });

  it('takes scalars below the group order', () => {
    const edges = [0n, 1n, ORDER - 1n, 2n ** 252n, 2n ** 64n - 1n, 2n ** 252n + 2n ** 124n];
    for (const scalar of edges) expect(parts.isBelowOrder(scalar)).toBe(true);
    const above = [
      ORDER,
      ORDER + 1n,
      2n ** 253n,
      2n ** 253n - 1n,
      2n ** 255n,
      2n ** 256n - 1n,
      2n ** 252n + 2n ** 125n,
    ];
    for (const scalar of above) expect(parts.isBelowOrder(scalar)).toBe(false);
    for (let word = 0n; word < 4n; word++) expect(parts.isBelowOrder(ORDER + (1n << (64n * word)))).toBe(false);
  });

  it('passes over hash values that are no point or of small order', () => {
    const none = bytes(crafted.decoder.find(([, kind]) => kind === 'none')![0]);
    const point = toLittle(9n).slice();
    const usable = plainDecode(point) === undefined ? toLittle(3n) : point;
    expect(plainDecode(usable)).toBeDefined();
    const small = crafted.decoder.filter(([, kind]) => kind === 'small').map(([encoding]) => bytes(encoding));
    expect(small.length).toBeGreaterThanOrEqual(8);
    for (const encoding of [none, ...small]) {
      expect(parts.usable(encoding, encoding)).toBe(false);
      expect(parts.usable(encoding, usable)).toBe(true);
      expect(parts.usable(usable, encoding)).toBe(true);
    }
  });
});

describe('the committed bytes', () => {
  const wasm = readFileSync(new URL('../../../src/guards/vrf/kernel/kernel.wasm', import.meta.url));

  it('are the inlined ones, and at most 24 kB', () => {
    expect(new Uint8Array(JSON.parse(`[${KERNEL_WASM}]`) as number[])).toEqual(new Uint8Array(wasm));
    expect(wasm.length).toBeLessThanOrEqual(24_000);
  });
});
