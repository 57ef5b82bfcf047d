import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MONOTONIC_KEYS, type MonotonicOptions, monotonic } from '../../../src/guards/sanity/monotonic.ts';
import { keeps } from './inspect.ts';

const kept = (options: MonotonicOptions, a: unknown, more: object = {}): Promise<boolean> =>
  keeps(monotonic('/a', options), { a, ...more });
const UP = { direction: 'increasing' } as const;
const DOWN = { direction: 'decreasing' } as const;

describe('an array', () => {
  it.each<[unknown, boolean, boolean, boolean, boolean]>([
    // value, up, strictly up, down, strictly down
    [[], true, true, true, true],
    [[5], true, true, true, true],
    [[1, 2, 3], true, true, false, false],
    [[1, 1, 2], true, false, false, false],
    [[2, 2], true, false, true, false],
    [[3, 2, 2], false, false, true, false],
    [[3, 2, 1], false, false, true, true],
    [[1, 3, 2], false, false, false, false],
    [[1, '2', 3], false, false, false, false],
    [[1, null], false, false, false, false],
    [['x'], false, false, false, false],
  ])('%j', async (value, up, strictlyUp, down, strictlyDown) => {
    expect(await kept(UP, value)).toBe(up);
    expect(await kept({ ...UP, strict: true }, value)).toBe(strictlyUp);
    expect(await kept(DOWN, value)).toBe(down);
    expect(await kept({ ...DOWN, strict: true }, value)).toBe(strictlyDown);
  });

  it('violates it where a number is too large for a double', async () => {
    expect(await keeps(monotonic('/a', UP), '{"a":[1,1e999]}')).toBe(false);
  });

  it('agrees with sorting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 6 }), async (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        expect(await kept(UP, values)).toBe(values.every((value, index) => value === sorted[index]));
        expect(await kept(DOWN, [...values].reverse())).toBe(await kept(UP, values));
      }),
    );
  });
});

describe('an object', () => {
  it('is taken in numeric order of its keys, not in the order of their text or of the document', async () => {
    expect(await keeps(monotonic('/a', UP), '{"a":{"16":15,"2":5,"8":13,"4":10}}')).toBe(true);
    expect(await keeps(monotonic('/a', UP), '{"a":{"10":2,"9":3}}')).toBe(false);
    expect(await keeps(monotonic('/a', UP), '{"a":{"0.5":2,"-1.5":1,"-2":0,"3":9}}')).toBe(true);
  });

  it.each([
    '{"x":1}',
    '{"1":1,"__proto__":2}',
    '{"01":1}',
    '{"1e3":1}',
    '{"":1}',
    '{" 1":1}',
    '{"Infinity":1}',
    '"12"',
    '5',
    'null',
  ])('whose keys are no numbers violates it: %s', async (value) => {
    expect(await keeps(monotonic('/a', UP), `{"a":${value}}`)).toBe(false);
  });

  it('with more members than the bound violates it', async () => {
    const members = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, i]));
    expect(await kept(UP, members(MAX_MONOTONIC_KEYS))).toBe(true);
    expect(await kept(UP, members(MAX_MONOTONIC_KEYS + 1))).toBe(false);
  });
});

describe('keys', () => {
  const rule = { ...UP, keys: '/keys' } as const;
  it('choose the members, each once', async () => {
    const a = { 1: 1, 2: 5, 3: 2, x: 'y' };
    expect(await kept(rule, a, { keys: [1, 2] })).toBe(true);
    expect(await kept(rule, a, { keys: [3, 1] })).toBe(true);
    expect(await kept(rule, a, { keys: [3, 2] })).toBe(false);
    expect(await kept({ ...rule, strict: true }, a, { keys: [2, 1, 2] })).toBe(true);
  });

  it('pass over what is missing, and need to be there', async () => {
    expect(await kept(rule, { 1: 3, 3: 2 }, { keys: [1, 2, 4] })).toBe(true);
    expect(await kept(rule, { 1: 3, 3: 2 }, { keys: [1, 2, 3] })).toBe(false);
    expect(await kept(rule, { 1: 3, 3: 2 })).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [{ 1: 1 }, ['1']],
    [{ 1: 1 }, { 0: 1 }],
    [{ 1: 1 }, null],
    [
      [1, 2],
      [0, 1],
    ],
    [7, [0]],
    [{ 1: 1 }, new Array(MAX_MONOTONIC_KEYS + 1).fill(1)],
  ])('of another kind violate it: %#', async (a, keys) => {
    expect(await kept(rule, a, { keys })).toBe(false);
  });

  it('do not reach the prototype', async () => {
    expect(await keeps(monotonic('/a', rule), '{"a":{},"keys":[1,2]}')).toBe(true);
  });
});

it('compares only the neighbours that where lets through', async () => {
  const where = (before: number, after: number): boolean => after % before === 0;
  expect(await kept({ ...UP, where }, { 2: 5, 4: 6, 5: 1 })).toBe(true);
  expect(await kept({ ...UP, where }, { 2: 5, 4: 4 })).toBe(false);
});

it.each<[unknown, RegExp]>([
  [undefined, /PTC_E001.*monotonic\.direction/],
  [{}, /PTC_E001.*monotonic\.direction/],
  [{ direction: 'up' }, /PTC_E003.*monotonic\.direction/],
  [{ ...UP, strict: 1 }, /PTC_E002.*monotonic\.strict/],
  [{ ...UP, keys: 'keys' }, /PTC_E003.*monotonic\.pointer/],
  [{ ...UP, where: true }, /PTC_E002.*monotonic\.where/],
  [{ ...UP, order: 1 }, /PTC_E004.*monotonic\.order/],
])('the options %j are refused', (options, message) => {
  expect(() => monotonic('/a', options as MonotonicOptions)).toThrow(message);
});
