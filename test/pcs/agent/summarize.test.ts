import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PcsBody, type SummarizeOptions, summarize, tableBytes } from '../../../src/pcs/agent/summarize.ts';
import { pcsFormat } from '../../../src/pcs/format.ts';
import { pcsId } from '../../../src/pcs/id.ts';
import { DEFAULT_PCS_POLICY } from '../../../src/pcs/policy.ts';
import { recompute } from '../../../src/pcs/recompute.ts';
import { inspectWith } from '../context.ts';
import { readFixture } from '../sample.ts';

const OPTIONS: SummarizeOptions = { shardId: 's-1', epoch: 3, seed: 42, clock: { now: () => 0 } };

const make = (points: number[][], options: Partial<SummarizeOptions> = {}): Promise<PcsBody> =>
  summarize(points, { ...OPTIONS, ...options });

const grid = (n: number): number[][] => Array.from({ length: n ** 2 }, (_, i) => [i % n, Math.floor(i / n), 0]);

describe('summarize', () => {
  it('makes a whole record', async () => {
    const body = await make(grid(33));
    expect(body).toEqual({
      pcs_id: pcsId(body.merkle_root, 3, 's-1'),
      schema: 'fractal-lba-kakeya',
      version: '0.1',
      shard_id: 's-1',
      epoch: 3,
      attempt: 1,
      sent_at: '1970-01-01T00:00:00.000Z',
      seed: 42,
      scales: [2, 4, 8, 16],
      N_j: { '2': 4, '4': 16, '8': 64, '16': 256 },
      coh_star: expect.any(Number),
      v_star: [expect.any(Number), expect.any(Number), expect.any(Number)],
      D_hat: 2,
      r: expect.any(Number),
      regime: expect.any(String),
      budget: expect.any(Number),
      merkle_root: expect.stringMatching(/^[0-9a-f]{64}$/),
      sig: '',
      ft: { outbox_seq: 0, degraded: false, fallbacks: [], clock_skew_ms: 0 },
    });
  });

  it.each([
    ['a line', Array.from({ length: 65 }, (_, i) => [i]), 1],
    ['one point', [[1, 2, 3]], 0],
    ['a cube', Array.from({ length: 17 ** 3 }, (_, i) => [i % 17, Math.floor(i / 17) % 17, Math.floor(i / 289)]), 3],
  ])('gives %s its dimension', async (_name, points, D_hat) => {
    expect((await make(points)).D_hat).toBe(D_hat);
  });

  it('finds one point fully coherent, sticky', async () => {
    expect(await make([[1, 2, 3]])).toMatchObject({ coh_star: 1, regime: 'sticky' });
  });

  interface Table {
    name: string;
    points: number[][];
    seed: number;
    scales: number[];
    N_j: Record<string, number>;
    D_hat: number;
    coh_star: number;
    v_star: number[];
  }

  it.each(readFixture<{ tables: Table[] }>('agent.json').tables)('agrees with Python on $name', async (table) => {
    const { N_j, D_hat, coh_star, v_star, scales, seed } = table;
    expect(await make(table.points, { seed, scales })).toMatchObject({ N_j, D_hat, coh_star, v_star });
  });

  it('gives the same record for the same table, and another id for other data', async () => {
    expect(await make(grid(9))).toEqual(await make(grid(9)));
    const other = await make(grid(9), { data: new TextEncoder().encode('the file') });
    expect(other.pcs_id).not.toBe((await make(grid(9))).pcs_id);
  });

  it('commits to the rows as text where no data is given', async () => {
    expect(
      new TextDecoder().decode(
        tableBytes([
          [1, -0.5],
          [1e21, 0],
        ]),
      ),
    ).toBe('1,-0.5\n1e+21,0\n');
    expect((await make(grid(9), { data: tableBytes(grid(9)) })).pcs_id).toBe((await make(grid(9))).pcs_id);
  });

  it('draws the seed from the id, as a VRF does', async () => {
    const asked: string[] = [];
    const seed = async (id: string): Promise<number> => {
      asked.push(id);
      return 7;
    };
    const body = await make(grid(9), { seed });
    expect(asked).toEqual([body.pcs_id]);
    expect(body).toEqual(await make(grid(9), { seed: 7 }));
  });

  it("passes the gate's own format check and recomputation, for any table", async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    const table = fc
      .integer({ min: 1, max: 3 })
      .chain((columns) =>
        fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 40 }),
      );
    const policy = { ...DEFAULT_PCS_POLICY, alpha: 0.1, stickyCoh: 0.3 };
    await fc.assert(
      fc.asyncProperty(table, fc.maxSafeNat(), async (points, seed) => {
        const body = await make(points, { seed, policy, directions: 16, scales: [2, 3, 4, 8, 512] });
        const format = await inspectWith(pcsFormat(), { body });
        expect(format.kind).toBe('pass');
        // Nothing is left to tolerance.
        const exact = { ...policy, tolD: 0, tolCoh: 0, tolBudget: 0 };
        const verdict = await inspectWith(recompute({ policy: exact }), { body }, format.facts);
        expect(verdict.kind).toBe('pass');
        expect(body.coh_star).toBeGreaterThan(0);
        expect(body.r).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['no rows', [], {}, 'PTC_E003'],
    ['a shard with a space', [[1]], { shardId: 'a b' }, 'shardId'],
    ['no shard', [[1]], { shardId: undefined }, 'shardId'],
    ['a negative epoch', [[1]], { epoch: -1 }, 'epoch'],
    ['no epoch', [[1]], { epoch: undefined }, 'PTC_E001'],
    ['no seed', [[1]], { seed: undefined }, 'PTC_E001'],
    ['a seed that is a text', [[1]], { seed: '42' }, 'seed'],
    ['a seed function that gives none', [[1]], { seed: () => 0.5 }, 'seed'],
    ['one scale', [[1]], { scales: [2] }, 'scales'],
    ['equal scales', [[1]], { scales: [2, 2] }, 'scales'],
    ['a scale too large', [[1]], { scales: [2, 2048] }, 'scales[1]'],
    ['too many scales', [[1]], { scales: Array.from({ length: 33 }, (_, i) => i + 1) }, 'scales'],
    ['no directions', [[1]], { directions: 0 }, 'directions'],
    ['too many directions', [[1]], { directions: 4097 }, 'directions'],
    ['empty data', [[1]], { data: new Uint8Array(0) }, 'data'],
    ['data that is text', [[1]], { data: 'x' }, 'data'],
    ['chunks of nothing', [[1]], { chunkBytes: 0 }, 'chunkBytes'],
    ['a policy of nothing', [[1]], { policy: {} }, 'policy.'],
    ['an option that is none', [[1]], { scale: [2] }, 'PTC_E004'],
  ])('refuses %s', async (_name, points, options, says) => {
    await expect(make(points as number[][], options as never)).rejects.toThrow(says);
  });
});
