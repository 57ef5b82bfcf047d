import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { Verdict } from '../../src/guard.ts';
import { parseJson } from '../../src/json.ts';
import { parsePcs } from '../../src/pcs/parse.ts';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { type RecomputeOptions, recompute } from '../../src/pcs/recompute.ts';
import { PCS_FACT, type PcsRecord } from '../../src/pcs/record.ts';
import { inspectWith } from './context.ts';
import { realBodies, SAMPLE, SAMPLE_RECORD } from './sample.ts';

function verdictOn(
  changes: Partial<Record<keyof PcsRecord, unknown>>,
  options: RecomputeOptions = {},
  tenant?: string,
): Promise<Verdict> {
  const record = { ...SAMPLE_RECORD, ...changes };
  return inspectWith(recompute(options), { body: SAMPLE }, { [PCS_FACT]: record }, tenant);
}

/** `pass`, or the code it escalates with and the rules it found. */
async function said(...args: Parameters<typeof verdictOn>): Promise<string> {
  const verdict = await verdictOn(...args);
  if (verdict.kind === 'pass') return 'pass';
  if (verdict.kind !== 'escalate') throw new Error(verdict.kind);
  return [verdict.code, ...(verdict.findings ?? []).map(({ rule }) => rule.replace('recompute/', ''))].join(' ');
}

const nj = (...counts: [number, number][]): ReadonlyMap<number, number> => new Map(counts);

describe('recompute', () => {
  it('starts report-only, like any check', () => {
    expect(recompute()).toMatchObject({ name: 'recompute', reads: 'body', defaultStage: 'report-only' });
  });

  it('passes without a record', async () => {
    expect(await inspectWith(recompute(), { body: '{}' })).toEqual({ kind: 'pass' });
  });

  it('passes what agrees, and publishes what it computed', async () => {
    expect(await verdictOn({})).toEqual({
      kind: 'pass',
      facts: { recomputed_D_hat: 1, recomputed_budget: 0.349073359, recomputed_regime: 'mixed' },
    });
  });

  it('passes all 510 real records', async () => {
    for (const body of realBodies()) {
      const json = parseJson(JSON.stringify(body));
      const parsed = json.ok && parsePcs(json.document);
      if (parsed === false || !parsed.ok) throw new Error('not a record');
      const verdict = await inspectWith(recompute(), { body }, { [PCS_FACT]: parsed.record });
      expect(verdict).toMatchObject({ kind: 'pass', facts: { recomputed_D_hat: body.D_hat } });
    }
  });

  // D_hat recomputes to 1; below D0 it has no part in the budget.
  it.each([
    [1.15, 'pass'],
    [1.150000001, 'PTC_D501 d-hat'],
    [0.85, 'pass'],
    [0.849999999, 'PTC_D501 d-hat'],
    [1.1500000004, 'pass'],
    [1.1500000005, 'PTC_D501 d-hat'],
    [0, 'PTC_D501 d-hat'],
  ])('claimed D_hat %d: %s', async (D_hat, expected) => {
    expect(await said({ D_hat })).toBe(expected);
  });

  it.each([
    [1.05, 'sticky', 'pass'],
    [1.050000001, 'sticky', 'PTC_D502 coherence'],
    [1.049999999, 'sticky', 'pass'],
    [0, 'mixed', 'pass'],
    [-1e-9, 'mixed', 'PTC_D502 coherence'],
    [1e-9, 'mixed', 'pass'],
    [-0, 'mixed', 'pass'],
  ])('coherence %d (%s): %s', async (coh_star, regime, expected) => {
    const budget = 0.1 + 0.3 * (1 - SAMPLE_RECORD.r) + 0.2 * coh_star;
    expect(await said({ coh_star, regime, budget })).toBe(expected);
  });

  it.each([
    [0.359073359, 'pass'],
    [0.35907336, 'PTC_D507 budget'],
    [0.339073359, 'pass'],
    [0.339073358, 'PTC_D507 budget'],
    [1e300, 'PTC_D507 budget'],
  ])('claimed budget %d: %s', async (budget, expected) => {
    expect(await said({ budget })).toBe(expected);
  });

  it('escalates a regime that is not that of the claimed signals', async () => {
    expect(await said({ regime: 'sticky' })).toBe('PTC_D506 regime');
    expect(await said({ regime: 'non_sticky' })).toBe('PTC_D506 regime');
  });

  it('judges regime and budget by the claimed D_hat, so a deviation within tolerance counts once', async () => {
    // Counts of 4 x 2^2.5k: D_hat 2.5; claimed 2.6 it is non_sticky and the budget is higher by 0.05.
    const N_j = nj([2, 4], [4, 4 * 2 ** 2.5], [8, 128]);
    const claims = { scales: [2, 4, 8], N_j, D_hat: 2.6, regime: 'non_sticky', coh_star: 0, r: 1, budget: 0.3 };
    expect(await verdictOn(claims)).toEqual({
      kind: 'pass',
      facts: { recomputed_D_hat: 2.5, recomputed_budget: 0.3, recomputed_regime: 'non_sticky' },
    });
  });

  it('says that a count is missing, and gives no D_hat', async () => {
    const verdict = await verdictOn({ N_j: nj([2, 4], [4, 8], [8, 17]) });
    expect(verdict).toEqual({
      kind: 'escalate',
      code: 'PTC_D503',
      findings: [{ rule: 'recompute/nj-missing', place: { in: 'body', pointer: '/N_j' }, score: 1 }],
      facts: { recomputed_D_hat: null, recomputed_budget: 0.349073359, recomputed_regime: 'mixed' },
    });
  });

  it('gives one verdict with the gravest cause first and all findings', async () => {
    const all = { coh_star: 2, D_hat: 3, regime: 'mixed', budget: 0 };
    expect(await said({ ...all, N_j: nj() })).toBe('PTC_D503 nj-missing coherence regime budget');
    expect(await said(all)).toBe('PTC_D502 coherence d-hat regime budget');
    expect(await said({ ...all, coh_star: 1 })).toBe('PTC_D501 d-hat regime budget');
    expect(await said({ regime: 'sticky', budget: 0 })).toBe('PTC_D506 regime budget');
  });

  it('never throws for numbers of any size', async () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(any, any, any, any, async (D_hat, coh_star, r, budget) => {
        const verdict = await verdictOn({ D_hat, coh_star, r, budget });
        expect(['pass', 'escalate']).toContain(verdict.kind);
        expect(verdict.facts?.recomputed_budget).toBeGreaterThanOrEqual(0);
        expect(verdict.facts?.recomputed_budget).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('treats deviations to both sides alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300_000_000 }), async (nano) => {
        const [up, down] = [(1e9 + nano) / 1e9, (1e9 - nano) / 1e9];
        const expected = nano <= 150_000_000 ? 'pass' : 'PTC_D501 d-hat';
        expect([await said({ D_hat: up }), await said({ D_hat: down })]).toEqual([expected, expected]);
      }),
    );
  });
});

describe('recompute: policy', () => {
  const strict = { ...DEFAULT_PCS_POLICY, tolD: 0.01 };

  it('is fixed, or asked for by tenant', async () => {
    expect(await said({ D_hat: 1.1 }, { policy: strict })).toBe('PTC_D501 d-hat');
    const policy = (tenant: string | undefined) => (tenant === 'strict' ? strict : DEFAULT_PCS_POLICY);
    expect(await said({ D_hat: 1.1 }, { policy }, 'strict')).toBe('PTC_D501 d-hat');
    expect(await said({ D_hat: 1.1 }, { policy }, 'other')).toBe('pass');
    expect(await said({ D_hat: 1.1 }, { policy })).toBe('pass');
  });

  it('cannot be changed afterwards', async () => {
    const mutable = { ...DEFAULT_PCS_POLICY };
    const guard = recompute({ policy: mutable });
    mutable.tolD = 0;
    const facts = { [PCS_FACT]: { ...SAMPLE_RECORD, D_hat: 1.1 } };
    expect((await inspectWith(guard, { body: SAMPLE }, facts)).kind).toBe('pass');
  });

  it.each([
    ['null', null, 'PTC_E002'],
    ['a number missing', { ...strict, tolD: undefined }, 'PTC_E001'],
    ['a number that is none', { ...strict, tolD: Number.NaN }, 'PTC_E002'],
    ['infinite', { ...strict, alpha: Infinity }, 'PTC_E003'],
    ['a word', { ...strict, base: '0.1' }, 'PTC_E002'],
    ['an unknown name', { ...strict, tolQ: 1 }, 'PTC_E004'],
  ])('refuses %s', (_name, policy, code) => {
    const make = (): unknown => recompute({ policy: policy as never });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(code);
  });

  it('refuses an unknown option', () => {
    expect(() => recompute({ polizy: strict } as never)).toThrow('PTC_E004');
  });

  it('fails, and so fails closed, where a function returns no policy', async () => {
    await expect(verdictOn({}, { policy: () => undefined as never })).rejects.toThrow('PTC_E002');
  });
});
