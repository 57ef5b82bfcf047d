import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalNano, isWithin, nanoText, roundNano, shortestDecimal, toNano } from '../../src/pcs/nano.ts';
import { readFixture } from './sample.ts';

const { rows } = readFixture<{ rows: string[] }>('python-repr.json');

function doubleOf(bits: string): number {
  return new DataView(new BigUint64Array([BigInt(`0x${bits}`)]).buffer).getFloat64(0, true);
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('toNano', () => {
  it('agrees with Python decimal ROUND_HALF_UP', () => {
    let compared = 0;
    for (const row of rows) {
      const [bits, , , nano] = row.split(' ');
      if (nano === '-') continue;
      expect(toNano(doubleOf(bits!)), row).toBe(BigInt(nano!));
      compared++;
    }
    expect(compared).toBeGreaterThan(3000);
  });

  it.each([
    [0, 0n],
    [-0, 0n],
    [0.15, 150_000_000n],
    [1e-9, 1n],
    [5e-10, 1n],
    [4.99e-10, 0n],
    [-5e-10, -1n],
    [1.0000000005, 1_000_000_001n],
    [1e15, 10n ** 24n],
    [5e-324, 0n],
  ])('%d is %s nano-units', (x, nano) => {
    expect(toNano(x)).toBe(nano);
  });

  it('is odd: the sign does not change the magnitude', () => {
    fc.assert(fc.property(finite, (x) => toNano(-x) === -toNano(x)));
  });

  it('is monotone', () => {
    fc.assert(fc.property(finite, finite, (a, b) => (a <= b ? toNano(a) <= toNano(b) : toNano(a) >= toNano(b))));
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses %d', (x) => {
    expect(() => toNano(x)).toThrow(RangeError);
  });
});

describe('nanoText', () => {
  it.each([
    [1, '1.000000000'],
    [0.349073359, '0.349073359'],
    [-1.5, '-1.500000000'],
    [-0, '0.000000000'],
    [1e-9, '0.000000001'],
    [-4e-10, '0.000000000'],
    [0.0000000005, '0.000000001'],
    [1e21, '1000000000000000000000.000000000'],
  ])('%d is %s', (x, text) => {
    expect(nanoText(x)).toBe(text);
  });

  it('reads back as the rounded number', () => {
    fc.assert(fc.property(finite, (x) => Number(nanoText(x)) === roundNano(x)));
  });
});

/** Numbers as records have them, halves of nano-units and what lies next to them, and anything else. */
const tricky = fc.oneof(
  finite,
  fc.double({ min: -10_000, max: 10_000, noNaN: true }),
  fc
    .tuple(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), fc.constantFrom(0, 0.25, 0.484375, 0.49, 0.5, 0.51, 0.515625))
    .map(([whole, part]) => (whole + part) / 1e9),
  fc
    .tuple(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 99 }))
    .map(([whole, more]) => Number(`${whole}.${more}e-9`)),
);

describe('without the decimal text', () => {
  it('gives what the text gives', () => {
    const law = (x: number): void => {
      const exact = decimalNano(x);
      expect(toNano(x)).toBe(exact);
      const rounded = exact === 0n ? (x < 0 || Object.is(x, -0) ? -0 : 0) : Number(`${exact}e-9`);
      expect(Object.is(roundNano(x), rounded)).toBe(true);
    };
    fc.assert(fc.property(tricky, law), { numRuns: 20_000 });
  });

  it('compares as whole nano-units do', () => {
    const size = (x: bigint): bigint => (x < 0n ? -x : x);
    fc.assert(
      fc.property(tricky, tricky, tricky, (a, b, tolerance) => {
        const expected = size(decimalNano(a) - decimalNano(b)) <= decimalNano(tolerance);
        expect(isWithin(a, b, tolerance)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('roundNano', () => {
  it('agrees with Python on every row', () => {
    for (const row of rows) {
      const [bits, , rounded] = row.split(' ');
      expect(Object.is(roundNano(doubleOf(bits!)), Number(rounded)), row).toBe(true);
    }
  });

  it('is idempotent and moves a number by at most half a nano-unit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e4, max: 1e4, noNaN: true }), (x) => {
        const rounded = roundNano(x);
        expect(Math.abs(rounded - x)).toBeLessThanOrEqual(0.5e-9 + Math.abs(x) * 2 ** -51);
        expect(Object.is(roundNano(rounded), rounded)).toBe(true);
      }),
    );
  });
});

describe('isWithin', () => {
  it('holds a boundary that doubles miss', () => {
    expect(1.3 - 1.15 <= 0.15).toBe(false);
    expect(isWithin(1.3, 1.15, 0.15)).toBe(true);
    expect(isWithin(1.300000001, 1.15, 0.15)).toBe(false);
  });

  it('is symmetrical, and exact on either side of the boundary', () => {
    const nano = fc.integer({ min: -4_000_000_000, max: 4_000_000_000 });
    fc.assert(
      fc.property(nano, fc.integer({ min: 0, max: 1_000_000_000 }), (at, tolerance) => {
        const [a, t] = [at / 1e9, tolerance / 1e9];
        for (const sign of [1, -1]) {
          const edge = (at + sign * tolerance) / 1e9;
          const past = (at + sign * (tolerance + 1)) / 1e9;
          expect(isWithin(a, edge, t) && isWithin(edge, a, t)).toBe(true);
          expect(isWithin(a, past, t) || isWithin(past, a, t)).toBe(false);
        }
      }),
    );
  });
});

describe('shortestDecimal', () => {
  it('reads back as the same number', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const { negative, digits, exponent } = shortestDecimal(x);
        const text = `${negative ? '-' : ''}${digits}e${exponent - digits.length + 1}`;
        expect(Object.is(Number(text), x)).toBe(true);
      }),
    );
  });
});
