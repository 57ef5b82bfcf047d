import { describe, expect, it } from 'vitest';
import { type FormatName, format, MAX_FORMAT_LENGTH } from '../../../src/guards/sanity/format.ts';
import { keeps } from './inspect.ts';

const kept = (expected: Parameters<typeof format>[1], a: unknown): Promise<boolean> =>
  keeps(format('/a', expected), { a });

const HEX = '96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359';

describe('hex64', () => {
  it.each<[unknown, boolean]>([
    [HEX, true],
    [HEX.toUpperCase(), false],
    [HEX.slice(1), false],
    [`${HEX}0`, false],
    [`${HEX}\n`, false],
    [` ${HEX}`, false],
    [`g${HEX.slice(1)}`, false],
    ['', false],
    [[HEX], false],
    [null, false],
    [7, false],
  ])('%j: %s', async (value, expected) => {
    expect(await kept('hex64', value)).toBe(expected);
  });
});

describe('uuid', () => {
  it.each<[unknown, boolean]>([
    // RFC 9562 appendix A: versions 1, 4 and 7; section 5.9 and 5.10: nil and max.
    ['C232AB00-9414-11EC-B3C8-9F6BDECED846', true],
    ['919108f7-52d1-4320-9bac-f847db4148a8', true],
    ['017F22E2-79B0-7CC3-98C4-DC0C0C07398F', true],
    ['00000000-0000-0000-0000-000000000000', true],
    ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', true],
    ['919108f752d143209bacf847db4148a8', false],
    ['{919108f7-52d1-4320-9bac-f847db4148a8}', false],
    ['919108f7-52d1-4320-9bac-f847db4148a', false],
    ['919108g7-52d1-4320-9bac-f847db4148a8', false],
    ['919108f7-52d1-4320-9bac-f847db4148a8\n', false],
    [0, false],
  ])('%j: %s', async (value, expected) => {
    expect(await kept('uuid', value)).toBe(expected);
  });
});

describe('rfc3339', () => {
  it.each([
    // RFC 3339 section 5.8.
    '1985-04-12T23:20:50.52Z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
    '1990-12-31T15:59:60-08:00',
    '1937-01-01T12:00:27.87+00:20',
    '2024-02-29t00:00:00z',
    '2000-02-29T00:00:00Z',
    '2025-01-01T00:00:00-00:00',
    '0000-01-01T00:00:00Z',
    '2025-12-31T00:19:60+00:20',
  ])('takes %s', async (value) => {
    expect(await kept('rfc3339', value)).toBe(true);
  });

  it.each([
    '1985-04-12',
    '1985-04-12T23:20:50.52',
    '1985-04-12 23:20:50Z',
    '1985-4-12T23:20:50Z',
    '1985-04-12T23:20Z',
    '1985-04-12T23:20:50.Z',
    '1985-04-12T23:20:50+0100',
    '1985-04-12T24:00:00Z',
    '1985-04-12T23:60:00Z',
    '1985-04-12T23:20:61Z',
    '1985-04-12T23:20:60Z',
    '1990-12-31T23:59:60-08:00',
    '1985-00-12T23:20:50Z',
    '1985-13-12T23:20:50Z',
    '1985-04-31T23:20:50Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '1985-04-12T23:20:50+24:00',
    '1985-04-12T23:20:50+00:60',
    '1985-04-12T23:20:50Z\n',
    '١٩٨٥-04-12T23:20:50Z',
    482196050520,
  ])('refuses %j', async (value) => {
    expect(await kept('rfc3339', value)).toBe(false);
  });
});

describe('a pattern', () => {
  it('is tried on strings only, and the same way every time', async () => {
    const rule = format('/a', /^[ab]+$/);
    for (let round = 0; round < 3; round++) {
      expect(await keeps(rule, { a: 'abba' })).toBe(true);
      expect(await keeps(rule, { a: 'abc' })).toBe(false);
    }
    expect(await keeps(rule, { a: ['a'] })).toBe(false);
  });

  it('never sees a string longer than the bound', async () => {
    expect(await kept(/^a*$/, 'a'.repeat(MAX_FORMAT_LENGTH))).toBe(true);
    expect(await kept(/^a*$/, 'a'.repeat(MAX_FORMAT_LENGTH + 1))).toBe(false);
    expect(await kept('rfc3339', `1985-04-12T23:20:50.${'1'.repeat(MAX_FORMAT_LENGTH)}Z`)).toBe(false);
  });

  it.each([/a/g, /a/y])('with a memory is refused: %s', (pattern) => {
    expect(() => format('/a', pattern)).toThrow(/PTC_E003.*format\.expected.*flags g and y/);
  });
});

describe('a function', () => {
  it('gets the value whatever it is', async () => {
    expect(await kept(Array.isArray, [])).toBe(true);
    expect(await kept(Array.isArray, {})).toBe(false);
    expect(await kept((value) => value === null, null)).toBe(true);
  });
});

it('passes where nothing is', async () => {
  expect(await keeps(format('/a', 'uuid'), {})).toBe(true);
});

it.each<[unknown, RegExp]>([
  ['hex', /PTC_E003.*format\.expected/],
  ['toString', /PTC_E003.*format\.expected/],
  [undefined, /PTC_E002.*format\.expected/],
  [{}, /PTC_E002.*format\.expected/],
])('the format %j is refused', (expected, message) => {
  expect(() => format('/a', expected as FormatName)).toThrow(message);
});
