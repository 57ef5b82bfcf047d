import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../../gateway/gateway.ts';
import { wiring } from '../../../gateway/probes/wiring.ts';
import { START_MS, serverDatabase, type TestDatabase } from '../postgres/databases.ts';

let it: TestDatabase;
beforeAll(async () => {
  it = await serverDatabase();
});
afterAll(() => it.drop());

const env = (): Record<string, string> => ({ POSTGRES_CONN: it.url('app'), DEDUP_BACKEND: 'postgres' });

test('every capability is wired: each request is answered as it should be, and each counter moves', async () => {
  const { failures, evidence, checks } = await wiring({ ...env(), WAL_DIR: '/nowhere', PCS_HMAC_KEY: 'not used' });
  expect(failures).toEqual([]);
  expect(checks).toBeGreaterThan(20);
  expect(evidence.answers).toEqual({
    honest: 200,
    again: 200,
    signature: 401,
    malformed: 400,
    'personal data': 400,
    dimension: 202,
    counts: 202,
    proof: 401,
    'one too many': 429,
  });
});

test(
  'it is so on PGlite too',
  async () => {
    const { failures, evidence } = await wiring({ POSTGRES_CONN: 'pglite:memory', DEDUP_BACKEND: 'postgres' });
    expect(failures).toEqual([]);
    expect(Object.keys(evidence.moved as object)).toContain('portcullis_dead_letters_total');
  },
  START_MS,
);

test('without a database only what it is for is not looked at', async () => {
  const { failures, evidence } = await wiring({});
  expect(failures).toEqual([]);
  expect(Object.keys(evidence.moved as object)).not.toContain('portcullis_dead_letters_total');
});

test.each<[string, Parameters<typeof wiring>[1], string]>([
  ['a guard that is off', { tenant: { stages: { sanity: 'off' } } }, 'sanity: flk_sanity_check_failed did not move'],
  [
    'personal data that nobody looks for',
    { tenant: { pii: { types: ['iban'] } } },
    'pii: flk_pii_detections_total did not move',
  ],
  ['no quota', { tenant: { dailyQuota: 1_000 } }, 'quota: flk_quota_exceeded_by_tenant did not move'],
  [
    'an index that nothing is written to',
    {
      start: (config, parts) =>
        startGateway({ ...config, postgres: undefined, stores: { ...config.stores, replay: 'memory' } }, parts),
    },
    'dead letters: portcullis_dead_letters_total did not move',
  ],
])(
  'red: %s',
  async (_what, options, failure) => {
    expect((await wiring(env(), options)).failures).toContain(failure);
  },
  START_MS,
);
