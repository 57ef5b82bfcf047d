import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardContext, Verdict } from '../../src/guard.ts';
import { DEFAULT_PCS_POLICY, type PcsPolicy, STRICT_D_BOUNDS } from '../../src/pcs/policy.ts';
import { type PcsSanityOptions, pcsSanity, pcsSanityRules } from '../../src/pcs/sanity.ts';
import { buildExchange } from '../../src/testing.ts';

const CONTEXT: GuardContext = {
  tenant: undefined,
  now: 0,
  decisionId: 'test',
  facts: {},
  currentBody: () => new Uint8Array(),
};

async function inspect(body: string | object, options: PcsSanityOptions = {}, tenant?: string): Promise<Verdict> {
  const exchange = buildExchange({ body });
  await exchange.loadBody();
  return pcsSanity(options).inspect(exchange, { ...CONTEXT, tenant });
}

/** What a verdict comes to: its kind, its code and the rules that were violated. */
async function outcome(body: string | object, options: PcsSanityOptions = {}): Promise<string> {
  const verdict = await inspect(body, options);
  const code = 'code' in verdict ? verdict.code : '';
  const rules = (verdict.findings ?? []).map(({ rule }) => rule.replace('sanity/', ''));
  return [verdict.kind, code, ...rules].filter(Boolean).join(' ');
}

const GOOD = {
  scales: [2, 4, 8, 16],
  N_j: { '2': 5, '4': 10, '8': 13, '16': 15 } as Record<string, unknown>,
  coh_star: 0.2,
  D_hat: 0.528320834,
  r: 0.3,
  budget: 0.35,
  merkle_root: '96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359',
};

/** Takes a number as JSON text, so that a test says exactly what is sent. */
function withNumber(field: keyof typeof GOOD, text: string): string {
  return JSON.stringify({ ...GOOD, [field]: '@' }).replace('"@"', text);
}

const withCounts = (counts: Readonly<Record<string, unknown>>): object => ({
  ...GOOD,
  scales: Object.keys(counts).map(Number),
  N_j: counts,
});

describe('numbers', () => {
  it.each<[keyof typeof GOOD, string, string]>([
    ['coh_star', '0', 'pass'],
    ['coh_star', '-0', 'pass'],
    ['coh_star', '1', 'pass'],
    ['coh_star', '1.05', 'pass'],
    ['coh_star', '1.0500000004', 'pass'],
    ['coh_star', '1.050000001', 'escalate PTC_D502 coh-bounds'],
    ['coh_star', '-0.000000001', 'escalate PTC_D502 coh-bounds'],
    ['r', '0', 'pass'],
    ['r', '1', 'pass'],
    ['r', '1.000000001', 'escalate PTC_D504 r-bounds'],
    ['r', '-0.000000001', 'escalate PTC_D504 r-bounds'],
    ['budget', '0.0', 'pass'],
    ['budget', '1.0', 'pass'],
    ['budget', '1.000000001', 'escalate PTC_D504 budget-bounds'],
    ['budget', '-1e-9', 'escalate PTC_D504 budget-bounds'],
    ['D_hat', '0', 'pass'],
    ['D_hat', '3.5', 'pass'],
    ['D_hat', '3.500000001', 'escalate PTC_D504 d-hat-bounds'],
    ['D_hat', '-0.000000001', 'escalate PTC_D504 d-hat-bounds'],
    ['D_hat', '1e308', 'escalate PTC_D504 d-hat-bounds'],
    ['D_hat', '1e999', 'deny PTC_D402 number d-hat-bounds'],
    ['D_hat', '"1"', 'deny PTC_D402 number d-hat-bounds'],
    ['r', 'null', 'deny PTC_D402 number r-bounds'],
  ])('%s %s: %s', async (field, text, expected) => {
    expect(await outcome(withNumber(field, text))).toBe(expected);
  });

  it('are compared in nano-units, whatever the doubles of a bound say', async () => {
    // In doubles, 1 + 0.003691 is 1.0036909999999999: below what the text 1.003691 is read as.
    expect(1 + 0.003691).toBeLessThan(1.003691);
    const policy: PcsPolicy = { ...DEFAULT_PCS_POLICY, tolCoh: 0.003691 };
    expect(await outcome(withNumber('coh_star', '1.003691'), { policy })).toBe('pass');
    expect(await outcome(withNumber('coh_star', '1.003691001'), { policy })).toBe('escalate PTC_D502 coh-bounds');
  });

  it('have the bounds of the policy, strict ones too', async () => {
    const policy: PcsPolicy = { ...DEFAULT_PCS_POLICY, ...STRICT_D_BOUNDS };
    for (const [text, expected] of [
      ['0.5', 'pass'],
      ['3', 'pass'],
      ['0.499999999', 'escalate PTC_D504 d-hat-bounds'],
      ['3.000000001', 'escalate PTC_D504 d-hat-bounds'],
    ] as const) {
      expect(await outcome(withNumber('D_hat', text), { policy })).toBe(expected);
    }
  });

  it('have the bounds of the tenant', async () => {
    const strict: PcsPolicy = { ...DEFAULT_PCS_POLICY, ...STRICT_D_BOUNDS };
    const policy = (tenant: string | undefined): PcsPolicy => (tenant === 'strict' ? strict : DEFAULT_PCS_POLICY);
    const body = withNumber('D_hat', '3.2');
    expect((await inspect(body, { policy }, 'strict')).kind).toBe('escalate');
    expect((await inspect(body, { policy }, 'lax')).kind).toBe('pass');
  });

  it('are named in the order of the contract when several are wrong', async () => {
    const body = { ...GOOD, coh_star: 2, r: 2, N_j: { '2': 5, '4': 4, '8': 13 } };
    expect(await outcome(body)).toBe('escalate PTC_D502 coh-bounds nj-missing r-bounds nj-monotonic');
  });
});

describe('structure', () => {
  it.each(Object.keys(GOOD))('%s must be there', async (field) => {
    const { [field as keyof typeof GOOD]: _, ...rest } = GOOD;
    expect(await inspect(rest)).toMatchObject({
      kind: 'deny',
      code: 'PTC_D401',
      findings: [{ rule: 'sanity/required', place: { in: 'body', pointer: `/${field}` } }],
    });
  });

  it.each<[string, object, string]>([
    ['an upper-case root', { merkle_root: GOOD.merkle_root.toUpperCase() }, 'deny PTC_D402 merkle-root'],
    ['a short root', { merkle_root: 'ab' }, 'deny PTC_D402 merkle-root'],
    ['one scale', { scales: [2] }, 'deny PTC_D402 scales-distinct'],
    ['a scale twice', { scales: [2, 4, 2] }, 'deny PTC_D402 scales-distinct'],
    ['scale 0', { scales: [0, 2] }, 'deny PTC_D406 scales-range'],
    ['scale 1025', { scales: [2, 1025] }, 'deny PTC_D406 scales-range'],
    ['scale 2.5', { scales: [2, 2.5] }, 'deny PTC_D406 scales-range'],
    ['a scale in text', { scales: [2, '4'] }, 'deny PTC_D406 scales-range nj-monotonic-soft'],
    ['a count of 0', { N_j: { 2: 0, 4: 1, 8: 1, 16: 1 } }, 'deny PTC_D402 nj-counts'],
    ['half a count', { N_j: { 2: 1, 4: 1.5, 8: 2, 16: 2 } }, 'deny PTC_D402 nj-counts'],
  ])('%s is denied', async (_what, wrong, expected) => {
    expect(await outcome({ ...GOOD, ...wrong })).toBe(expected);
  });

  it.each([[[5, 10]], [null], ['x'], [7]])('N_j %j is denied', async (N_j) => {
    expect(await inspect({ ...GOOD, N_j })).toMatchObject({ kind: 'deny', code: 'PTC_D402' });
  });
});

describe('N_j', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['rises', { 2: 4, 4: 8, 8: 17, 16: 20 }, 'pass'],
    ['stays', { 2: 5, 4: 5, 8: 5 }, 'pass'],
    ['falls on nested grids', { 2: 5, 4: 4, 8: 13 }, 'escalate PTC_D505 nj-monotonic'],
    ['falls between grids that are not nested', { 2: 8, 3: 7 }, 'flag PTC_D505 nj-monotonic-soft'],
    // 2 divides 4, though 3 stands between them.
    ['falls from 2 to 4, past 3', { 2: 8, 3: 8, 4: 7 }, 'escalate PTC_D505 nj-monotonic nj-monotonic-soft'],
    [
      'falls by steps that are each allowed',
      { 4: 50, 6: 40, 9: 30, 12: 35 },
      'escalate PTC_D505 nj-monotonic nj-monotonic-soft',
    ],
    ['grows by 8 on a doubling', { 2: 5, 4: 40 }, 'pass'],
    ['grows by more than 8', { 2: 5, 4: 41 }, 'escalate PTC_D510 nj-growth'],
    ['grows by 27 on a tripling', { 2: 2, 6: 54 }, 'pass'],
    ['grows by more than 27', { 2: 2, 6: 55 }, 'escalate PTC_D510 nj-growth'],
    ['grows freely between grids that are not nested', { 2: 1, 3: 27 }, 'pass'],
    // 3 to 12 may grow by 64 only, whatever 4 and 8 say.
    ['grows too fast past a gap', { 3: 1, 4: 2, 8: 16, 12: 65 }, 'escalate PTC_D510 nj-growth'],
    ['is as large as a count can be', { 1: 9007199254740991, 1024: 9007199254740991 }, 'pass'],
    ['grows beyond exact integers', { 1: 8388608, 1024: 9007199254740991 }, 'pass'],
  ])('%s', async (_what, counts, expected) => {
    expect(await outcome(withCounts(counts))).toBe(expected);
  });

  it('is taken in the order of the scales, not of the document', async () => {
    expect(await outcome({ ...GOOD, scales: [16, 2, 8, 4] })).toBe('pass');
    const falling = JSON.stringify(GOOD).replace('{"2":5,"4":10,"8":13,"16":15}', '{"16":5,"8":10,"4":13,"2":15}');
    expect(await outcome(falling)).toBe('escalate PTC_D505 nj-monotonic');
  });

  it('must have every scale; other rules pass over what is missing', async () => {
    expect(await outcome({ ...GOOD, N_j: { 2: 5, 4: 10, 16: 15 } })).toBe('escalate PTC_D503 nj-missing');
    expect(await outcome({ ...GOOD, N_j: { 2: 15, 4: 15, 16: 10 } })).toBe('escalate PTC_D503 nj-missing nj-monotonic');
    expect(await outcome(JSON.stringify(GOOD).replace('"2":5', '"02":5'))).toBe('escalate PTC_D503 nj-missing');
    expect(await outcome(JSON.stringify({ ...GOOD, N_j: {} }))).toBe('escalate PTC_D503 nj-missing');
  });

  it('may count more scales than there are: nothing is computed from them', async () => {
    expect(await outcome({ ...GOOD, N_j: { ...GOOD.N_j, 32: 1 } })).toBe('pass');
  });

  it('obeys the two laws for real boxes: any points, any scales', async () => {
    const coordinate = fc.integer({ min: 0, max: 27_719 });
    const points = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 40 });
    const scales = fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 60), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(points, scales, async (cloud, chosen) => {
        // 27,720 is a multiple of every scale's cells or not: floor(x s / 27,720) is exact in integers either way.
        const boxes = (s: number): number =>
          new Set(cloud.map((point) => point.map((x) => Math.floor((x * s) / 27_720)).join())).size;
        const verdict = await inspect(withCounts(Object.fromEntries(chosen.map((s) => [s, boxes(s)]))));
        expect(['pass', 'flag']).toContain(verdict.kind);
      }),
    );
  });

  it('finds a violated pair exactly where comparing all pairs does', async () => {
    const counts = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 })), {
      selector: ([scale]) => scale,
      minLength: 2,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(counts, async (entries) => {
        const pairs = entries.flatMap(([s, n]) => entries.map(([t, m]) => [s, n, t, m] as const));
        const nested = pairs.filter(([s, , t]) => t > s && t % s === 0);
        const verdict = await inspect(withCounts(Object.fromEntries(entries)));
        const violated = new Set((verdict.findings ?? []).map(({ rule }) => rule));
        expect(violated.has('sanity/nj-monotonic')).toBe(nested.some(([, n, , m]) => m < n));
        expect(violated.has('sanity/nj-growth')).toBe(nested.some(([s, n, t, m]) => m * s ** 3 > n * t ** 3));
      }),
      { numRuns: 300 },
    );
  });
});

describe('hostile bodies', () => {
  it('never throw and never pass', async () => {
    const wild = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    );
    const field = fc.constantFrom(...(Object.keys(GOOD) as (keyof typeof GOOD)[]));
    await fc.assert(
      fc.asyncProperty(field, wild, async (name, text) => {
        const verdict = await inspect(withNumber(name, text));
        expect(['pass', 'flag', 'escalate', 'deny']).toContain(verdict.kind);
        if (typeof GOOD[name] !== 'object' && typeof JSON.parse(text) !== 'number') expect(verdict.kind).toBe('deny');
      }),
      { numRuns: 300 },
    );
  });

  it('with every scale at once are decided like any other', async () => {
    const scales = Array.from({ length: 1024 }, (_, i) => i + 1);
    const counts = (last: number): object =>
      withCounts(Object.fromEntries(scales.map((scale) => [scale, scale === 1024 ? last : 7])));
    expect(await outcome(counts(7))).toBe('pass');
    expect(await outcome(counts(6))).toBe('escalate PTC_D505 nj-monotonic nj-monotonic-soft');
  });

  it('with a hundred thousand scales are denied', async () => {
    const scales = Array.from({ length: 100_000 }, (_, i) => (i % 1024) + 1);
    expect((await inspect({ ...GOOD, scales })).kind).toBe('deny');
  });
});

describe('real records', () => {
  const records = readFileSync(new URL('../../fixtures/pcs/real-inputs.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');

  it('pass, all 510', async () => {
    expect(records).toHaveLength(510);
    for (const record of records) expect(await outcome(record)).toBe('pass');
  });
});

describe('pcsSanityRules', () => {
  it('are frozen rules of the general builders', () => {
    const rules = pcsSanityRules(DEFAULT_PCS_POLICY);
    expect(Object.isFrozen(rules)).toBe(true);
    expect(rules.every((rule) => Object.isFrozen(rule) && rule.id.startsWith('sanity/'))).toBe(true);
  });

  it('refuse bounds that exclude everything', () => {
    expect(() => pcsSanityRules({ ...DEFAULT_PCS_POLICY, minD: 2, maxD: 1 })).toThrow(/PTC_E003.*bounds\.max/);
  });

  it('and their guard refuse what is no option or no policy', () => {
    expect(() => pcsSanity({ polcy: 1 } as object)).toThrow(/PTC_E004.*pcsSanity\.polcy/);
    expect(() => pcsSanity({ policy: {} as PcsPolicy })).toThrow(/PTC_E001.*pcsSanity\.policy/);
  });
});
