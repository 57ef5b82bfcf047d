import { p256 as noble } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePoints } from '../../../../src/guards/vrf/p256/hash.ts';
import {
  add,
  double,
  fromAffine,
  INFINITY,
  type Jacobian,
  negate,
  normalize,
} from '../../../../src/guards/vrf/p256/jacobian.ts';
import { fixedMultiplier, nonAdjacentForm, sumOfProducts } from '../../../../src/guards/vrf/p256/multiply.ts';
import { commitments, keyTable } from '../../../../src/guards/vrf/p256/verify.ts';
import { type Affine, multiply, p256, toBigEndian } from '../reference.ts';
import { hex } from '../vectors.ts';

const { q } = p256;
const G = p256.base;

/** What a Jacobian point is, as the reference writes it. */
function affine(point: Jacobian): Affine {
  const [{ x, y, z }] = normalize([point]) as [Jacobian];
  return z === 0n ? 'infinity' : { x, y };
}

const lift = (point: Affine): Jacobian => (point === 'infinity' ? INFINITY : fromAffine(point));

/** The same point with other coordinates: x·t², y·t³, z·t. */
function scaled({ x, y, z }: Jacobian, t: bigint): Jacobian {
  return { x: (x * t * t) % p256.p, y: (y * t * t * t) % p256.p, z: (z * t) % p256.p };
}

describe('Jacobian points', () => {
  const points = [0n, 1n, 2n, 3n, q - 1n, q - 2n, 123456789n].map((n) => multiply(p256, n, G));
  const forms = (point: Affine): Jacobian[] => [
    lift(point),
    scaled(lift(point), 5n),
    scaled(lift(point), -(2n ** 200n) - 3n),
  ];

  it('adds all pairs, equal and opposite points and infinity among them, in any coordinates', () => {
    for (const a of points) {
      for (const b of points) {
        const expected = p256.add(a, b);
        for (const left of forms(a)) {
          for (const right of forms(b)) expect(affine(add(left, right))).toEqual(expected);
        }
      }
    }
  });

  it('doubles and negates, infinity too', () => {
    for (const a of points) {
      for (const form of forms(a)) {
        expect(affine(double(form))).toEqual(p256.add(a, a));
        expect(affine(negate(form))).toEqual(p256.negate(a));
      }
    }
  });

  it('stays right and small over a long chain', () => {
    let point = lift(G);
    for (let i = 0; i < 2_000; i++) {
      point = i % 3 === 0 ? add(point, lift(points[2]!)) : double(point);
      for (const coordinate of [point.x, point.y, point.z]) {
        expect(coordinate < p256.p && coordinate > -p256.p).toBe(true);
      }
    }
    let expected = noble.Point.BASE;
    const two = noble.Point.BASE.double();
    for (let i = 0; i < 2_000; i++) expected = i % 3 === 0 ? expected.add(two) : expected.double();
    expect(affine(point)).toEqual(expected.toAffine());
  });

  it('normalizes points together with infinity, and an empty list', () => {
    const list = [lift(G), INFINITY, scaled(lift(points[2]!), 77n), double(INFINITY)];
    expect(normalize(list).map(affine)).toEqual([G, 'infinity', points[2], 'infinity']);
    expect(normalize([])).toEqual([]);
  });

  it('encodes as SEC 1 says: 02 or 03 and x, and the single byte 00 for infinity', () => {
    const some = [...points, multiply(p256, 5n, G)];
    expect(encodePoints(some.map(lift)).map(hex)).toEqual(some.map((point) => hex(p256.encode(point))));
    expect(encodePoints([INFINITY]).map(hex)).toEqual(['00']);
  });
});

describe('multiplication', () => {
  const scalars = [0n, 1n, 2n, 3n, 15n, 16n, 17n, 31n, 32n, 2n ** 127n, 2n ** 128n - 1n, 2n ** 255n, q - 2n, q - 1n, q];

  it.each([4, 5])('non-adjacent digits of width %i add up to the scalar', (width) => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.constantFrom(...scalars)), (scalar) => {
        const digits = [...nonAdjacentForm(scalar, width)];
        expect(digits.reduceRight((sum, digit) => 2n * sum + BigInt(digit), 0n)).toBe(scalar);
        const places = digits.flatMap((digit, place) => (digit === 0 ? [] : [place]));
        for (const [at, place] of places.entries()) {
          expect(digits[place]! & 1).toBe(1);
          expect(Math.abs(digits[place]!)).toBeLessThan(2 ** (width - 1));
          if (at > 0) expect(place - places[at - 1]!).toBeGreaterThanOrEqual(width);
        }
      }),
    );
  });

  it('multiplies by edges and by random scalars, from a table and without', () => {
    const point = multiply(p256, 99n, G);
    const tables = [4, 6].map((width) => fixedMultiplier(lift(point), 256, width));
    for (const scalar of [...scalars, ...fc.sample(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), 20)]) {
      const expected = multiply(p256, scalar, point);
      expect(affine(sumOfProducts([[lift(point), scalar]]))).toEqual(expected);
      for (const table of tables) expect(affine(table(scalar))).toEqual(expected);
    }
  });

  it('sums products of points that meet each other on the way', () => {
    const related = [G, p256.negate(G), p256.add(G, G), multiply(p256, 3n, G), multiply(p256, q - 3n, G)];
    const some = [0n, 1n, 2n, 3n, 7n, 2n ** 128n - 1n, q - 1n];
    const products = new Map<string, Affine>();
    const times = (scalar: bigint, at: number): Affine => {
      const known = products.get(`${scalar} ${at}`) ?? multiply(p256, scalar, related[at]!);
      products.set(`${scalar} ${at}`, known);
      return known;
    };
    for (const at of related.keys()) {
      for (const s of some) {
        for (const c of some) {
          const found = sumOfProducts([
            [lift(G), s],
            [lift(related[at]!), c],
          ]);
          expect(affine(found)).toEqual(p256.add(times(s, 0), times(c, at)));
        }
      }
    }
    expect(affine(sumOfProducts([]))).toBe('infinity');
  });

  it('makes U and V at the edges of c and s, with keys and Gammas that cancel', () => {
    const h = multiply(p256, 41n, G);
    for (const c of [0n, 1n, 2n ** 127n, 2n ** 128n - 1n]) {
      for (const s of [0n, 1n, c, q - 1n]) {
        for (const [y, gamma] of [
          [G, h],
          [p256.negate(G), p256.negate(h)],
          [h, G],
        ] as const) {
          const minusY = negate(lift(y));
          const { u, v } = commitments(keyTable(minusY), lift(h), lift(gamma), c, s);
          const expected = {
            u: p256.add(multiply(p256, s, G), p256.negate(multiply(p256, c, y))),
            v: p256.add(multiply(p256, s, h), p256.negate(multiply(p256, c, gamma))),
          };
          expect([affine(u), affine(v)]).toEqual([expected.u, expected.v]);
        }
      }
    }
  });
});

describe('decoding', () => {
  it('knows that the curve has points with x = 0', () => {
    const zero = Uint8Array.of(2, ...toBigEndian(0n, 32));
    expect(p256.decode(zero)).toBeDefined();
    expect(noble.Point.fromBytes(zero).toAffine()).toEqual(p256.decode(zero));
  });
});
