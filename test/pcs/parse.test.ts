import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import { parseJson } from '../../src/json.ts';
import { type PcsResult, parsePcs } from '../../src/pcs/parse.ts';
import { type Body, realBodies, SAMPLE, SAMPLE_RECORD } from './sample.ts';

function parseText(text: string): PcsResult {
  const json = parseJson(text);
  if (!json.ok) throw new Error(`not JSON: ${json.code}`);
  return parsePcs(json.document);
}

const parse = (body: unknown): PcsResult => parseText(JSON.stringify(body));

/** The sample's text with one field written as given, for texts that JSON.stringify would not write. */
function withLiteral(field: string, literal: string): string {
  return JSON.stringify({ ...SAMPLE, [field]: '@@' }).replace('"@@"', literal);
}

function refusal(result: PcsResult): [DecisionCode, string] {
  if (result.ok) throw new Error('accepted');
  return [result.code, result.pointer];
}

function accepted(result: PcsResult): Extract<PcsResult, { ok: true }>['record'] {
  if (!result.ok) throw new Error(result.detail);
  return result.record;
}

describe('parsePcs', () => {
  it('reads a whole record', () => {
    expect(accepted(parse(SAMPLE))).toEqual(SAMPLE_RECORD);
  });

  it('reads all 510 real records', () => {
    const bodies = realBodies();
    expect(bodies).toHaveLength(510);
    for (const body of bodies) {
      const record = accepted(parse(body));
      expect(record.D_hat).toBe(body.D_hat);
      expect(Object.fromEntries(record.N_j)).toEqual(body.N_j);
    }
  });

  it('leaves unknown fields out and keeps the VRF fields', () => {
    const record = accepted(parse({ ...SAMPLE, vrf_proof: 'AQI=', vrf_output: '', note: 'x', constructor: 1 }));
    expect(record.vrf_proof).toBe('AQI=');
    expect(record.vrf_output).toBe('');
    expect(Object.keys(record)).not.toContain('note');
    expect(Object.keys(record)).not.toContain('constructor');
  });

  it('freezes the record and its lists', () => {
    const record = accepted(parse(SAMPLE));
    for (const part of [record, record.scales, record.v_star, record.ft]) expect(Object.isFrozen(part)).toBe(true);
  });

  it.each(Object.keys(SAMPLE))('refuses a record without %s', (field) => {
    const { [field]: _gone, ...rest } = SAMPLE;
    const result = parse(rest);
    expect(refusal(result)).toEqual([field === 'sig' ? 'PTC_D301' : 'PTC_D401', `/${field}`]);
    expect(result).toMatchObject({ detail: `Field ${field} is missing.` });
  });

  it.each(Object.keys(SAMPLE))('refuses %s of the wrong type', (field) => {
    const expected = field === 'schema' ? 'PTC_D403' : 'PTC_D402';
    // Empty objects are of the right type for N_j, whose counts may be missing, and lack members for ft.
    const values = field === 'N_j' ? [null, true, [], [[]]] : [null, true, {}, [], [[]]];
    for (const value of values) {
      const isEmptyFt = field === 'ft' && JSON.stringify(value) === '{}';
      const where = isEmptyFt ? '/ft/outbox_seq' : `/${field}`;
      expect(refusal(parse({ ...SAMPLE, [field]: value }))).toEqual([isEmptyFt ? 'PTC_D401' : expected, where]);
    }
  });

  it.each(['[]', 'null', '1', '"x"', 'true'])('refuses a body that is %s', (text) => {
    expect(refusal(parseText(text))).toEqual(['PTC_D402', '']);
  });

  it('does not take inherited members for fields', () => {
    expect(refusal(parseText(`{"__proto__":${JSON.stringify(SAMPLE)}}`))).toEqual(['PTC_D401', '/schema']);
    const { ft, ...rest } = SAMPLE;
    const text = JSON.stringify(rest).replace(/\}$/, `,"ft":{"__proto__":${JSON.stringify(ft)}}}`);
    expect(refusal(parseText(text))).toEqual(['PTC_D401', '/ft/outbox_seq']);
  });
});

describe('a poisoned prototype', () => {
  it('lends no field to a record', () => {
    const { sig, ft, ...rest } = SAMPLE;
    const { degraded, ...partOfFt } = ft as Body;
    Object.assign(Object.prototype, { sig, degraded });
    try {
      expect(refusal(parse({ ...rest, ft }))).toEqual(['PTC_D301', '/sig']);
      expect(refusal(parse({ ...rest, sig, ft: partOfFt }))).toEqual(['PTC_D401', '/ft/degraded']);
    } finally {
      for (const name of ['sig', 'degraded']) delete (Object.prototype as Body)[name];
    }
  });
});

describe('one field at a time', () => {
  const cases: [string, string, unknown[], [unknown, DecisionCode][]][] = [
    [
      'schema',
      'exactly one',
      ['fractal-lba-kakeya'],
      [
        ['fractal-lba-kakeya ', 'PTC_D403'],
        ['', 'PTC_D403'],
      ],
    ],
    ['version', 'not empty', ['0.1', '9'], [['', 'PTC_D402']]],
    [
      'pcs_id',
      '64 lower-case hex',
      ['0'.repeat(64)],
      [
        ['0'.repeat(63), 'PTC_D402'],
        ['0'.repeat(65), 'PTC_D402'],
        ['A'.repeat(64), 'PTC_D402'],
        ['g'.repeat(64), 'PTC_D402'],
        [`${'0'.repeat(64)}\n`, 'PTC_D402'],
      ],
    ],
    [
      'merkle_root',
      '64 lower-case hex',
      ['f'.repeat(64)],
      [
        ['F'.repeat(64), 'PTC_D402'],
        ['', 'PTC_D402'],
      ],
    ],
    [
      'shard_id',
      '1 to 128 of a small alphabet',
      ['a', 'A9._:-', 'x'.repeat(128)],
      [
        ['', 'PTC_D402'],
        ['x'.repeat(129), 'PTC_D402'],
        ['a b', 'PTC_D402'],
        ['a|b', 'PTC_D402'],
        ['é', 'PTC_D402'],
        ['a\n', 'PTC_D402'],
      ],
    ],
    [
      'epoch',
      'from 0',
      [0, 1, 2 ** 53 - 1],
      [
        [-1, 'PTC_D402'],
        [2 ** 53, 'PTC_D402'],
        [1.5, 'PTC_D402'],
        ['1', 'PTC_D402'],
      ],
    ],
    [
      'attempt',
      'from 1',
      [1, 2],
      [
        [0, 'PTC_D402'],
        [-1, 'PTC_D402'],
        [1.5, 'PTC_D402'],
      ],
    ],
    [
      'sent_at',
      'RFC 3339',
      ['2024-02-29T12:00:00.5+02:00'],
      [
        ['2025-02-29T12:00:00Z', 'PTC_D402'],
        [0, 'PTC_D402'],
      ],
    ],
    [
      'seed',
      'integer',
      [0, -1, 42, 2 ** 53 - 1],
      [
        [1.5, 'PTC_D402'],
        ['42', 'PTC_D402'],
        [1e21, 'PTC_D402'],
      ],
    ],
    [
      'scales',
      'distinct, 1 to 1024',
      [
        [1, 1024],
        [16, 2, 4],
      ],
      [
        [[2], 'PTC_D402'],
        [[2, 2], 'PTC_D402'],
        [[2, 4, 2], 'PTC_D402'],
        [[2, 4.5], 'PTC_D402'],
        [[2, '4'], 'PTC_D402'],
        [[2, null], 'PTC_D402'],
        [[0, 2], 'PTC_D406'],
        [[2, 1025], 'PTC_D406'],
        [[2, -4], 'PTC_D406'],
        [{ 0: 2, 1: 4, length: 2 }, 'PTC_D402'],
      ],
    ],
    [
      'N_j',
      'counts by scale, a scale may be missing',
      [{ '2': 1 }, {}, { '2': 5, '1024': 2 ** 53 - 1 }],
      [
        [{ '2': 0 }, 'PTC_D402'],
        [{ '2': -1 }, 'PTC_D402'],
        [{ '2': 1.5 }, 'PTC_D402'],
        [{ '2': '5' }, 'PTC_D402'],
        [{ '2': 2 ** 53 }, 'PTC_D402'],
        [{ '02': 5 }, 'PTC_D402'],
        [{ '+2': 5 }, 'PTC_D402'],
        [{ '2.0': 5 }, 'PTC_D402'],
        [{ ' 2': 5 }, 'PTC_D402'],
        [{ '2e0': 5 }, 'PTC_D402'],
        [{ '٢': 5 }, 'PTC_D402'],
        [{ '': 5 }, 'PTC_D402'],
        [{ a: 5 }, 'PTC_D402'],
        [{ '0': 5 }, 'PTC_D406'],
        [{ '1025': 5 }, 'PTC_D406'],
        [{ '-2': 5 }, 'PTC_D406'],
        [{ ['9'.repeat(400)]: 5 }, 'PTC_D402'],
      ].map(([value, code]) => [value, code] as [unknown, DecisionCode]),
    ],
    ['coh_star', 'finite', [-5, 0, 1e300], [['1', 'PTC_D402']]],
    ['D_hat', 'finite', [-5, 0, 1e300], [['1', 'PTC_D402']]],
    ['r', 'finite', [-5, 0, 1e300], [['1', 'PTC_D402']]],
    ['budget', 'finite', [-5, 0, 1e300], [['1', 'PTC_D402']]],
    [
      'v_star',
      'three finite',
      [[0, -1, 2.5]],
      [
        [[0, 1], 'PTC_D402'],
        [[0, 1, 2, 3], 'PTC_D402'],
        [[0, 1, null], 'PTC_D402'],
      ],
    ],
    [
      'regime',
      'one of three',
      ['sticky', 'mixed', 'non_sticky'],
      [
        ['Sticky', 'PTC_D402'],
        ['constructor', 'PTC_D402'],
      ],
    ],
    [
      'sig',
      'base64 or empty',
      ['', 'AQI='],
      [
        ['AQI', 'PTC_D302'],
        ['A-I=', 'PTC_D302'],
        [' AQI=', 'PTC_D302'],
        [5, 'PTC_D402'],
      ],
    ],
    [
      'vrf_proof',
      'base64',
      ['', 'AQI='],
      [
        ['AQI', 'PTC_D402'],
        [null, 'PTC_D402'],
      ],
    ],
    [
      'vrf_output',
      'base64',
      ['', 'AQI='],
      [
        ['AQI', 'PTC_D402'],
        [7, 'PTC_D402'],
      ],
    ],
  ];

  it.each(cases)('%s: %s', (field, _rule, right, wrong) => {
    for (const value of right) expect(parse({ ...SAMPLE, [field]: value }).ok, JSON.stringify(value)).toBe(true);
    for (const [value, code] of wrong) {
      expect(refusal(parse({ ...SAMPLE, [field]: value })), JSON.stringify(value)).toEqual([code, `/${field}`]);
    }
  });

  it.each([
    ['outbox_seq', [0, -1, 7], [1.5, '1', null]],
    ['degraded', [true, false], [0, 'true', null]],
    ['fallbacks', [[], ['a', '']], [[1], 'a', null, {}]],
    ['clock_skew_ms', [0, -250], [0.5, '0', null]],
  ] as const)('ft.%s', (member, right, wrong) => {
    const ft = SAMPLE.ft as Body;
    for (const value of right) expect(parse({ ...SAMPLE, ft: { ...ft, [member]: value } }).ok).toBe(true);
    for (const value of wrong) {
      const result = parse({ ...SAMPLE, ft: { ...ft, [member]: value } });
      expect(refusal(result)).toEqual(['PTC_D402', `/ft/${member}`]);
      expect(result).toMatchObject({ detail: expect.stringContaining(`Field ft.${member} must be`) });
    }
    const { [member]: _gone, ...rest } = ft;
    expect(refusal(parse({ ...SAMPLE, ft: rest }))).toEqual(['PTC_D401', `/ft/${member}`]);
  });
});

describe('numbers that a double would blur', () => {
  it.each([
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['-9007199254740993', -9007199254740993n],
    ['-0', 0n],
    ['9'.repeat(1000), 10n ** 1000n - 1n],
  ])('reads seed %.20s exactly', (literal, seed) => {
    expect(accepted(parseText(withLiteral('seed', literal))).seed).toBe(seed);
  });

  it.each(['1.0', '1e3', '1E3', '1.5', '42.00', '9'.repeat(1001), '1e999'])('refuses seed %.20s', (literal) => {
    expect(refusal(parseText(withLiteral('seed', literal)))).toEqual(['PTC_D402', '/seed']);
  });

  it.each([
    ['epoch', '1.0'],
    ['epoch', '1e0'],
    ['epoch', '9007199254740991.4'],
    ['epoch', '9007199254740993'],
    ['epoch', '1.00000000000000000001'],
    ['attempt', '1.0'],
    ['coh_star', '1e999'],
    ['D_hat', '-1e999'],
    ['r', '1e400'],
    ['budget', '1e309'],
    ['v_star', '[0,0,1e999]'],
    ['N_j', '{"2":1e999}'],
    ['scales', '[2,1e999]'],
  ])('refuses %s written as %s', (field, literal) => {
    expect(refusal(parseText(withLiteral(field, literal)))).toEqual(['PTC_D402', `/${field}`]);
  });

  it('reads a zero epoch as 0, whatever its sign', () => {
    expect(Object.is(accepted(parseText(withLiteral('epoch', '-0'))).epoch, 0)).toBe(true);
  });

  it('refuses N_j with a __proto__ key', () => {
    expect(refusal(parseText(withLiteral('N_j', '{"2":4,"__proto__":{"4":8}}')))).toEqual(['PTC_D402', '/N_j']);
  });
});

describe('arbitrary documents', () => {
  const values = fc.oneof(
    fc.jsonValue(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...Object.values(SAMPLE)),
  );
  const bodies = fc
    .tuple(fc.dictionary(fc.constantFrom(...Object.keys(SAMPLE), '__proto__', 'toString'), values), fc.boolean())
    .map(([changes, whole]) => (whole ? { ...SAMPLE, ...changes } : changes));

  it('never throws, and refuses with a code of its own and a pointer to a field of ours', () => {
    fc.assert(
      fc.property(fc.oneof(bodies, fc.jsonValue()), (body) => {
        const result = parse(body);
        if (result.ok) return;
        expect([400, 401]).toContain(DECISION_CODES[result.code].status);
        expect(['', ...Object.keys(SAMPLE)]).toContain(result.pointer.split('/')[1] ?? '');
      }),
      { numRuns: 500 },
    );
  });

  it('never repeats what was sent', () => {
    const marker = 'zq9zq9zq9zq9';
    for (const field of [...Object.keys(SAMPLE), 'vrf_proof']) {
      for (const value of [marker, { [marker]: marker }, [marker, marker]]) {
        const result = parse({ ...SAMPLE, [field]: value });
        if (!result.ok) expect(JSON.stringify(result)).not.toContain(marker);
      }
    }
  });
});
