import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoundsOptions, bounds } from '../../../src/guards/sanity/bounds.ts';
import { keeps } from './inspect.ts';

const kept = (options: BoundsOptions, value: string): Promise<boolean> =>
  keeps(bounds('/a', options), `{"a":${value}}`);

describe('bounds of a value', () => {
  it.each<[string, boolean]>([
    ['0', true],
    ['-0', true],
    ['1.5', true],
    ['-1e-320', false],
    ['1.5000000000000002', false],
    ['1e999', false],
    ['-1e999', false],
    ['"1"', false],
    ['null', false],
    ['true', false],
    ['[1]', false],
    ['{}', false],
  ])('0 to 1.5 takes %s: %s', async (value, expected) => {
    expect(await kept({ min: 0, max: 1.5 }, value)).toBe(expected);
  });

  it('passes where nothing is', async () => {
    expect(await keeps(bounds('/a', { min: 1 }), '{}')).toBe(true);
  });

  it('refuses infinity without a max, too', async () => {
    expect(await kept({ min: 0 }, '1e308')).toBe(true);
    expect(await kept({ min: 0 }, '1e999')).toBe(false);
  });

  it.each<[string, boolean]>([
    ['3', true],
    ['3.0', true],
    ['-3', true],
    ['9007199254740991', true],
    ['9007199254740992', false],
    ['3.5', false],
    ['1e300', false],
  ])('integer takes %s: %s', async (value, expected) => {
    expect(await kept({ integer: true }, value)).toBe(expected);
  });

  it('compares in units of its own, bounds included', async () => {
    const cents = (value: number): number => Math.round(value * 100);
    const max = 0.1 + 0.2; // 0.30000000000000004
    expect(await kept({ min: max }, '0.3')).toBe(false);
    expect(await kept({ min: max, convert: cents }, '0.3')).toBe(true);
    expect(await kept({ max: 10, convert: (value) => BigInt(Math.trunc(value)) }, '10.9')).toBe(true);
    expect(await kept({ max: 10, convert: (value) => BigInt(Math.trunc(value)) }, '11')).toBe(false);
  });

  it('never hands a value that is not finite to convert', async () => {
    const seen: number[] = [];
    const convert = (value: number): number => {
      seen.push(value);
      return value;
    };
    expect(await kept({ max: 1, convert }, '1e999')).toBe(false);
    expect(await kept({ max: 1, convert }, '"x"')).toBe(false);
    expect(seen).toEqual([1, 1]); // the bound itself, once a rule
  });

  it('keeps exactly the numbers between the bounds', async () => {
    const numbers = fc.double({ noDefaultInfinity: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, numbers, async (a, b, value) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        expect(await kept({ min, max }, JSON.stringify(value))).toBe(!(value < min) && !(value > max));
      }),
    );
  });
});

describe('bounds of a length', () => {
  it.each<[string, boolean]>([
    ['""', false],
    ['"a"', true],
    ['"abc"', true],
    ['"abcd"', false],
    ['"\\ud83d\\ude00a"', true],
    ['"\\ud83d\\ude00\\ud83d\\ude00"', false],
    ['[]', false],
    ['[null,null]', true],
    ['2', false],
    ['{"length":2}', false],
  ])('1 to 3 takes %s: %s', async (value, expected) => {
    expect(await kept({ of: 'length', min: 1, max: 3 }, value)).toBe(expected);
  });
});

describe('bounds of items', () => {
  it.each<[string, boolean]>([
    ['[]', true],
    ['[1,2,4]', true],
    ['[1,2,5]', false],
    ['[1,"2"]', false],
    ['{"x":1,"y":4}', true],
    ['{"x":1,"y":0}', false],
    ['{"__proto__":9}', false],
    ['{}', true],
    ['"12"', false],
    ['2', false],
    ['null', false],
  ])('whole numbers 1 to 4 take %s: %s', async (value, expected) => {
    expect(await kept({ of: 'items', min: 1, max: 4, integer: true }, value)).toBe(expected);
  });
});

describe('options', () => {
  it.each<[unknown, RegExp]>([
    [undefined, /PTC_E001.*bounds\.min/],
    [{}, /PTC_E001.*bounds\.min/],
    [{ min: Number.NaN }, /PTC_E002.*bounds\.min/],
    [{ max: '3' }, /PTC_E002.*bounds\.max/],
    [{ min: 2, max: 1 }, /PTC_E003.*bounds\.max/],
    [{ integer: 'yes' }, /PTC_E002.*bounds\.integer/],
    [{ min: 1, of: 'bytes' }, /PTC_E003.*bounds\.of/],
    [{ min: 1, convert: 3 }, /PTC_E002.*bounds\.convert/],
    [{ min: 1, maximum: 3 }, /PTC_E004.*bounds\.maximum/],
  ])('%j is refused', (options, message) => {
    expect(() => bounds('/a', options as BoundsOptions)).toThrow(message);
  });
});
